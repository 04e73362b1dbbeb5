/** Each poll reads this far back before the last one, in ms, as records may appear late. */
export const OVERLAP_MS = 10 * 60_000;
export const DAY_MS = 86_400_000;

/** Cuts a time to its second, as the API knows no less. */
export function wholeSecond(time: number): number {
  return Math.floor(time / 1_000) * 1_000;
}
