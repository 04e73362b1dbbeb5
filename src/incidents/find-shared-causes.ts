import type { Chain, Scope } from '../model/incident.ts';
import { coversSeveralReasons, reasonKeyOf } from './cause-of-outage.ts';
import { findGroups } from './find-groups.ts';
import type { WindowFacts } from './group-by-evidence.ts';
import { isPhysical, scopeKey } from './scopes.ts';
import {
  AT_ONCE_MS,
  type Group,
  isIn,
  isSoonEnough,
  type Starts,
  startOf,
  startsOf,
  type Unit,
  unitOf,
  withoutHit,
} from './units.ts';

/** A group of units with the same cause key. */
interface FoundGroup {
  causeKey: string;
  group: Group;
}

/** A unit that has nothing in common with others. */
interface UngroupedUnit {
  causeKey: string;
  unit: Unit;
}

/** Groups found in one window, and the units left over. */
export interface SharedCauses {
  found: FoundGroup[];
  left: UngroupedUnit[];
}

/**
 * Groups the outages of one window by what they have in common, one cause key after the other. The
 * first breaks of a storm are diagnosed before the storm is known, so breaks with the same reason and
 * place join it, whatever their diagnosis says.
 *
 * @param byCause - outages by cause key and stream
 * @param facts - of the window
 */
export function findSharedCauses(
  byCause: ReadonlyMap<string, ReadonlyMap<string, Chain[]>>,
  facts: WindowFacts,
): SharedCauses {
  const { exposure } = facts;
  const units = new Map<string, Unit[]>();
  for (const [causeKey, streams] of [...byCause].sort(([a], [b]) => bySearchOrder(a, b))) {
    units.set(
      causeKey,
      [...streams].map(([stream, chains]) => unitOf(stream, chains)),
    );
  }
  const found: FoundGroup[] = [];
  const left: UngroupedUnit[] = [];
  for (const [causeKey, own] of units) {
    const near = coversSeveralReasons(causeKey) ? judgedEarly(causeKey, own, units) : [];
    const others = [...units].flatMap(([other, list]) => (other === causeKey ? [] : list));
    // Billing faults hit the whole account, so streams hit by another cause count as exposed.
    const spared = causeKey === 'billing' ? exposure : withoutHit(exposure, others);
    const groups = findGroups([...own, ...near], { ...facts, exposure: spared });
    const ofCause = new Set(own);
    const taken = new Set<Unit>();
    for (const group of groups) {
      if (group.units.some((unit) => ofCause.has(unit))) {
        found.push({ causeKey, group });
        for (const unit of group.units) {
          taken.add(unit);
        }
      }
    }
    for (const unit of own) {
      if (!taken.has(unit)) {
        left.push({ causeKey, unit });
      }
    }
    if (near.some((unit) => taken.has(unit))) {
      for (const [other, list] of units) {
        units.set(other, other === causeKey ? list : list.filter((unit) => !taken.has(unit)));
      }
    }
  }
  const shared = splitByTime(found);
  const likely = exposure.known
    ? shared
    : shared.filter(({ group }) => !isByChance(group, left.length));
  const byChance = shared.filter((one) => !likely.includes(one));
  return assignUngrouped(likely, [...left, ...byChance.flatMap(unitsOf)]);
}

/** For groups of 2 and 3 streams: with more ungrouped breaks than this, the group may be chance. */
const MAX_UNGROUPED: Readonly<Record<number, number>> = { 2: 1, 3: 4 };

/** Two or three streams with something in common, while other streams break independently. */
function isByChance({ units }: Group, loose: number): boolean {
  const few = MAX_UNGROUPED[units.length];
  return few !== undefined && loose > few;
}

/**
 * A push may be both on a node and in a client network that failed in one window. It belongs to the
 * one that was failing when the push broke.
 *
 * @returns the groups that still have units
 */
