import type { Facts } from '../../model/facts.ts';

/**
 * Removes from other possible reasons those that the push URL settles: what it proves, the cause says already, and what it
 * refutes is no possibility.
 *
 * @param reasons - ids of reasons that the code or text could mean as well
 */
export function otherReasons(reasons: readonly string[], facts: Facts): string[] {
  const { secondsPastExpiry, txSecretMatches } = facts;
  const isExpiryKnown = typeof secondsPastExpiry === 'number';
  const isExpired = isExpiryKnown && secondsPastExpiry > 0;
  const isSettled: Readonly<Record<string, boolean>> = {
    expiry_passed: isExpiryKnown,
    auth_check_failed: txSecretMatches === 'yes' || (txSecretMatches === 'no' && !isExpired),
  };
  return reasons.filter((id) => !isSettled[id]);
}
