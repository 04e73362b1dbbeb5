import type { Scope, ScopeKind } from '../model/incident.ts';
import type { Category } from '../model/vocabulary.ts';
import { clientNetwork } from './client-network.ts';

/** What of a break or a push says where it happened. */
export interface Place {
  account: string;
  domain: string;
  app: string;
  node: string | null;
  clientIp: string | null;
}

/** Kinds that a group of streams may share. */
export type SharedKind = Exclude<ScopeKind, 'stream'>;

/** Kinds that a live push does not tell: only its end does. */
export type PlaceKind = Extract<SharedKind, 'node' | 'clientNetwork'>;

/** All scopes that a place lies in, but the stream itself; widest first. */
export function scopesOf({ account, domain, app, node, clientIp }: Place): Scope[] {
  const scopes: Scope[] = [
    { kind: 'account', account, value: account },
    { kind: 'domain', account, value: domain },
    { kind: 'app', account, value: `${domain}/${app}` },
  ];
  if (node !== null) {
    scopes.push({ kind: 'node', account, value: node });
  }
  const network = clientIp === null ? null : clientNetwork(clientIp);
  if (network !== null) {
    scopes.push({ kind: 'clientNetwork', account, value: network });
  }
  return scopes;
}

/** Tells whether a scope is a place of the network rather than a part of the account. */
export function isPhysical(scope: Scope): scope is Scope & { kind: PlaceKind } {
  return scope.kind === 'node' || scope.kind === 'clientNetwork';
}

/** A text that names a scope within its account. */
export function scopeKey({ kind, value }: Scope): string {
  return `${kind} ${value}`;
}

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

/**
 * What fails with these reasons is a setting of one kind of scope, whatever else its streams share. For
 * `auth_check_failed` it is a key, which every domain has for itself.
 */
const SETTINGS: Readonly<Record<string, readonly SharedKind[]>> = {
  app_disabled: ['app'],
  domain_disabled: ['domain'],
  domain_invalid: ['domain'],
  domain_unrecognized: ['domain'],
  auth_check_failed: ['domain', 'app', 'clientNetwork'],
};
const ALL_KINDS: readonly SharedKind[] = ['account', 'domain', 'app', 'node', 'clientNetwork'];
const WITHOUT_ACCOUNT = ALL_KINDS.filter((kind) => kind !== 'account');

/**
 * Kinds of scope that a shared cause may have. A bill is the account's.
 *
 * @param isGuess - the reason is only guessed, so it is no evidence of a fault of the whole account
 */
export function kindsOf(
  category: Category,
  reason: string,
  isGuess: boolean,
): readonly SharedKind[] {
  if (isGuess) {
    return WITHOUT_ACCOUNT;
  }
  return category === 'billing' ? ['account'] : (SETTINGS[reason] ?? ALL_KINDS);
}

/** Kinds that a cause of a category rarely has. */
const RARE: Partial<Record<Category, readonly SharedKind[]>> = {
  auth: ['clientNetwork', 'node'],
  network: ['domain', 'app', 'account'],
  platform: ['app', 'clientNetwork'],
  config: ['node'],
  operator: ['clientNetwork', 'node'],
};
const RARE_COST = 4;
const RANK_COST = 0.5;

/** How little a scope is to be expected before one looks, as minus the logarithm of a probability. */
export function costOfScope(scope: Scope, category: Category, reasons: readonly string[]): number {
  const isRare = RARE[category]?.includes(scope.kind as SharedKind) ?? false;
  const rank = Math.max(0, rankScope(scope, category, reasons));
  return rank * RANK_COST + (isRare && !isOfAddresses(reasons) ? RARE_COST : 0);
}

/** Of scopes that explain breaks equally well the one with the lowest rank is meant. */
export function rankScope({ kind }: Scope, category: Category, reasons: readonly string[]): number {
  return kind === 'clientNetwork' && isOfAddresses(reasons)
    ? -1
    : PREFERRED[category].indexOf(kind as SharedKind);
}
