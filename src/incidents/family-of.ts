import type { Chain } from '../model/incident.ts';

/** Categories whose causes show under several reasons. */
const MANY_REASONS = ['billing', 'network', 'platform'];

/**
 * What kind of cause an outage has. Bills, networks and Tencent's own faults show under several
 * reasons; in the other categories another reason is another fix.
 */
export function familyOf({ decisive: { verdict } }: Chain): string {
  return isOfManyReasons(verdict.category)
    ? verdict.category
    : `${verdict.category} ${verdict.reason}`;
}

/** Tells whether a family, or the category that it is named after, holds several reasons. */
export function isOfManyReasons(family: string): boolean {
  return MANY_REASONS.includes(family);
}
