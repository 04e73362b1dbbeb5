/** Limits of a wait that doubles, in ms. */
export interface Backoff {
  firstMs: number;
  maxMs: number;
}

/**
 * How long to wait after a number of failures in a row, in ms: it doubles each time, and up to half
 * of it is left to chance, so that callers that failed together do not retry together.
 *
 * @param failures - from 1
 * @param random - from 0 to 1
 */
export function backoffMs(
  { firstMs, maxMs }: Backoff,
  failures: number,
  random: number = Math.random(),
): number {
  const whole = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return whole * (0.5 + random / 2);
}
