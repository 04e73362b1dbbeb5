import type { Outcome } from './vocabulary.ts';

/** CSS notices that a link is gone only after so long without data, in ms. */
const UNNOTICED_MS = 70_000;
const SILENT_REASONS: readonly string[] = ['network', 'idle_no_data'];

/**
 * Since about when viewers had no picture, where that was well before CSS ended the push: a network
 * or idle break is told only after 70 s without data.
 *
 * @param startedAt - when the push began; it can not have been silent before
 * @returns epoch ms UTC; null where data came until the break
 */
export function silentSince(event: {
  reason: string;
  outcome: Outcome;
  startedAt: number | null;
  endedAt: number;
}): number | null {
  const { reason, outcome, startedAt, endedAt } = event;
  return outcome === 'broken' && SILENT_REASONS.includes(reason)
    ? Math.max(endedAt - UNNOTICED_MS, startedAt ?? Number.NEGATIVE_INFINITY)
    : null;
}
