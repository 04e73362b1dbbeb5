import type { ShownBreak } from './api.ts';

function newestFirst(a: ShownBreak, b: ShownBreak): number {
  return b.endedAt - a.endedAt || (a.id < b.id ? 1 : -1);
}

/**
 * Puts new and changed breaks among the known ones, dropping those that left the time range.
 *
 * @param from - start of the range, epoch ms UTC
 * @param limit - how many of the newest stay
 */
export function mergeBreaks(
  known: readonly ShownBreak[],
  arrived: readonly ShownBreak[],
  from: number,
  limit = Number.POSITIVE_INFINITY,
): ShownBreak[] {
  const byId = new Map(known.map((shown) => [shown.id, shown]));
  for (const shown of arrived) {
    const before = byId.get(shown.id);
    // What is the same object need not be drawn again: a storm has all fetched every few seconds.
    if (before === undefined || JSON.stringify(before) !== JSON.stringify(shown)) {
      byId.set(shown.id, shown);
    }
  }
  return [...byId.values()]
    .filter((shown) => shown.endedAt >= from)
    .sort(newestFirst)
    .slice(0, limit);
}
