import type { TimeRange } from '../../store/store.ts';

/**
 * Adds a range to ranges that still have to be read, joining those that touch or overlap. An empty
 * range adds nothing.
 *
 * @returns ranges oldest first, none of which touch
 */
export function addRange(ranges: readonly TimeRange[], range: TimeRange): TimeRange[] {
  const joined: TimeRange[] = [];
  const all = [...ranges, range].filter(({ from, to }) => from < to);
  for (const next of all.sort((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last && next.from <= last.to) {
      last.to = Math.max(last.to, next.to);
    } else {
      joined.push({ ...next });
    }
  }
  return joined;
}

/**
 * Takes a range away from ranges that still have to be read.
 *
 * @returns ranges oldest first
 */
export function removeRange(ranges: readonly TimeRange[], range: TimeRange): TimeRange[] {
  return ranges.flatMap(({ from, to }) =>
    [
      { from, to: Math.min(to, range.from) },
      { from: Math.max(from, range.to), to },
    ].filter((part) => part.from < part.to),
  );
}

/**
 * The next part to read: the newest, because that is what people ask for first.
 *
 * @param stepMs - longest part
 */
export function newestPart(ranges: readonly TimeRange[], stepMs: number): TimeRange | undefined {
  const newest = ranges.at(-1);
  return newest && { from: Math.max(newest.from, newest.to - stepMs), to: newest.to };
}
