const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Widths of steps that people read at a glance, in ms. Each divides a day or is whole days. */
const NICE_STEPS_MS = [
  ...[1, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 7, 30].map((count) => count * DAY),
];

/** Points of a series when the caller does not say how many it can draw. */
const DEFAULT_POINTS = 400;

/** Points of one group at most, whatever the caller asks for. */
export const MAX_POINTS = 11_000;

/**
 * The narrowest nice step that fits a range into the points that a caller can draw.
 *
 * @param rangeMs - length of the range
 * @param maxDataPoints - at most {@link MAX_POINTS} of them are given
 * @returns ms; for ranges beyond the nice steps, whole days
 */
export function chooseStep(rangeMs: number, maxDataPoints: number = DEFAULT_POINTS): number {
  const narrowest = rangeMs / Math.min(Math.max(1, maxDataPoints), MAX_POINTS);
  return NICE_STEPS_MS.find((step) => step >= narrowest) ?? Math.ceil(narrowest / DAY) * DAY;
}
