import type { Chain, Scope } from '../model/incident.ts';
import { isOfManyReasons } from './family-of.ts';
import { AT_ONCE_MS, findGroups } from './find-groups.ts';
import { isPhysical, scopeKey } from './scope-values.ts';
import {
  type Exposure,
  type Group,
  isIn,
  type Starts,
  startOf,
  startsOf,
  type Unit,
  unitOf,
  withoutHit,
} from './units.ts';

/** Units of one kind of cause that have something in common. */
export interface FoundGroup {
  family: string;
  group: Group;
}

/** A unit that shares nothing with others. */
export interface LooseUnit {
  family: string;
  unit: Unit;
}

/** What a window's outages have in common, and those that have nothing. */
export interface SearchedFamilies {
  found: FoundGroup[];
  left: LooseUnit[];
}

/**
 * Searches the outages of one window for what they have in common, each kind of cause by itself. The
 * first breaks of a storm are judged before anybody can know of it, so those of the same reason and
 * place are counted to it, whatever they were taken for.
 *
 * @param families - outages by family and stream
 */
export function searchFamilies(
  families: ReadonlyMap<string, ReadonlyMap<string, Chain[]>>,
  exposure: Exposure,
): SearchedFamilies {
  const units = new Map<string, Unit[]>();
  for (const [family, streams] of [...families].sort(([a], [b]) => inSearchOrder(a, b))) {
    units.set(
      family,
      [...streams].map(([stream, chains]) => unitOf(stream, chains)),
    );
  }
  const found: FoundGroup[] = [];
  const left: LooseUnit[] = [];
  for (const [family, own] of units) {
    const near = isOfManyReasons(family) ? judgedEarly(family, own, units) : [];
    const others = [...units].flatMap(([other, list]) => (other === family ? [] : list));
    // A bill that spared what another cause hit just then is no bill of the account.
    const spared = family === 'billing' ? exposure : withoutHit(exposure, others);
    const { groups } = findGroups([...own, ...near], spared);
    const ofFamily = new Set(own);
    const taken = new Set<Unit>();
    for (const group of groups) {
      if (group.units.some((unit) => ofFamily.has(unit))) {
        found.push({ family, group });
        for (const unit of group.units) {
          taken.add(unit);
        }
      }
    }
    for (const unit of own) {
      if (!taken.has(unit)) {
        left.push({ family, unit });
      }
    }
    if (near.some((unit) => taken.has(unit))) {
      for (const [other, list] of units) {
        units.set(other, other === family ? list : list.filter((unit) => !taken.has(unit)));
      }
    }
  }
  const shared = shareByTime(found);
  const likely = shared.filter(({ group }) => !isByChance(group, left.length, exposure.known));
  const byChance = shared.filter((one) => !likely.includes(one));
  return takeInStrays(likely, [...left, ...byChance.flatMap(unitsOf)]);
}

/** Among more breaks than this that share nothing, so many streams seem to share something. */
const FEW_LOOSE: Readonly<Record<number, number>> = { 2: 1, 3: 4 };

/** Two or three streams that only a place speaks for, while others break for reasons of their own. */
function isByChance({ scope, units }: Group, loose: number, known: boolean): boolean {
  const few = FEW_LOOSE[units.length];
  return few !== undefined && loose > few && (!known || isPhysical(scope));
}

/**
 * A push may lie both on a node and in a network that failed within one window. It belongs to the one
 * that was failing when it broke.
 *
 * @returns the groups that still have units: all of one may lie in another
 */
function shareByTime(found: readonly FoundGroup[]): FoundGroup[] {
  const places = found.filter(({ group }) => isPhysical(group.scope));
  for (const from of places) {
    const keys = new Set(from.group.units.flatMap(({ scopes }) => scopes.map(scopeKey)));
    for (const to of places) {
      if (
        from === to ||
        from.family !== to.family ||
        from.group.scope.kind === to.group.scope.kind ||
        !keys.has(scopeKey(to.group.scope))
      ) {
        continue;
      }
      const [fails, others] = [from, to].map(({ group }, place) => {
        const beside = place === 0 ? to.group.scope : from.group.scope;
        return startsOf(group.units.filter(({ scopes }) => !isIn(scopes, beside)));
      }) as [Starts, Starts];
      const moved = from.group.units.filter(
        (unit) =>
          isIn(unit.scopes, to.group.scope) &&
          distance(startOf(unit), others) < distance(startOf(unit), fails),
      );
      const gone = new Set(moved);
      from.group.units = from.group.units.filter((unit) => !gone.has(unit));
      to.group.units = [...to.group.units, ...moved];
    }
  }
  return found.filter(({ group }) => group.units.length > 0);
}