function splitByTime(found: readonly FoundGroup[]): FoundGroup[] {
  const places = found.filter(({ group }) => isPhysical(group.scope));
  for (const from of places) {
    const keys = new Set(from.group.units.flatMap(({ scopeKeys }) => scopeKeys));
    for (const to of places) {
      if (
        from === to ||
        from.causeKey !== to.causeKey ||
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

/** Distance of a moment from a time range, ms; 0 inside. */
function distance(moment: number, { from, to }: Starts): number {
  return Math.max(0, from - moment, moment - to);
}

/** Cause keys that cover several reasons come first. */
function bySearchOrder(a: string, b: string): number {
  return Number(coversSeveralReasons(b)) - Number(coversSeveralReasons(a)) || (a < b ? -1 : 1);
}

/** CSS ends a push after this time without data, ms. */
const SILENT_MS = 70_000;

/**
 * Returns units with another cause key but the same reason and node or client network: they were
 * diagnosed early. Streams that go silent when several of their network are cut belong to it, too.
 */
function judgedEarly(
  causeKey: string,
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
    causeKey === 'network' &&
    reasonsOf(unit).every((reason) => reason === 'idle_no_data') &&
    physicalOf(unit).some((scope) => {
      const starts = (scope.kind === 'clientNetwork' && places.get(scopeKey(scope))) || [];
      const passed = starts.map((start) => startOf(unit) - start);
      return passed.filter((ms) => ms >= -AT_ONCE_MS && ms <= SILENT_MS + AT_ONCE_MS).length > 1;
    });
  return [...units]
    .filter(([other]) => !coversSeveralReasons(other))
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
 * Adds ungrouped units to the group whose scope and reasons they match, whatever their category. A
 * unit without a node, because its callback was lost, joins a node's group when it broke at the same
 * time for the same reason; the same holds for addresses. Small groups may be such units as a whole.
 *
 * @returns the remaining groups, and the units that match none
 */
function assignUngrouped(
  found: readonly FoundGroup[],
  left: readonly UngroupedUnit[],
): SharedCauses {
  const facts = found.map(({ group }) => {
    const reasons = new Set(group.units.flatMap(reasonsOf));
    return { group, reasons, starts: startsOf(group.units) };
  });
  const isSmall = ({ scope, units }: Group) =>
    MAX_UNGROUPED[units.length] !== undefined && !isPhysical(scope);
  const homeOf = (unit: Unit, takesIn: (group: Group) => boolean) => {
    const others = facts.filter(
      ({ group, reasons }) =>
        takesIn(group) && reasonsOf(unit).every((reason) => reasons.has(reason)),
    );
    return (
      others.find(
        ({ group, starts }) =>
          isIn(unit.scopes, group.scope) &&
          isSoonEnough(distance(startOf(unit), starts), group.usualRate),
      ) ??
      others.find(
        ({ group, starts }) =>
          isPhysical(group.scope) &&
          !unit.scopes.some(({ kind }) => kind === group.scope.kind) &&
          distance(startOf(unit), starts) <= AT_ONCE_MS,
      )
    )?.group;
  };
  const moved = found.filter(
    ({ group }) =>
      isSmall(group) && group.units.every((unit) => homeOf(unit, (other) => !isSmall(other))),
  );
  const kept = found.filter((group) => !moved.includes(group));
  const stays = (group: Group) => kept.some((other) => other.group === group);
  const loose = [...left, ...moved.flatMap(unitsOf)];
  const homes = loose.map(({ unit }) => homeOf(unit, stays));
  for (const [place, { unit }] of loose.entries()) {
    const home = homes[place];
    home?.units.push(isIn(unit.scopes, home.scope) ? unit : withScope(unit, home.scope));
  }
  return {
    found: kept,
    left: loose.filter((_unit, place) => homes[place] === undefined),
  };
}

function unitsOf({ causeKey, group }: FoundGroup): UngroupedUnit[] {
  return group.units.map((unit) => ({ causeKey, unit }));
}

function reasonsOf({ chains }: Unit): string[] {
  return chains.map(({ decisive }) => reasonKeyOf(decisive.verdict));
}

function physicalOf({ scopes }: Unit): Scope[] {
  return scopes.filter(isPhysical);
}

function withScope(unit: Unit, scope: Scope): Unit {
  const scopeKeys = [...unit.scopeKeys, scopeKey(scope)];
  return { ...unit, scopes: [...unit.scopes, scope], scopeKeys };
}
