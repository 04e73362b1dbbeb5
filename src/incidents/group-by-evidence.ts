import { costOfScope, isPhysical, type PlaceKind, type SharedKind, scopeKey } from './scopes.ts';
import { logChanceOf, logChanceOfHits } from './statistics.ts';
import {
  AT_ONCE_MS,
  type Candidate,
  categoryOf,
  type Exposure,
  exposedTo,
  type Group,
  isGuessed,
  isSoonEnough,
  reasonOf,
  ruleOf,
  startOf,
  type Unit,
  wasCut,
} from './units.ts';
import { type RateSample, rateOf, type UsualRate } from './usual-rate.ts';
import { kindOfRule } from './words-of-scope.ts';

/** What is known of the time and the streams of one window. */
export interface WindowFacts {
  exposure: Exposure;
  usual: UsualRate;
  /** Tells whether a stream has broken again and again before, so that another break tells nothing. */
  isUnsteady(unit: Unit): boolean;
}

/** Bursts of these lengths are looked for, ms. */
const LENGTHS = [1_000, 2_000, 5_000, 10_000, 20_000, 40_000, 80_000, 120_000];
/** Streams may break anywhere within this time, ms, so a burst has as many chances to be found. */
const SEARCHED_MS = 120_000;
/** Clocks and whole seconds of messages make a burst longer by this, ms. */
const RESOLUTION_MS = 1_000;
/** A longer burst, ms, leaves too little of the window to show the usual rate, so … */
const SLOW_MS = 40_000;
/** … it must hit at least this part of what it could hit. */
const MIN_SHARE_OF_SLOW = 0.3;
/** At least this many streams make a group, or two of a scope that has only two. */
const GROUP_STREAMS = 3;
/** Logarithm of the greatest probability that one window shows such a burst of one cause by chance. */
const MAX_LOG_CHANCE = Math.log(3e-5);
/**
 * How rare shared faults are, as minus the logarithm of their number in a window: several a day. What is found must be
 * likelier as a fault of one of the places that were looked at than as chance.
 */
const COST_OF_FAULT = -Math.log(9 / 720);
/** … and that the only two streams of a scope break at once, while at most one other does. */
const MAX_LOG_CHANCE_OF_PAIR = Math.log(2.2e-4);
/**
 * Gain of a scope whose kind the rules of its streams name, as `network/node-wide-cut` names the node. They saw
 * breaks that have other causes by now, such as streams of the node that are refused since.
 */
const NAMED_SCOPE_GAIN = 4;
/** Cost of a second fault at the same time, as minus the logarithm of its probability. */
const SECOND_FAULT_COST = 10;
/** More faults at once are not told from one wide fault. */
const MAX_FAULTS = 3;
/** What holds more than this part of the streams of a wide scope is not one of several faults in it. */
const MAX_PART = 0.85;
/** Part of the streams that a node or network has until breaks tell more, and what that weighs. */
const ASSUMED_PART = 0.1;
const ASSUMED_WEIGHT = 5;

/** Streams of one scope that broke within a short time. */
interface Burst extends Candidate {
  key: string;
  /** The steady ones, by start. */
  steady: Unit[];
  from: number;
  to: number;
  exposed: number;
  usualRate: number;
  /** Logarithm of how much more likely a fault is than chance. */
  score: number;
}

/**
 * Finds the scope whose streams broke in a way that their usual rate does not explain and that a fault of
 * the scope explains best: how many of its streams broke, of how many, and within what time.
 *
 * @param units - with one cause key, and those that were diagnosed early
 * @returns undefined when chance explains all of them
 */
export function groupByEvidence(
  units: readonly Unit[],
  candidates: ReadonlyMap<string, Candidate>,
  facts: WindowFacts,
): Group | undefined {
  const search = new BurstSearch(units, facts);
  const best = search.best(candidates);
  if (!best) {
    return;
  }
  const burst = search.narrower(best, candidates) ?? best;
  const { scope, exposed, usualRate } = burst;
  return { scope, exposed, usualRate, units: withNeighbors(burst, facts) };
}

/** Tells whether the rules of half of these streams are about the kind of this scope. */
function isNamedByRules({ kind }: Candidate['scope'], units: readonly Unit[]): boolean {
  const naming = units.filter((unit) => kindOfRule(ruleOf(unit)) === kind);
  return naming.length * 2 >= units.length;
}

