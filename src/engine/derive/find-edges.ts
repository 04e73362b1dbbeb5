import { CLOCK_TOLERANCE_MS, type Edge, type Pairable } from './pairing-terms.ts';

/** All that could be one break, by time. */
export function findEdges<T extends Pairable>(
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
