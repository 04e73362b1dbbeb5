import type { Chain, Scope } from '../model/incident.ts';
import type { Category } from '../model/vocabulary.ts';
import { isOfAddresses, rankScope } from './rank-scope.ts';
import { isPhysical, type SharedKind, scopeKey, scopesOf } from './scope-values.ts';

/** The outages of one stream that began within one window and have one kind of cause. */
export interface Unit {
  /** Stream by its full key. */
  stream: string;
  /** Oldest first. */
  chains: Chain[];
  scopes: Scope[];
}

/** Units that one cause explains, and what they have in common. */
export interface Group {
  scope: Scope;
  units: Unit[];
  /** Pushes that could have been hit: live before, or trying to start. */
  exposed: number;
}

/** How many pushes of a scope were live just before a window, and how many began in it. */
export interface Exposure {
  /** Whether all live pushes are known, not only those that the breaks tell of. */
  known: boolean;
  live(key: string): number;
  started(key: string): number;
}

/** Fewer streams than this have one cause only if they broke almost at once. */
const GROUP_STREAMS = 3;
/** What begins within this time, in ms, began at once. */
export const AT_ONCE_MS = 5_000;
/** Of the pushes that a cause could have hit, at least this part is hit. */
const LEAST_SHARE = 0.3;
/**
 * When the live pushes are not known, a wide scope looks as fully hit as a narrow one. That all hits
 * lie in a narrow one then speaks for it, so the wide ones weigh less.
 */
const WEIGHT: Record<SharedKind, number> = {
  clientNetwork: 1,
  node: 1,
  app: 0.95,
  domain: 0.95,
  account: 0.85,
};
/** And fewer streams than this may share a scope by chance, unless they broke at once. */
const UNKNOWN_GROUP_STREAMS = 5;
/** Categories in which even two streams of a domain or account hardly break at once by chance. */
const COMMON_CAUSES: readonly Category[] = ['billing', 'platform'];

/** A fault of a wide scope hits at least this part of it. */
const MOSTLY_HIT = 0.8;
/** A few places explain a fault when they hold this part of what was hit … */
const MOSTLY_COVERED = 0.85;
/** … and are no more than this. */
const MOST_PLACES = 3;

/** More causes of one kind at once are not told apart. */
const MOST_GROUPS = 50;

/**
 * Finds what units have in common. The scope that explains most of them while it leaves few of its
 * pushes unhit comes first (harmonic mean of the two parts); what it does not explain is looked at
 * again, so two causes at once stay two.
 *
 * @param units - of one account and one kind of cause
 * @returns the groups, and the units that share nothing with others
 */
export function findGroups(
  units: readonly Unit[],
  exposure: Exposure,
): { groups: Group[]; rest: Unit[] } {
  const groups: Group[] = [];
  let rest = [...units];
  while (rest.length >= 2 && groups.length < MOST_GROUPS) {
    const group = bestGroup(rest, exposure);
    if (!group) {
      break;
    }
    groups.push(group);
    const taken = new Set(group.units);
    rest = rest.filter((unit) => !taken.has(unit));
  }
  return { groups, rest };
}

interface Candidate {
  scope: Scope;
  units: Unit[];
}

function bestGroup(units: readonly Unit[], exposure: Exposure): Group | undefined {
  const candidates = new Map<string, Candidate>();
  for (const unit of units) {
    const tooWide = TOO_WIDE[reasonOf(unit)] ?? [];
    for (const scope of unit.scopes) {
      if (tooWide.includes(scope.kind as SharedKind)) {
        continue;
      }
      const key = scopeKey(scope);
      const candidate = candidates.get(key);
      if (candidate) {
        candidate.units.push(unit);
      } else {
        candidates.set(key, { scope, units: [unit] });
      }
    }
  }
  let best: (Group & { score: number; rank: number; key: string }) | undefined;
  for (const [key, { scope, units: hit }] of candidates) {
    if (!isGroup(scope, hit, exposure.known)) {
      continue;
    }
    const exposed = exposedOf(key, hit, exposure);
    const weight = exposure.known ? 1 : WEIGHT[scope.kind as SharedKind];
    const share = (hit.length / exposed) * weight;
    if (share < LEAST_SHARE) {
      continue;
    }
    const explained = hit.length / units.length;
    const score = Math.round((2e6 * share * explained) / (share + explained));
    const rank = rankScope(scope, categoryOf(hit), hit.map(reasonOf));
    if (
      !best ||
      score > best.score ||
      (score === best.score && (rank < best.rank || (rank === best.rank && key < best.key)))
    ) {
      best = { scope, units: hit, exposed, score, rank, key };
    }
  }
  const narrow = best && isHalfHit(best) ? firstOfCover(best, candidates.values(), exposure) : null;
  const chosen = narrow ?? best;
  return chosen && { scope: chosen.scope, units: chosen.units, exposed: chosen.exposed };
}

