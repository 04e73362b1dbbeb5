/**
 * Decides which observations of two sources report the same break. A pure function: the order of
 * arrival does not matter.
 *
 * Isolated observations are paired at once: a push that was live for a while has only one
 * counterpart, and so has an observation with nothing else near it. What remains are retry loops
 * and flapping streams, whose breaks follow each other faster than the two clocks may differ. For
 * each loop we look for the one clock difference under which most observations pair; each pair must
 * fit it within a second.
 *
 * Some loops run for hours. They are split at the widest gap near fixed moments, so that a new
 * observation changes only what is near it. In a long loop at perfectly even intervals, a clock
 * difference cannot be distinguished from one that is a whole interval larger: we take the smaller one,
 * which is wrong only if the clocks differ by half an interval or more.
 *
 * @module
 */
import { bestMatching } from './best-matching.ts';
import {
  ALL_TIME,
  byTime,
  CLOCK_TOLERANCE_MS,
  type Edge,
  type Pairable,
  type Pairing,
  SETTLED_SPAN_MS,
  splitByGap,
  type TimeSpan,
  UNRELATED_GAP_MS,
} from './pairing.ts';
import { splitLoop } from './split-loops.ts';

/**
 * Pairs the observations of one stream. Two of the same side are never paired; each observation is
 * in exactly one pairing.
 *
 * @param couldBeSame - whether the reasons of the two allow them to be one break
 * @param known - the span for which all observations were read; a pairing that depends on others
 *   outside of it says so in `dependsOn`
 */
export function pairObservations<T extends Pairable>(
  left: readonly T[],
  right: readonly T[],
  couldBeSame: (left: T, right: T) => boolean,
  known: TimeSpan = ALL_TIME,
): Pairing<T>[] {
  const lefts = [...left].sort(byTime);
  const rights = [...right].sort(byTime);
  const edges = findEdges(lefts, rights, couldBeSame);
  const settled: Pairing<T>[] = [];
  const evidence: Edge<T>[] = [];
  const open = new Set<T>([...lefts, ...rights]);
  const settle = (edge: Edge<T>) => {
    settled.push({ left: edge.left, right: edge.right, dependsOn: around(edge.left, edge.right) });
    evidence.push(edge);
    open.delete(edge.left);
    open.delete(edge.right);
  };

  findLongPairs(edges).forEach(settle);
  const isRight = new Set(rights);
  const edgeOf = new Map(edges.map((edge) => [edge.left, edge]));
  for (const cluster of splitByGap([...open].sort(byTime))) {
    const [first, second] = cluster as [T, T?];
    // A second edge of these two would lead to a third observation in this cluster.
    const edge = edgeOf.get(first) ?? (second && edgeOf.get(second));
    if (cluster.length === 2 && edge && open.has(edge.left) && open.has(edge.right)) {
      settle(edge);
    } else if (cluster.length <= 2) {
      for (const alone of cluster) {
        settled.push(single(alone, isRight.has(alone), around(alone)));
        open.delete(alone);
      }
    }
  }
  const openEdges = edges.filter((edge) => open.has(edge.left) && open.has(edge.right));
  const byPart = new Map<T, number>();
  const parts = splitByGap([...open].sort(byTime)).flatMap((loop) =>
    splitLoop(loop, isRight, openEdges, evidence, known),
  );
  for (const [number, { nodes }] of parts.entries()) {
    for (const node of nodes) {
      byPart.set(node, number);
    }
  }
  const edgesOfPart = parts.map((): Edge<T>[] => []);
  for (const edge of openEdges) {
    const number = byPart.get(edge.left) as number;
    if (number === byPart.get(edge.right)) {
      edgesOfPart[number]?.push(edge);
    }
  }
  for (const [number, { nodes, evidence, dependsOn }] of parts.entries()) {
    const partEdges = edgesOfPart[number] as Edge<T>[];
    const matching = partEdges.length === 0 ? [] : bestMatching(partEdges, evidence).matching;
    const paired = new Set<T>(matching.flatMap((edge) => [edge.left, edge.right]));
    settled.push(...matching.map(({ left, right }) => ({ left, right, dependsOn })));
    for (const node of nodes) {
      if (!paired.has(node)) {
        settled.push(single(node, isRight.has(node), dependsOn));
      }
    }
  }
  return settled;
}

function around(...nodes: readonly Pairable[]): TimeSpan {
  const times = nodes.map(({ endedAt }) => endedAt);
  return {
    from: Math.min(...times) - SETTLED_SPAN_MS,
    to: Math.max(...times) + SETTLED_SPAN_MS,
  };
}

function single<T>(node: T, isRight: boolean, dependsOn: TimeSpan): Pairing<T> {
  return isRight
    ? { left: undefined, right: node, dependsOn }
    : { left: node, right: undefined, dependsOn };
}

function isLong({ startedAt, endedAt }: Pairable): boolean {
  return startedAt !== null && endedAt - startedAt > UNRELATED_GAP_MS;
}

/** Pushes of a stream do not overlap, so one that was live for a while has one counterpart. */
function findLongPairs<T extends Pairable>(edges: readonly Edge<T>[]): Edge<T>[] {
  const long = edges.filter((edge) => isLong(edge.left) && isLong(edge.right));
  const count = new Map<T, number>();
  for (const node of long.flatMap((edge) => [edge.left, edge.right])) {
    count.set(node, (count.get(node) ?? 0) + 1);
  }
  return long.filter((edge) => count.get(edge.left) === 1 && count.get(edge.right) === 1);
}

/** Lists the pairs that could be one break, in order of time. */
function findEdges<T extends Pairable>(
  lefts: readonly T[],
  rights: readonly T[],
  couldBeSame: (left: T, right: T) => boolean,
): Edge<T>[] {
  const edges: Edge<T>[] = [];
  let from = 0;
  for (const left of lefts) {
    while (from < rights.length && isBefore(rights[from], left.endedAt - CLOCK_TOLERANCE_MS)) {
      from += 1;
    }
    for (let index = from; index < rights.length; index += 1) {
      const right = rights[index] as T;
      const difference = right.endedAt - left.endedAt;
      if (difference > CLOCK_TOLERANCE_MS) {
        break;
      }
      const startGap =
        left.startedAt === null || right.startedAt === null
          ? 0
          : Math.abs(right.startedAt - left.startedAt);
      if (startGap <= CLOCK_TOLERANCE_MS && couldBeSame(left, right)) {
        edges.push({ left, right, difference });
      }
    }
  }
  return edges;
}

function isBefore(node: Pairable | undefined, time: number): boolean {
  return node !== undefined && node.endedAt < time;
}
