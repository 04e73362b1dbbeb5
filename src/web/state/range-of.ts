/** Bars of the chart. */
const STEPS = 96;

/**
 * The range that ends with the step of now, in equal steps.
 *
 * @param now - epoch ms
 * @returns epoch ms UTC; both ends are whole steps
 */
export function rangeOf(hours: number, now: number): { from: number; to: number; stepMs: number } {
  const stepMs = (hours * 3_600_000) / STEPS;
  const to = Math.ceil(now / stepMs) * stepMs;
  return { from: to - hours * 3_600_000, to, stepMs };
}
