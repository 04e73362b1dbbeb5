import type { Scope } from '../model/incident.ts';
import type { Category } from '../model/vocabulary.ts';
import { isBlockedByOther } from './cause-of-outage.ts';
import { isOfAddresses, isPhysical, rankScope, type SharedKind, scopeKey } from './scopes.ts';
import {
  categoryOf,
  type Exposure,
  type Group,
  isGuessed,
  reasonOf,
  startsOf,
  type Unit,
  withoutHit,
} from './units.ts';

/** Fewer streams than this have one cause only if they broke almost at once. */
const GROUP_STREAMS = 3;
/** What begins within this time, in ms, began at once. */
export const AT_ONCE_MS = 5_000;
/** Of the pushes that a cause could have hit, at least this part is hit. */
const MIN_SHARE = 0.3;
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
/** A link or a node fails with what runs over it, and rarely with a name that it is pushed to. */
const WEIGHT_OF_FAILURES: Record<SharedKind, number> = {
  clientNetwork: 1,
  node: 1,
  app: 0.8,
  domain: 0.8,
  account: 0.7,
};
/** And fewer streams than this may share a scope by chance, unless they broke at once. */
const UNKNOWN_GROUP_STREAMS = 5;
/** Links that fail one after the other, at several places, are so many by chance. */
const SPREAD_FAILURE_STREAMS = 8;
/** Categories in which even two streams of a domain or account hardly break at once by chance. */
const COMMON_CAUSES: readonly Category[] = ['billing', 'platform'];

/** A fault of a wide scope hits at least this part of it. */
const MOSTLY_HIT = 0.8;
/** A few places explain a fault when they hold this part of what was hit … */
const MOSTLY_COVERED = 0.85;
/** … and are no more than this. */
const MAX_PLACES = 3;
/** … or this when nobody knows what was spared: all of an account lies on few nodes, too. */
const MAX_PLACES_UNKNOWN = 2;

/** More causes of one kind at once are not told apart. */
const MAX_GROUPS = 50;

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
  let spared = exposure;
  while (rest.length >= 2 && groups.length < MAX_GROUPS) {
    const group = bestGroup(rest, spared);
    if (!group) {
      break;
    }
    groups.push(group);
    const taken = new Set(group.units);
    rest = rest.filter((unit) => !taken.has(unit));
    spared = withoutHit(
      exposure,
      groups.flatMap((found) => found.units),
    );
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
    // A guessed reason is no evidence of a fault of the whole account.
    const tooWide = isGuessed([unit]) ? (['account'] as const) : (TOO_WIDE[reasonOf(unit)] ?? []);
    for (const [place, scope] of unit.scopes.entries()) {
      if (tooWide.includes(scope.kind as SharedKind)) {
        continue;
      }
      const key = unit.scopeKeys[place] as string;
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
    const weight = exposure.known ? 1 : weightsFor(hit)[scope.kind as SharedKind];
    const share = (hit.length / exposed) * weight;
    if (share < MIN_SHARE) {
      continue;
    }
    const explained = hit.length / units.length;
    const score = Math.round((2e6 * share * explained) / (share + explained));
    const category = isGuessed(hit) ? 'unknown' : categoryOf(hit);
    const rank = rankScope(scope, category, hit.map(reasonOf));
    if (
      !best ||
      score > best.score ||
      (score === best.score && (rank < best.rank || (rank === best.rank && key < best.key)))
    ) {
      best = { scope, units: hit, exposed, score, rank, key };
    }
  }
  const narrow =
    best && isHalfHit(best, exposure.known)
      ? firstOfCover(best, candidates.values(), exposure)
      : null;
  const chosen = narrow ?? best;
  return chosen && { scope: chosen.scope, units: chosen.units, exposed: chosen.exposed };
}

function weightsFor(units: readonly Unit[]): Record<SharedKind, number> {
  return isOfPlaces(units) ? WEIGHT_OF_FAILURES : WEIGHT;
}

/** Whether what failed is a place, if it is not all of CSS. */
function isOfPlaces(units: readonly Unit[]): boolean {
  return ['network', 'platform'].includes(categoryOf(units));
}

/** A wide scope of which much was spared, as far as one can know, though what failed is a place. */
function isHalfHit({ scope, units, exposed }: Group, known: boolean): boolean {
  return !isPhysical(scope) && isOfPlaces(units) && (!known || units.length < MOSTLY_HIT * exposed);
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
  const max = exposure.known ? MAX_PLACES : MAX_PLACES_UNKNOWN;
  const places = [...candidates].filter(({ scope }) => isPhysical(scope));
  const few: Candidate[] = [];
  let rest = new Set(units);
  while (few.length < max && rest.size > (1 - MOSTLY_COVERED) * units.length) {
    let next: Candidate | undefined;
    for (const { scope, units: all } of places) {
      const hit = all.filter((unit) => rest.has(unit));
      const isMore =
        hit.length - (next?.units.length ?? UNKNOWN_GROUP_STREAMS - 1) ||
        (next && scopeKey(scope) < scopeKey(next.scope) ? 1 : 0);
      if (isMore > 0) {
        next = { scope, units: hit };
      }
    }
    if (!next) {
      return null;
    }
    few.push(next);
    const taken = new Set(next.units);
    rest = new Set([...rest].filter((unit) => !taken.has(unit)));
  }
  const [first] = few;
  if (!first || rest.size > (1 - MOSTLY_COVERED) * units.length) {
    return null;
  }
  return { ...first, exposed: exposedOf(scopeKey(first.scope), first.units, exposure) };
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
  const spread = known && !isPlace ? GROUP_STREAMS : UNKNOWN_GROUP_STREAMS;
  if (hit.length >= (!known && !isPlace && isOfPlaces(hit) ? SPREAD_FAILURE_STREAMS : spread)) {
    return true;
  }
  const isLikely =
    known ||
    isPlace ||
    hit.length >= GROUP_STREAMS ||
    (COMMON_CAUSES.includes(categoryOf(hit)) && !isGuessed(hit));
  return hit.length >= 2 && isLikely && beganAtOnce(hit);
}

/**
 * A cause of cuts meets live pushes; a cause of refusals meets those that try to start, be it after a
 * cut that had another cause.
 */
function exposedOf(key: string, hit: readonly Unit[], exposure: Exposure): number {
  const cut = hit.filter(({ chains: [chain] }) => chain?.firstCause && !isBlockedByOther(chain));
  return cut.length * 2 >= hit.length
    ? Math.max(exposure.live(key) + (hit.length - cut.length), hit.length)
    : hit.length + exposure.started(key);
}

function beganAtOnce(units: readonly Unit[]): boolean {
  const { from, to } = startsOf(units);
  return to - from <= AT_ONCE_MS;
}