class BurstSearch {
  readonly #units: readonly Unit[];
  readonly #facts: WindowFacts;
  readonly #steady: ReadonlySet<Unit>;
  /** Number of units whose node or network is known. */
  readonly #placed: Readonly<Record<PlaceKind, number>>;
  readonly #live: number;
  /** What happened before the window. */
  readonly #before: RateSample;
  /** Usual breaks per ms of a stream, as far as known before the window. */
  readonly #rateBefore: number;

  constructor(units: readonly Unit[], facts: WindowFacts) {
    this.#units = units;
    this.#facts = facts;
    const { exposure, usual, isUnsteady } = facts;
    this.#steady = new Set(units.filter((unit) => !isUnsteady(unit)));
    const countPlaced = (kind: PlaceKind) =>
      units.filter(({ scopes }) => scopes.some((scope) => scope.kind === kind)).length;
    this.#placed = { node: countPlaced('node'), clientNetwork: countPlaced('clientNetwork') };
    const account = units[0]?.scopes.find(({ kind }) => kind === 'account');
    this.#live = account ? exposure.live(scopeKey(account)) : 0;
    // The diagnosis of a break may depend on how many break around it, but its reason does not.
    const reasons = new Set(units.map(reasonOf));
    this.#before = usual.sampleOf([...reasons], exposure.from, this.#live);
    this.#rateBefore = rateOf([this.#before], categoryOf(units)).rate;
  }

  best(candidates: ReadonlyMap<string, Candidate>, without?: ReadonlySet<Unit>): Burst | undefined {
    let best: Burst | undefined;
    for (const [key, { scope, units }] of candidates) {
      const left = without ? units.filter((unit) => !without.has(unit)) : units;
      const burst = left.length >= 2 ? this.#burstOf(key, scope, left) : undefined;
      if (
        burst &&
        (!best || burst.score > best.score || (burst.score === best.score && key < best.key))
      ) {
        best = burst;
      }
    }
    return best;
  }

  /**
   * Two nodes that fail at once look like a part of the account. Where a few narrower faults at once are
   * the better explanation, returns the first of them.
   */
  narrower(wide: Burst, candidates: ReadonlyMap<string, Candidate>): Burst | undefined {
    if (wide.steady.length >= MAX_PART * wide.exposed) {
      // Nearly all of it was hit, which one fault explains best.
      return;
    }
    const kinds = NARROWER[wide.scope.kind as SharedKind];
    const inside = new Map(
      [...candidates].filter(
        ([, { scope, units }]) =>
          kinds.includes(scope.kind as SharedKind) && units.length < MAX_PART * wide.units.length,
      ),
    );
    const taken = new Set<Unit>();
    let first: Burst | undefined;
    let score = 0;
    for (let faults = 0; faults < MAX_FAULTS; faults += 1) {
      const next = this.best(inside, taken);
      if (!next) {
        return;
      }
      first ??= next;
      score += next.score - (faults > 0 ? SECOND_FAULT_COST : 0);
      if (score > wide.score) {
        return first;
      }
      for (const unit of next.units) {
        if (startOf(unit) >= next.from && startOf(unit) <= next.to) {
          taken.add(unit);
        }
      }
    }
    return;
  }

  #burstOf(key: string, scope: Candidate['scope'], units: Unit[]): Burst | undefined {
    const steady = units.filter((unit) => this.#steady.has(unit));
    steady.sort((a, b) => startOf(a) - startOf(b));
    let best: Burst | undefined;
    let counted = 0;
    for (const length of LENGTHS) {
      const { first, count } = densest(steady, length);
      // A longer burst with as many streams is less of one.
      if (count > counted) {
        counted = count;
        const burst = this.#judge(key, scope, units, steady.slice(first, first + count));
        best = burst && (!best || burst.score > best.score) ? burst : best;
      }
    }
    return best;
  }

