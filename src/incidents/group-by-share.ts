import type { Scope } from '../model/incident.ts';
import type { Category } from '../model/vocabulary.ts';
import { isOfAddresses, isPhysical, rankScope, type SharedKind, scopeKey } from './scopes.ts';
import {
  AT_ONCE_MS,
  type Candidate,
  categoryOf,
  type Exposure,
  exposedTo,
  type Group,
  isGuessed,
  reasonOf,
  startsOf,
  type Unit,
  wasCut,
} from './units.ts';

/** Fewer streams than this that broke at once have one cause only if it is one that affects many. */
const GROUP_STREAMS = 3;
/** Of the pushes that a cause could have hit, at least this part is hit. */
const MIN_SHARE = 0.3;
/**
 * As the live pushes are not known, a wide scope looks as fully hit as a narrow one. That all hits
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
/** Fewer streams than this may share a scope by chance, unless they broke at once. */
const SPREAD_STREAMS = 5;
/** Links that fail one after the other, at several places, are so many by chance. */
const SPREAD_FAILURE_STREAMS = 8;
/** Categories in which even two streams of a domain or account hardly break at once by chance. */
const COMMON_CAUSES: readonly Category[] = ['billing', 'platform'];

/** A few places explain a fault when they hold this part of what was hit … */
const MOSTLY_COVERED = 0.85;
/** … and are no more than this: all of an account is on few nodes, too. */
const MAX_PLACES = 2;

/**
 * Finds the scope that explains most of the units while it leaves few of its pushes unaffected, as far as
 * the breaks tell what was live: harmonic mean of the two parts. For accounts whose live pushes are not
 * known.
 */
export function groupByShare(
  units: readonly Unit[],
  candidates: ReadonlyMap<string, Candidate>,
  exposure: Exposure,
): Group | undefined {
  let best: (Group & { score: number; rank: number; key: string }) | undefined;
  for (const [key, { scope, units: hit }] of candidates) {
    if (!isGroup(scope, hit)) {
      continue;
    }
    const exposed = exposedOf(key, hit, exposure);
    const share = (hit.length / exposed) * weightsFor(hit)[scope.kind as SharedKind];
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
      best = { scope, units: hit, exposed, usualRate: 0, score, rank, key };
    }
  }
  const narrow =
    best && isWideFailure(best) ? firstOfCover(best, candidates.values(), exposure) : null;
  const chosen = narrow ?? best;
  return (
    chosen && { scope: chosen.scope, units: chosen.units, exposed: chosen.exposed, usualRate: 0 }
  );
}

function weightsFor(units: readonly Unit[]): Record<SharedKind, number> {
  return isOfPlaces(units) ? WEIGHT_OF_FAILURES : WEIGHT;
}

/** Whether what failed is a place, if it is not all of CSS. */
function isOfPlaces(units: readonly Unit[]): boolean {
  return ['network', 'platform'].includes(categoryOf(units));
}

/** A part of the account, though what failed is a place. */
function isWideFailure({ scope, units }: Group): boolean {
  return !isPhysical(scope) && isOfPlaces(units);
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
  const places = [...candidates].filter(({ scope }) => isPhysical(scope));
  const few: Candidate[] = [];
  let rest = new Set(units);
  while (few.length < MAX_PLACES && rest.size > (1 - MOSTLY_COVERED) * units.length) {
    let next: Candidate | undefined;
    for (const { scope, units: all } of places) {
      const hit = all.filter((unit) => rest.has(unit));
      const isMore =
        hit.length - (next?.units.length ?? SPREAD_STREAMS - 1) ||
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
  const exposed = exposedOf(scopeKey(first.scope), first.units, exposure);
  return { ...first, exposed, usualRate: 0 };
}

/** Whether so many streams may have one cause at all. */
function isGroup(scope: Scope, hit: readonly Unit[]): boolean {
  const isPlace = isPhysical(scope) && !isOfAddresses(hit.map(reasonOf));
  if (hit.length >= (!isPlace && isOfPlaces(hit) ? SPREAD_FAILURE_STREAMS : SPREAD_STREAMS)) {
    return true;
  }
  const isLikely =
    isPlace ||
    hit.length >= GROUP_STREAMS ||
    (COMMON_CAUSES.includes(categoryOf(hit)) && !isGuessed(hit));
  return hit.length >= 2 && isLikely && beganAtOnce(hit);
}

function exposedOf(key: string, hit: readonly Unit[], exposure: Exposure): number {
  const cut = hit.filter(wasCut).length;
  return exposedTo({ cut, hit: hit.length }, exposure.live(key), () => exposure.started(key));
}

function beganAtOnce(units: readonly Unit[]): boolean {
  const { from, to } = startsOf(units);
  return to - from <= AT_ONCE_MS;
}
