/**
 * Which sightings of two sources tell of the same break: a pure function, the same for whatever
 * order they came in.
 *
 * What stands apart is settled at once: a push that was live for a while has but one counterpart,
 * and so has a sighting with nothing else around it. What is left is loops of refusals and flaps,
 * which follow each other faster than clocks may differ. There one difference of the clocks is
 * sought that lets most of them pair, and each must fit it within a second.
 *
 * Some loops run for hours. Those are worked on in segments, cut at the widest gap near fixed
 * moments, so that what arrives changes its surroundings alone. In such a long loop at perfectly
 * even intervals, nobody can tell a clock difference from one that is an interval away: the smaller
 * is taken, which is wrong only if the clocks differ by half an interval or more.
 *
 * @module
 */
import { bestMatching } from './best-matching.ts';
import { findEdges } from './find-edges.ts';
import { partsOf } from './loop-parts.ts';
import {
  APART_MS,
  byTime,
  type Edge,
  EVERYWHERE,
  type Pairable,
  type Pairing,
  type Reach,
  SETTLED_REACH_MS,
  splitByGap,
} from './pairing-terms.ts';

/**
 * Pairs sightings of one stream. No two of one side are ever paired, and each is in exactly one
 * pairing.
 *
 * @param couldBeSame - whether the reasons of two allow them to be one break
 * @param known - sightings are known within this only; what a result would hang on outside of it
 *   shows in its reach
 */
export function pairObservations<T extends Pairable>(
  left: readonly T[],
  right: readonly T[],
  couldBeSame: (left: T, right: T) => boolean,
  known: Reach = EVERYWHERE,
): Pairing<T>[] {
  const lefts = [...left].sort(byTime);
  const rights = [...right].sort(byTime);
  const edges = findEdges(lefts, rights, couldBeSame);
  const settled: Pairing<T>[] = [];
  const evidence: Edge<T>[] = [];
  const open = new Set<T>([...lefts, ...rights]);
  const settle = (edge: Edge<T>) => {
    settled.push({ left: edge.left, right: edge.right, reach: around(edge.left, edge.right) });
    evidence.push(edge);
    open.delete(edge.left);
    open.delete(edge.right);
  };

  findLongPairs(edges).forEach(settle);
  const isRight = new Set(rights);
  const edgeOf = new Map(edges.map((edge) => [edge.left, edge]));
  for (const cluster of splitByGap([...open].sort(byTime))) {
    const [first, second] = cluster as [T, T?];
    // Another edge of these two would lead to a third sighting near by.
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
    partsOf(loop, isRight, openEdges, evidence, known),
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
  for (const [number, { nodes, evidence, reach }] of parts.entries()) {
    const { matching } = bestMatching(edgesOfPart[number] as Edge<T>[], evidence);
    const paired = new Set<T>(matching.flatMap((edge) => [edge.left, edge.right]));
    settled.push(...matching.map(({ left, right }) => ({ left, right, reach })));
    for (const node of nodes) {
      if (!paired.has(node)) {
        settled.push(single(node, isRight.has(node), reach));
      }
    }
  }
  return settled;
}

function around(...nodes: readonly Pairable[]): Reach {
  const times = nodes.map(({ endedAt }) => endedAt);
  return {
    from: Math.min(...times) - SETTLED_REACH_MS,
    to: Math.max(...times) + SETTLED_REACH_MS,
  };
}

function single<T>(node: T, isRight: boolean, reach: Reach): Pairing<T> {
  return isRight
    ? { left: undefined, right: node, reach }
    : { left: node, right: undefined, reach };
}

function isLong({ startedAt, endedAt }: Pairable): boolean {
  return startedAt !== null && endedAt - startedAt > APART_MS;
}

/** Pushes of a stream follow each other, so one that was live for a while has one counterpart. */
function findLongPairs<T extends Pairable>(edges: readonly Edge<T>[]): Edge<T>[] {
  const long = edges.filter((edge) => isLong(edge.left) && isLong(edge.right));
  const count = new Map<T, number>();
  for (const node of long.flatMap((edge) => [edge.left, edge.right])) {
    count.set(node, (count.get(node) ?? 0) + 1);
  }
  return long.filter((edge) => count.get(edge.left) === 1 && count.get(edge.right) === 1);
}
