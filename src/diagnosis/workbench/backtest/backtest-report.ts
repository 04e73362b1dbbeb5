import type { Facts } from '../../../model/facts.ts';
import type { Ruling } from './judge.ts';

/** An example of a break that gets another rule. */
export interface MovedSample {
  id: string;
  /** Epoch ms UTC. */
  endedAt: number;
  /** domain/app/stream. */
  stream: string;
  facts: Facts;
}

/** Breaks that move from one rule to another. */
export interface MovedBreaks {
  from: string;
  to: string;
  count: number;
  /** The newest ones, at most {@link SAMPLES}. */
  samples: MovedSample[];
}

/** What the new rules would change. */
export interface BacktestReport {
  events: number;
  /** End of the first and the last break, epoch ms UTC; null when there is none. */
  from: number | null;
  to: number | null;
  /** Breaks that get another rule. */
  moved: number;
  /** Share of all breaks, 0 to 100. */
  movedPercent: number;
  /** Breaks that get the same rule, which has changed. */
  reworded: number;
  /** Breaks whose cause was known and is now unknown. */
  newlyUnknown: number;
  /** Breaks whose cause was unknown and is now known. */
  newlyKnown: number;
  /** The most frequent first. */
  movements: MovedBreaks[];
  /** Number of breaks per rule. */
  rules: { rule: string; before: number; after: number }[];
  /** Facts that the new rules read and no snapshot has: newer than the history, or never known. */
  notRecorded: string[];
}

/** Maximum number of examples per pair of rules. */
export const SAMPLES = 3;

const UNKNOWN = 'unknown';

/** A pair of rules, and the newest events that move from the first to the second. */
export interface Movement<Sample> {
  from: string;
  to: string;
  count: number;
  /** The newest first. */
  samples: { endedAt: number; sample: Sample }[];
}

/**
 * Counts the results of a back-test.
 *
 * @typeParam Sample - what identifies an example until the report is created
 */
export class BacktestTally<Sample> {
  readonly #movements = new Map<string, Map<string, Movement<Sample>>>();
  readonly #rules = new Map<string, { before: number; after: number }>();
  readonly #unseen: Set<string>;
  readonly #sums = { events: 0, moved: 0, reworded: 0, newlyUnknown: 0, newlyKnown: 0 };
  #from: number | null = null;
  #to: number | null = null;

  /** @param facts - names of the facts that the new rules read */
  constructor(facts: Iterable<string>) {
    this.#unseen = new Set(facts);
  }

  /** Facts that no snapshot had yet. */
  get unseen(): ReadonlySet<string> {
    return this.#unseen;
  }

  /** Notes that a snapshot has this fact. */
  saw(fact: string): void {
    this.#unseen.delete(fact);
  }

  /** Extends the range of the report, epoch ms UTC, both inclusive. */
  span(from: number, to: number): void {
    this.#from = Math.min(this.#from ?? from, from);
    this.#to = Math.max(this.#to ?? to, to);
  }

  /** Adds a number of breaks with the same old and new rule. */
  count(before: Ruling, after: Ruling, events: number): void {
    this.#sums.events += events;
    this.#countOf(before.rule).before += events;
    this.#countOf(after.rule).after += events;
    if (before.rule === after.rule) {
      this.#sums.reworded += before.hash === after.hash ? 0 : events;
      return;
    }
    this.#sums.moved += events;
    if ((before.category === UNKNOWN) !== (after.category === UNKNOWN)) {
      this.#sums[after.category === UNKNOWN ? 'newlyUnknown' : 'newlyKnown'] += events;
    }
    this.movement(before, after).count += events;
  }

  /** Keeps an example if it is one of the newest of its pair of rules. */
  sample(before: Ruling, after: Ruling, endedAt: number, sample: () => Sample): void {
    const { samples } = this.movement(before, after);
    const last = samples[SAMPLES - 1];
    if (last && last.endedAt >= endedAt) {
      return;
    }
    // Of examples with the same time, the first one stays first.
    const place = samples.findIndex((other) => other.endedAt < endedAt);
    samples.splice(place === -1 ? samples.length : place, 0, { endedAt, sample: sample() });
    samples.length = Math.min(samples.length, SAMPLES);
  }

  /** The movement from one rule to another. */
  movement({ rule: from }: Ruling, { rule: to }: Ruling): Movement<Sample> {
    let ofBefore = this.#movements.get(from);
    if (ofBefore === undefined) {
      ofBefore = new Map();
      this.#movements.set(from, ofBefore);
    }
    let known = ofBefore.get(to);
    if (known === undefined) {
      known = { from, to, count: 0, samples: [] };
      ofBefore.set(to, known);
    }
    return known;
  }

  /** All kept examples. */
  samples(): Sample[] {
    return [...this.#movements.values()].flatMap((ofBefore) =>
      [...ofBefore.values()].flatMap(({ samples }) => samples.map(({ sample }) => sample)),
    );
  }

  #countOf(rule: string): { before: number; after: number } {
    let known = this.#rules.get(rule);
    if (known === undefined) {
      known = { before: 0, after: 0 };
      this.#rules.set(rule, known);
    }
    return known;
  }

  /**
   * Creates the report.
   *
   * @param show - loads a kept example; undefined when it no longer exists
   */
  report(show: (sample: Sample) => MovedSample | undefined): BacktestReport {
    const { events, moved } = this.#sums;
    return {
      ...this.#sums,
      from: this.#from,
      to: this.#to,
      movedPercent: events === 0 ? 0 : (moved / events) * 100,
      movements: [...this.#movements.values()]
        .flatMap((ofBefore) => [...ofBefore.values()])
        .sort((a, b) => b.count - a.count || (`${a.from} ${a.to}` < `${b.from} ${b.to}` ? -1 : 1))
        .map(({ from, to, count, samples }) => {
          return { from, to, count, samples: samples.flatMap(({ sample }) => show(sample) ?? []) };
        }),
      rules: [...this.#rules]
        .map(([rule, counted]) => ({ rule, ...counted }))
        .sort((a, b) => b.after - a.after || b.before - a.before || (a.rule < b.rule ? -1 : 1)),
      notRecorded: [...this.#unseen].sort(),
    };
  }
}

/** Limits above which a back-test fails. */
export interface BacktestLimits {
  /** Share of breaks that may get another rule, 0 to 100. */
  maxMovedPercent?: number;
  /** Number of breaks that may become unknown. */
  maxUnknown?: number;
}

/** Describes the limits that a report exceeds. */
export function exceededLimits(report: BacktestReport, limits: BacktestLimits): string[] {
  const { maxMovedPercent, maxUnknown } = limits;
  const exceeded: string[] = [];
  if (maxMovedPercent !== undefined && report.movedPercent > maxMovedPercent) {
    exceeded.push(
      `${report.movedPercent.toFixed(2)} % of the breaks get another rule; the limit is ${maxMovedPercent} %`,
    );
  }
  if (maxUnknown !== undefined && report.newlyUnknown > maxUnknown) {
    exceeded.push(`${report.newlyUnknown} breaks become unknown; the limit is ${maxUnknown}`);
  }
  return exceeded;
}