/** A wide scope of which much was spared, though what failed is a place. */
function isHalfHit({ scope, units, exposed }: Group): boolean {
  return (
    !isPhysical(scope) &&
    ['network', 'platform'].includes(categoryOf(units)) &&
    units.length < MOSTLY_HIT * exposed
  );
}

/**
 * Two nodes that fail at once look like a part of the account. Where a few nodes or networks account
 * for nearly all that was hit, they are what failed.
 *
 * @returns the largest of them, or null
 */
function firstOfCover(
  { units }: Group,
  candidates: Iterable<Candidate>,
  exposure: Exposure,
): Group | null {
  const places = [...candidates]
    .filter(({ scope, units: hit }) => isPhysical(scope) && hit.length >= UNKNOWN_GROUP_STREAMS)
    .sort(
      (a, b) => b.units.length - a.units.length || (scopeKey(a.scope) < scopeKey(b.scope) ? -1 : 1),
    );
  for (const kind of ['node', 'clientNetwork']) {
    const few = places.filter(({ scope }) => scope.kind === kind).slice(0, MOST_PLACES);
    const covered = few.reduce((sum, place) => sum + place.units.length, 0);
    const [first] = few;
    if (first && few.length > 1 && covered >= MOSTLY_COVERED * units.length) {
      const key = scopeKey(first.scope);
      return { ...first, exposed: exposedOf(key, first.units, exposure) };
    }
  }
  return null;
}

/** What fails with a reason is a setting of this scope, so nothing wider has failed. */
const TOO_WIDE: Readonly<Record<string, readonly SharedKind[]>> = {
  app_disabled: ['account', 'domain'],
  domain_disabled: ['account'],
  domain_invalid: ['account'],
  domain_unrecognized: ['account'],
  auth_check_failed: ['account'],
};

/** Whether so many streams may have one cause at all. */
function isGroup(scope: Scope, hit: readonly Unit[], known: boolean): boolean {
  // A push that is still live does not tell its node or address.
  const isPlace = isPhysical(scope) && !isOfAddresses(hit.map(reasonOf));
  if (hit.length >= (known && !isPlace ? GROUP_STREAMS : UNKNOWN_GROUP_STREAMS)) {
    return true;
  }
  const isLikely =
    known || isPlace || hit.length >= GROUP_STREAMS || COMMON_CAUSES.includes(categoryOf(hit));
  return hit.length >= 2 && isLikely && beganAtOnce(hit);
}

function reasonOf(unit: Unit): string {
  return unit.chains[0]?.decisive.verdict.reason ?? '';
}

function categoryOf(units: readonly Unit[]): Category {
  return units[0]?.chains[0]?.decisive.verdict.category ?? 'unknown';
}

/** A cause of cuts meets live pushes; a cause of refusals meets those that try to start. */
function exposedOf(key: string, hit: readonly Unit[], exposure: Exposure): number {
  const cut = hit.filter(({ chains }) => chains[0]?.firstCause).length;
  return cut * 2 >= hit.length
    ? Math.max(exposure.live(key) + (hit.length - cut), hit.length)
    : hit.length + exposure.started(key);
}

function beganAtOnce(units: readonly Unit[]): boolean {
  const starts = units.map(({ chains }) => chains[0]?.startedAt ?? 0);
  return Math.max(...starts) - Math.min(...starts) <= AT_ONCE_MS;
}

/** A unit of outages of one stream. */
export function unitOf(stream: string, chains: Chain[]): Unit {
  const events = chains.flatMap((chain) => chain.breaks.map(({ event }) => event));
  const [first] = chains as [Chain];
  const scopes = scopesOf({
    account: first.account,
    domain: first.domain,
    app: first.app,
    node: events.find(({ node }) => node !== null)?.node ?? null,
    clientIp: events.find(({ clientIp }) => clientIp !== null)?.clientIp ?? null,
  });
  return { stream, chains, scopes };
}
