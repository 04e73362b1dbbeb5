import { byTime, CLOCK_TOLERANCE_MS, type Edge, type Pairable } from './pairing-terms.ts';

/** Both sources tell whole seconds, so one break may seem up to a second apart. */
const SECOND_MS = 1_000;
/** Clock differences are tried in steps of this, in ms. */
const OFFSET_STEP_MS = 500;

/**
 * The clock difference under which most pair, and the pairs: then the one that fits best, then the
 * smallest.
 *
 * @param evidence - differences of pairs that are settled, which count like pairs
 * @param slack - a greater difference must win by more than so many pairs
 */
export function bestMatching<T extends Pairable>(
  edges: readonly Edge<T>[],
  evidence: readonly number[],
  slack = 0,
): { offset: number; matching: Edge<T>[] } {
  let best = { offset: 0, matching: [] as Edge<T>[], count: -1, misfit: 0 };
  for (let step = 0; step <= CLOCK_TOLERANCE_MS / OFFSET_STEP_MS; step += 1) {
    const size = step * OFFSET_STEP_MS;
    for (const offset of size === 0 ? [0] : [size, -size]) {
      const misfitOf = (difference: number) => Math.abs(difference - offset);
      const fitting = edges.filter((edge) => misfitOf(edge.difference) <= SECOND_MS);
      const agreeing = evidence.map(misfitOf).filter((misfit) => misfit <= SECOND_MS);
      if (agreeing.length + fitting.length < best.count) {
        continue;
      }
      const matching = matchMost(fitting, offset);
      const count = matching.length + agreeing.length;
      const misfit =
        matching.reduce((sum, edge) => sum + misfitOf(edge.difference) ** 2, 0) +
        agreeing.reduce((sum, one) => sum + one ** 2, 0);
      if (
        count > best.count + (size > Math.abs(best.offset) + SECOND_MS ? slack : 0) ||
        (count === best.count && misfit < best.misfit)
      ) {
        best = { offset, matching, count, misfit };
      }
    }
  }
  return best;
}

/** As many pairs as possible: the best fitting first, then others give way where that gains one. */
function matchMost<T extends Pairable>(edges: readonly Edge<T>[], offset: number): Edge<T>[] {
  const sorted = [...edges].sort(
    (a, b) =>
      Math.abs(a.difference - offset) - Math.abs(b.difference - offset) ||
      byTime(a.left, b.left) ||
      byTime(a.right, b.right),
  );
  const edgesOf = new Map<T, Edge<T>[]>();
  for (const edge of sorted) {
    edgesOf.set(edge.left, [...(edgesOf.get(edge.left) ?? []), edge]);
  }
  const ofLeft = new Map<T, Edge<T>>();
  const ofRight = new Map<T, Edge<T>>();
  const join = (edge: Edge<T>) => {
    ofLeft.set(edge.left, edge);
    ofRight.set(edge.right, edge);
  };
  for (const edge of sorted) {
    if (!ofLeft.has(edge.left) && !ofRight.has(edge.right)) {
      join(edge);
    }
  }
  const giveWay = (left: T, tried: Set<T>): boolean => {
    for (const edge of edgesOf.get(left) ?? []) {
      if (tried.has(edge.right)) {
        continue;
      }
      tried.add(edge.right);
      const holder = ofRight.get(edge.right);
      if (!holder || giveWay(holder.left, tried)) {
        join(edge);
        return true;
      }
    }
    return false;
  };
  for (const left of [...edgesOf.keys()].sort(byTime)) {
    if (!ofLeft.has(left)) {
      giveWay(left, new Set());
    }
  }
  return [...ofLeft.values()].sort((a, b) => byTime(a.left, b.left));
}
