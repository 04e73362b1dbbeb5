/**
 * Counts what lies in windows of one width that end at several moments, exclusive. Moments that lie
 * close share the counting: from one to the next only what came in and what fell out is counted.
 *
 * @param moments - epoch ms UTC, in any order
 * @param windowMs - width of each window
 * @param countIn - counts what lies in a range, half-open
 * @returns counts by moment
 */
export function countWindows(
  moments: Iterable<number>,
  windowMs: number,
  countIn: (from: number, to: number) => number,
): Map<number, number> {
  const counts = new Map<number, number>();
  let count = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (const moment of [...new Set(moments)].sort((a, b) => a - b)) {
    // Further apart, the two differences would be as much work as the window.
    count =
      moment - last < windowMs / 2
        ? count + countIn(last, moment) - countIn(last - windowMs, moment - windowMs)
        : countIn(moment - windowMs, moment);
    counts.set(moment, count);
    last = moment;
  }
  return counts;
}
