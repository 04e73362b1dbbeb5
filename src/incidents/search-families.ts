import type { Chain, Scope } from '../model/incident.ts';
import { isOfManyReasons } from './family-of.ts';
import {
  AT_ONCE_MS,
  type Exposure,
  findGroups,
  type Group,
  type Unit,
  unitOf,
} from './find-groups.ts';
import { isPhysical, scopeKey } from './scope-values.ts';

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
): { found: FoundGroup[]; left: LooseUnit[] } {
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
    const near = isOfManyReasons(family) ? judgedEarly(own, units) : [];
    const { groups } = findGroups([...own, ...near], exposure);
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
    left.push(...own.filter((unit) => !taken.has(unit)).map((unit) => ({ family, unit })));
    if (near.some((unit) => taken.has(unit))) {
      for (const [other, list] of units) {
        units.set(other, other === family ? list : list.filter((unit) => !taken.has(unit)));
      }
    }
  }
  return { found, left: takeInStrays(found, left) };
}

/** Kinds that take in others come first. */
function inSearchOrder(a: string, b: string): number {
  return Number(isOfManyReasons(b)) - Number(isOfManyReasons(a)) || (a < b ? -1 : 1);
}

/** Units of one-reason families that have one of these reasons and one of these nodes or networks. */
function judgedEarly(own: readonly Unit[], units: ReadonlyMap<string, readonly Unit[]>): Unit[] {
  const reasons = new Set(own.flatMap(reasonsOf));
  const places = new Set(own.flatMap(physicalOf).map(scopeKey));
  const streams = new Set(own.map(({ stream }) => stream));
  return [...units]
    .filter(([other]) => !isOfManyReasons(other))
    .flatMap(([, list]) => list)
    .filter(
      (unit) =>
        !streams.has(unit.stream) &&
        reasonsOf(unit).every((reason) => reasons.has(reason)) &&
        physicalOf(unit).some((scope) => places.has(scopeKey(scope))),
    );
}

/**
 * What lies in a group's scope and has one of its reasons belongs to it, whatever its category. So
 * does what broke just then for the same reason and tells no node, because its callback got lost,
 * when the group is a node's; likewise with addresses.
 */
function takeInStrays(found: readonly FoundGroup[], left: readonly LooseUnit[]): LooseUnit[] {
  const facts = found.map(({ group }) => ({
    group,
    reasons: new Set(group.units.flatMap(reasonsOf)),
    from: Math.min(...group.units.map(startOf)) - AT_ONCE_MS,
    to: Math.max(...group.units.map(startOf)) + AT_ONCE_MS,
  }));
  return left.filter(({ unit }) => {
    const isOfReason = (reasons: ReadonlySet<string>) =>
      reasonsOf(unit).every((reason) => reasons.has(reason));
    const home =
      facts.find(({ group, reasons }) => isIn(unit.scopes, group.scope) && isOfReason(reasons)) ??
      facts.find(
        ({ group, reasons, from, to }) =>
          isPhysical(group.scope) &&
          !unit.scopes.some(({ kind }) => kind === group.scope.kind) &&
          startOf(unit) >= from &&
          startOf(unit) <= to &&
          isOfReason(reasons),
      );
    if (!home) {
      return true;
    }
    const { scope } = home.group;
    home.group.units.push(
      isIn(unit.scopes, scope) ? unit : { ...unit, scopes: [...unit.scopes, scope] },
    );
    return false;
  });
}

function reasonsOf({ chains }: Unit): string[] {
  return chains.map(({ decisive }) => decisive.verdict.reason);
}

function physicalOf({ scopes }: Unit): Scope[] {
  return scopes.filter(isPhysical);
}

function isIn(scopes: readonly Scope[], scope: Scope): boolean {
  return scopes.some(({ kind, value }) => kind === scope.kind && value === scope.value);
}

function startOf({ chains }: Unit): number {
  return chains[0]?.startedAt ?? 0;
}
