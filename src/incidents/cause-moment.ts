import type { Chain } from '../model/incident.ts';

/** Tells whether something else than what cut the push keeps it from coming back. */
export function isBlockedByOther({ firstCause, blocker }: Chain): boolean {
  return (
    firstCause !== null && blocker !== null && firstCause.verdict.reason !== blocker.verdict.reason
  );
}

/**
 * When the cause of an outage was first met: at its begin, or when the first try was refused for the
 * reason that keeps it down. A line may have been down for long when the account falls into arrears.
 *
 * @returns epoch ms UTC
 */
export function causeMoment(chain: Chain): number {
  if (!isBlockedByOther(chain)) {
    return chain.startedAt;
  }
  const reason = chain.blocker?.verdict.reason;
  const refusal = chain.breaks.find(({ verdict }) => verdict.reason === reason);
  return refusal?.event.endedAt ?? chain.startedAt;
}
