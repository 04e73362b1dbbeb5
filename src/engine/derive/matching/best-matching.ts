import { byTime, CLOCK_TOLERANCE_MS, type Edge, type Pairable } from './pairing.ts';

/** Both sources report whole seconds, so two reports of one break may differ by a second. */
const SECOND_MS = 1_000;
/** Step between the clock differences that are tried, ms. */
const OFFSET_STEP_MS = 500;

/**
 * Finds the clock difference under which most observations pair, and those pairs. Ties go to the
 * difference that fits best, then to the smallest.
 *
 * @param evidence - clock differences of settled pairs, ms; each counts like a pair
 * @param slack - a larger difference must win by more than this number of pairs
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
      const matching = findMaximumMatching(fitting, offset);
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

/** A maximum matching: the best fitting pairs first, reassigned where that gains another pair. */
function findMaximumMatching<T extends Pairable>(
  edges: readonly Edge<T>[],
  offset: number,
): Edge<T>[] {
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
  const reassign = (left: T, tried: Set<T>): boolean => {
    for (const edge of edgesOf.get(left) ?? []) {
      if (tried.has(edge.right)) {
        continue;
      }
      tried.add(edge.right);
      const holder = ofRight.get(edge.right);
      if (!holder || reassign(holder.left, tried)) {
        join(edge);
        return true;
      }
    }
    return false;
  };
  for (const left of [...edgesOf.keys()].sort(byTime)) {
    if (!ofLeft.has(left)) {
      reassign(left, new Set());
    }
  }
  return [...ofLeft.values()].sort((a, b) => byTime(a.left, b.left));
}
