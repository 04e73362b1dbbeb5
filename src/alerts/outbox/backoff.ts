/** How long to wait before a further try, in ms. */
export interface Backoff {
  firstMs: number;
  maxMs: number;
}

/**
 * The wait after a number of failures in a row: doubled each time, and anything from half to the
 * whole of it, so that what failed together is not tried together.
 *
 * @param failures - from 1
 * @param random - from 0 to 1
 */
export function backoffMs({ firstMs, maxMs }: Backoff, failures: number, random: number) {
  const whole = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return whole * (0.5 + random / 2);
}