/** How far a moment lies outside of a time. */
function distance(moment: number, { from, to }: Starts): number {
  return Math.max(0, from - moment, moment - to);
}

/** Kinds that take in others come first. */
function inSearchOrder(a: string, b: string): number {
  return Number(isOfManyReasons(b)) - Number(isOfManyReasons(a)) || (a < b ? -1 : 1);
}

/** After so long without data, in ms, CSS takes a line for dead that no error told of. */
const SILENT_MS = 70_000;

/**
 * Units of one-reason families that have one of these reasons and one of these nodes or networks. Where
 * several streams of a network were cut, those that fall silent just then were cut with them.
 */
function judgedEarly(
  family: string,
  own: readonly Unit[],
  units: ReadonlyMap<string, readonly Unit[]>,
): Unit[] {
  const reasons = new Set(own.flatMap(reasonsOf));
  const places = new Map<string, number[]>();
  for (const unit of own) {
    for (const key of physicalOf(unit).map(scopeKey)) {
      const starts = places.get(key) ?? [];
      starts.push(startOf(unit));
      places.set(key, starts);
    }
  }
  const streams = new Set(own.map(({ stream }) => stream));
  const fellSilent = (unit: Unit) =>
    family === 'network' &&
    reasonsOf(unit).every((reason) => reason === 'idle_no_data') &&
    physicalOf(unit).some((scope) => {
      const starts = (scope.kind === 'clientNetwork' && places.get(scopeKey(scope))) || [];
      const passed = starts.map((start) => startOf(unit) - start);
      return passed.filter((ms) => ms >= -AT_ONCE_MS && ms <= SILENT_MS + AT_ONCE_MS).length > 1;
    });
  return [...units]
    .filter(([other]) => !isOfManyReasons(other))
    .flatMap(([, list]) => list)
    .filter(
      (unit) =>
        !streams.has(unit.stream) &&
        ((reasonsOf(unit).every((reason) => reasons.has(reason)) &&
          physicalOf(unit).some((scope) => places.has(scopeKey(scope)))) ||
          fellSilent(unit)),
    );
}

/**
 * What lies in a group's scope and has one of its reasons belongs to it, whatever its category. So
 * does what broke just then for the same reason and tells no node, because its callback got lost,
 * when the group is a node's; likewise with addresses. Two or three such strays may look like a group.
 *
 * @returns the groups that are left, and the units that share nothing with others
 */
function takeInStrays(found: readonly FoundGroup[], left: readonly LooseUnit[]): SearchedFamilies {
  const facts = found.map(({ group }) => {
    const { from, to } = startsOf(group.units);
    const reasons = new Set(group.units.flatMap(reasonsOf));
    return { group, reasons, from: from - AT_ONCE_MS, to: to + AT_ONCE_MS };
  });
  const isSmall = ({ scope, units }: Group) =>
    FEW_LOOSE[units.length] !== undefined && !isPhysical(scope);
  const homeOf = (unit: Unit, takesIn: (group: Group) => boolean) => {
    const others = facts.filter(
      ({ group, reasons }) =>
        takesIn(group) && reasonsOf(unit).every((reason) => reasons.has(reason)),
    );
    return (
      others.find(({ group }) => isIn(unit.scopes, group.scope)) ??
      others.find(
        ({ group, from, to }) =>
          isPhysical(group.scope) &&
          !unit.scopes.some(({ kind }) => kind === group.scope.kind) &&
          startOf(unit) >= from &&
          startOf(unit) <= to,
      )
    )?.group;
  };
  const strays = found.filter(
    ({ group }) =>
      isSmall(group) && group.units.every((unit) => homeOf(unit, (other) => !isSmall(other))),
  );
  const kept = found.filter((group) => !strays.includes(group));
  const stays = (group: Group) => kept.some((other) => other.group === group);
  const loose = [...left, ...strays.flatMap(unitsOf)];
  const homes = loose.map(({ unit }) => homeOf(unit, stays));
  for (const [place, { unit }] of loose.entries()) {
    const home = homes[place];
    home?.units.push(
      isIn(unit.scopes, home.scope) ? unit : { ...unit, scopes: [...unit.scopes, home.scope] },
    );
  }
  return {
    found: kept,
    left: loose.filter((_unit, place) => homes[place] === undefined),
  };
}

function unitsOf({ family, group }: FoundGroup): LooseUnit[] {
  return group.units.map((unit) => ({ family, unit }));
}

function reasonsOf({ chains }: Unit): string[] {
  return chains.map(({ decisive }) => decisive.verdict.reason);
}

function physicalOf({ scopes }: Unit): Scope[] {
  return scopes.filter(isPhysical);
}