  #judge(key: string, scope: Candidate['scope'], units: Unit[], steady: Unit[]): Burst | undefined {
    const count = steady.length;
    const { exposure } = this.#facts;
    const from = startOf(steady[0] as Unit);
    const to = startOf(steady.at(-1) as Unit);
    const length = to - from + RESOLUTION_MS;
    const live = this.#liveIn(key, scope, units);
    const cut = steady.filter(wasCut).length;
    const exposedOf = (pushes: number) =>
      exposedTo({ cut, hit: count }, pushes, () => exposure.started(key));
    const exposed = exposedOf(live);
    const category = isGuessed(steady) ? 'unknown' : categoryOf(steady);
    // No stream has a bill of its own, so two are no coincidence, whatever their number.
    const isBill = category === 'billing';
    if (!isBill && to - from > SLOW_MS && count < MIN_SHARE_OF_SLOW * exposed) {
      return;
    }
    const atRisk = Math.max(live, exposed);
    const outside: RateSample = {
      breaks: this.#units.length - count,
      liveMs: this.#live * (exposure.to - exposure.from) - atRisk * length,
    };
    const { rate, known } = rateOf([this.#before, outside], category);
    const places = Math.log(Math.max(this.#live, atRisk) / atRisk);
    const moments = Math.log(Math.max(1, SEARCHED_MS / length));
    const chance = logChanceOf(count, rate * atRisk * length, known) + places + moments;
    const isPairOfTwo =
      cut === 2 &&
      to - from <= AT_ONCE_MS &&
      outside.breaks <= 1 &&
      exposedOf(exposure.live(key)) === 2;
    const maxChance = count >= GROUP_STREAMS ? MAX_LOG_CHANCE : MAX_LOG_CHANCE_OF_PAIR;
    const isBurst = (count >= GROUP_STREAMS || isPairOfTwo) && chance <= maxChance;
    if (!isBurst && !(isBill && count >= 2)) {
      return;
    }
    const score =
      logChanceOfHits(count, exposed) -
      count * Math.log(this.#rateBefore * length) -
      moments -
      costOfScope(scope, category, steady.map(reasonOf)) +
      (isNamedByRules(scope, steady) ? NAMED_SCOPE_GAIN : 0);
    if (!isBill && count >= GROUP_STREAMS && score < places + COST_OF_FAULT) {
      return;
    }
    // What was hit does not break on its own as well.
    const usualRate = rate * (atRisk - count);
    return { key, scope, units, steady, from, to, exposed, usualRate, score };
  }

  /**
   * Number of live pushes in a scope. A live push does not tell its node or address before it ends, so
   * the others are estimated: they are spread like those that are known.
   */
  #liveIn(key: string, scope: Candidate['scope'], units: readonly Unit[]): number {
    const { exposure } = this.#facts;
    const known = exposure.live(key);
    if (!isPhysical(scope)) {
      return known;
    }
    const { kind } = scope;
    const placed = exposure.placed(kind);
    const here = Math.max(0, known - units.length);
    const part =
      (here + ASSUMED_PART * ASSUMED_WEIGHT) /
      (Math.max(0, placed - this.#placed[kind]) + ASSUMED_WEIGHT);
    return Math.round(Math.max(known, units.length) + Math.max(0, this.#live - placed) * part);
  }
}

const NARROWER: Readonly<Record<SharedKind, readonly SharedKind[]>> = {
  account: ['domain', 'app', 'node', 'clientNetwork'],
  domain: ['app', 'node', 'clientNetwork'],
  app: ['node', 'clientNetwork'],
  node: [],
  clientNetwork: [],
};

/** Finds where most units began within a time, ms. @param units - by start */
function densest(units: readonly Unit[], length: number): { first: number; count: number } {
  let bestFirst = 0;
  let bestCount = 0;
  let first = 0;
  for (let last = 0; last < units.length; last += 1) {
    const start = startOf(units[last] as Unit);
    while (start - startOf(units[first] as Unit) > length) {
      first += 1;
    }
    if (last - first + 1 > bestCount) {
      bestFirst = first;
      bestCount = last - first + 1;
    }
  }
  return { first: bestFirst, count: bestCount };
}

/** The units of a burst, and those of its scope that broke too soon before or after it for chance. */
function withNeighbors({ units, steady, from, to, usualRate }: Burst, facts: WindowFacts): Unit[] {
  const isSteady = (unit: Unit) => !facts.isUnsteady(unit);
  const sorted = [...units].sort((a, b) => startOf(a) - startOf(b));
  let last = to;
  let first = from;
  const own = new Set(steady);
  for (const unit of sorted) {
    const start = startOf(unit);
    const isAmong = start >= from && start <= to;
    if (isAmong || (start > to && isSteady(unit) && isSoonEnough(start - last, usualRate))) {
      own.add(unit);
      last = Math.max(last, start);
    }
  }
  for (const unit of sorted.reverse()) {
    const start = startOf(unit);
    if (start < from && isSteady(unit) && isSoonEnough(first - start, usualRate)) {
      own.add(unit);
      first = start;
    }
  }
  return units.filter((unit) => own.has(unit));
}
