import type { Chain } from '../model/incident.ts';

/** Categories whose causes show under several reasons. */
const MANY_REASONS = ['billing', 'network', 'platform'];

/** The reason of every refusal without a sub code: what the push URL tells, a rule says, not the reason. */
const ANY_REFUSAL = 'push_auth_failed';

/**
 * Key of the cause of an outage; outages with the same key may have one cause. Billing, network and
 * platform faults show up under several reasons. In other categories another reason has another fix.
 */
export function causeKeyOf({ decisive: { verdict } }: Chain): string {
  // A reason that is only a guess from a similar text must not join or start a fault of many reasons.
  return coversSeveralReasons(verdict.category) && verdict.ground !== 'similar-text'
    ? verdict.category
    : `${verdict.category} ${reasonKeyOf(verdict)}`;
}

/** Key of a reason: of a refusal without a sub code, with what a rule found in its push URL. */
export function reasonKeyOf({ reason, rule }: Chain['decisive']['verdict']): string {
  return reason === ANY_REFUSAL ? `${reason} ${rule.id}` : reason;
}

/** Tells whether a cause key, or a category, covers several reasons. */
export function coversSeveralReasons(causeKey: string): boolean {
  return MANY_REASONS.includes(causeKey);
}

/** Tells whether the stream stays down for another reason than the one that cut the push. */
export function isBlockedByOther({ firstCause, blocker }: Chain): boolean {
  return (
    firstCause !== null && blocker !== null && firstCause.verdict.reason !== blocker.verdict.reason
  );
}

/**
 * Returns when the cause of an outage first showed: at its start, or when the first try was refused
 * for the reason that keeps it down. A stream may be down for hours before its account is in arrears.
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
