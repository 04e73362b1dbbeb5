import type { BreakRecord } from '../model/break-record.ts';

/** So great a part of the pushes that were cut has to have begun while we were listening. */
const MIN_PART = 0.8;

/**
 * Tells whether the live pushes of an account are known well enough to say which part of them was
 * hit. Who began to listen in the middle knows only pushes that began later; how many those are of
 * all shows in those that were cut.
 *
 * @param records - breaks of the account
 * @param since - from when on begins of pushes are known, epoch ms UTC; null when they never are
 */
export function knowsPushes(records: readonly BreakRecord[], since: number | null): boolean {
  if (since === null) {
    return false;
  }
  let cuts = 0;
  let known = 0;
  for (const { event, verdict } of records) {
    if (verdict.outcome === 'broken' && event.startedAt !== null) {
      cuts += 1;
      known += event.startedAt >= since ? 1 : 0;
    }
  }
  return known >= cuts * MIN_PART;
}
