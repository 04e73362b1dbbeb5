/** Counts in a half-open range, epoch ms UTC. */
export type CountIn = (from: number, to: number) => number;

/**
 * Counts in windows of one width that end at several moments, exclusive. Close moments share work: from
 * one to the next, only what enters and what leaves the window is counted.
 *
 * @param moments - epoch ms UTC, in any order
 * @param windowMs - width of each window
 * @param countIn - counts in a half-open range
 * @returns counts by moment
 */
export function countWindows(
  moments: Iterable<number>,
  windowMs: number,
  countIn: CountIn,
): Map<number, number> {
  const counts = new Map<number, number>();
  let count = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (const moment of [...new Set(moments)].sort((a, b) => a - b)) {
    // If they are further apart, counting the two differences is as much work as the whole window.
    count =
      moment - last < windowMs / 2
        ? count + countIn(last, moment) - countIn(last - windowMs, moment - windowMs)
        : countIn(moment - windowMs, moment);
    counts.set(moment, count);
    last = moment;
  }
  return counts;
}
