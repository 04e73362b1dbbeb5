import type { Scope } from '../model/incident.ts';
import type { Category } from '../model/vocabulary.ts';
import type { SharedKind } from './scope-values.ts';

/**
 * Which kind is meant when several fit equally well, by what usually fails in the category. A domain
 * goes before its account: that only one domain is hit is what one sees. But a bill is the account's:
 * where all that was live fell, it is no matter of the domain that it was live on.
 */
const PREFERRED: Record<Category, readonly SharedKind[]> = {
  billing: ['account', 'domain', 'app', 'node', 'clientNetwork'],
  auth: ['domain', 'app', 'account', 'clientNetwork', 'node'],
  network: ['clientNetwork', 'node', 'domain', 'app', 'account'],
  client: ['clientNetwork', 'app', 'domain', 'node', 'account'],
  platform: ['node', 'domain', 'app', 'account', 'clientNetwork'],
  config: ['domain', 'app', 'clientNetwork', 'account', 'node'],
  operator: ['domain', 'app', 'account', 'clientNetwork', 'node'],
  unknown: ['domain', 'app', 'clientNetwork', 'node', 'account'],
};

/** An IP list is a domain's, but what it does not let in is an address. */
const OF_ADDRESSES = ['ip_blocklisted', 'ip_not_allowlisted'];

/** Tells whether all of these reasons are about the client's address. */
export function isOfAddresses(reasons: readonly string[]): boolean {
  return reasons.every((reason) => OF_ADDRESSES.includes(reason));
}

/** Of scopes that explain breaks equally well the one with the lowest rank is meant. */
export function rankScope({ kind }: Scope, category: Category, reasons: readonly string[]): number {
  return kind === 'clientNetwork' && isOfAddresses(reasons)
    ? -1
    : PREFERRED[category].indexOf(kind as SharedKind);
}
