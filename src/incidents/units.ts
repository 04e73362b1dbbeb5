import type { BreakEvent } from '../model/break.ts';
import type { Chain, Scope } from '../model/incident.ts';
import type { Category } from '../model/vocabulary.ts';
import { isBlockedByOther } from './cause-of-outage.ts';
import { isOfAddresses, type PlaceKind, scopeKey, scopesOf } from './scopes.ts';

/** The outages of one stream that began within one window and have one kind of cause. */
export interface Unit {
  /** Stream by its full key. */
  stream: string;
  /** Oldest first. */
  chains: Chain[];
  scopes: Scope[];
  /** The keys of these scopes, in the same order. */
  scopeKeys: string[];
}

/** Units that one cause explains, and what they have in common. */
export interface Group {
  scope: Scope;
  units: Unit[];
  /** Pushes that could have been hit: live before, or trying to start. */
  exposed: number;
  /** Usual breaks per ms of the streams of its scope that it did not hit; 0 when unknown. */
  usualRate: number;
}

/** A scope, and the units in it. */
export interface Candidate {
  scope: Scope;
  units: Unit[];
}

/** How many pushes of a scope were live just before a window, and how many began in it. */
export interface Exposure {
  /** Whether all live pushes are known, not only those that the breaks tell of. */
  known: boolean;
  /** Start of the window, and up to when it was seen, epoch ms UTC. */
  from: number;
  to: number;
  live(key: string): number;
  started(key: string): number;
  /** Live pushes whose node or client network is known: an earlier break told it. */
  placed(kind: PlaceKind): number;
}

/** A unit of outages of one stream. */
export function unitOf(stream: string, chains: Chain[]): Unit {
  const [first] = chains as [Chain];
  const events = chains.flatMap(({ breaks }) => breaks.map(({ event }) => event));
  const scopes = scopesOf({
    account: first.account,
    domain: first.domain,
    app: first.app,
    // Where it was cut; a later try may have been sent to another node.
    node: first.firstCause ? first.firstCause.event.node : firstOf(events, 'node'),
    clientIp: isOfAddresses([first.decisive.verdict.reason])
      ? first.decisive.event.clientIp
      : firstOf(events, 'clientIp'),
  });
  return { stream, chains, scopes, scopeKeys: scopes.map(scopeKey) };
}

function firstOf(events: readonly BreakEvent[], name: 'node' | 'clientIp'): string | null {
  return events.find((event) => event[name] !== null)?.[name] ?? null;
}

/** When the first outage of a unit began, epoch ms UTC. */
export function startOf({ chains }: Unit): number {
  return chains[0]?.startedAt ?? 0;
}

/** When the first outages of units began, epoch ms UTC: the earliest and the latest of them. */
export interface Starts {
  from: number;
  to: number;
}

/** Between which moments units began. A storm has more of them than a call may have arguments. */
export function startsOf(units: readonly Unit[]): Starts {
  const starts = { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY };
  for (const unit of units) {
    const start = startOf(unit);
    starts.from = Math.min(starts.from, start);
    starts.to = Math.max(starts.to, start);
  }
  return starts;
}

/** The reason of the first outage of a unit. */
export function reasonOf(unit: Unit): string {
  return unit.chains[0]?.decisive.verdict.reason ?? '';
}

/** Id of the rule of a unit's decisive break. */
export function ruleOf(unit: Unit): string {
  return unit.chains[0]?.decisive.verdict.rule.id ?? '';
}

/** The category that all of them have. */
export function categoryOf(units: readonly Unit[]): Category {
  return units[0]?.chains[0]?.decisive.verdict.category ?? 'unknown';
}

/** Tells whether the reason of all of them is only a guess from a similar text. */
export function isGuessed(units: readonly Unit[]): boolean {
  return units.every((unit) =>
    unit.chains.every(({ decisive }) => decisive.verdict.ground === 'similar-text'),
  );
}

/** Tells whether a scope is among others. */
export function isIn(scopes: readonly Scope[], scope: Scope): boolean {
  return scopes.some(({ kind, value }) => kind === scope.kind && value === scope.value);
}

/** What begins within this time, in ms, began at once. */
export const AT_ONCE_MS = 5_000;

/** Tells whether the first outage of a unit began with the end of a live push. */
export function wasCut({ chains: [chain] }: Unit): boolean {
  return chain !== undefined && chain.firstCause !== null && !isBlockedByOther(chain);
}

/**
 * Returns how many pushes a cause could have hit. A cause of cuts meets live pushes; a cause of refusals meets
 * those that try to start, even after a cut that had another cause.
 *
 * @param found - how many were hit, and how many of these were cut
 * @param live - pushes that were live in its scope
 * @param started - counts those that tried to start there
 */
export function exposedTo(
  { cut, hit }: { cut: number; hit: number },
  live: number,
  started: () => number,
): number {
  return cut * 2 >= hit ? Math.max(live + hit - cut, hit) : hit + started();
}

/** A later break belongs to a group when a break on its own is less likely than this since the last one. */
const MAX_CHANCE = 0.05;

/**
 * Tells whether a break of a scope comes so soon before or after those of a group that it is hardly one
 * of the breaks that are usual there.
 *
 * @param gapMs - time between them, ms; 0 or less when it is among them
 * @param usualRate - of the group
 */
export function isSoonEnough(gapMs: number, usualRate: number): boolean {
  return Math.max(0, gapMs) * usualRate <= MAX_CHANCE;
}

/**
 * What a cause could have hit beside streams that another one had cut: those are no part of a scope
 * that it spared.
 */
export function withoutHit(exposure: Exposure, others: readonly Unit[]): Exposure {
  let hit: Map<string, number> | undefined;
  return {
    ...exposure,
    live(key) {
      hit ??= streamsByScope(others);
      return exposure.live(key) - (hit.get(key) ?? 0);
    },
  };
}

function streamsByScope(units: readonly Unit[]): Map<string, number> {
  const counts = new Map<string, number>();
  const counted = new Set<string>();
  for (const { stream, scopeKeys } of units) {
    // A stream may have been hit by several causes.
    for (const key of counted.has(stream) ? [] : scopeKeys) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    counted.add(stream);
  }
  return counts;
}
