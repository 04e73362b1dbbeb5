import type { Facts } from '../../../model/facts.ts';
import type { Ruling } from './judge.ts';

/** An example of a break that another rule answers now. */
export interface MovedSample {
  id: string;
  /** Epoch ms UTC. */
  endedAt: number;
  /** domain/app/stream. */
  stream: string;
  facts: Facts;
}

/** Breaks that one rule answered before and another answers now. */
export interface MovedBreaks {
  from: string;
  to: string;
  count: number;
  /** The newest ones, at most {@link SAMPLES}. */
  samples: MovedSample[];
}

/** What would change. */
export interface BacktestReport {
  events: number;
  /** Ends of the first and last break, epoch ms UTC; null without any. */
  from: number | null;
  to: number | null;
  /** Answered by another rule. */
  moved: number;
  /** Share of all, 0 to 100. */
  movedPercent: number;
  /** Answered by the same rule, which has changed. */
  reworded: number;
  /** Of an unknown cause now, and of a known one before. */
  newlyUnknown: number;
  /** The other way round. */
  newlyKnown: number;
  /** The most frequent first. */
  movements: MovedBreaks[];
  /** How many each rule answers, by id. */
  rules: { rule: string; before: number; after: number }[];
  /** Facts that the new rules read and no snapshot has: newer than history, or never known. */
  notRecorded: string[];
}

/** Examples kept for each pair of rules. */
export const SAMPLES = 3;

const UNKNOWN = 'unknown';

/** A pair of rules, and the newest events that went from one to the other. */
export interface Movement<Sample> {
  from: string;
  to: string;
  count: number;
  /** The newest first. */
  samples: { endedAt: number; sample: Sample }[];
}

/**
 * Counts what a back-test finds.
 *
 * `Sample` is what is kept of an example until the report is made.
 */
export class BacktestTally<Sample> {
  readonly #movements = new Map<string, Map<string, Movement<Sample>>>();
  readonly #rules = new Map<string, { before: number; after: number }>();
  readonly #unseen: Set<string>;
  readonly #sums = { events: 0, moved: 0, reworded: 0, newlyUnknown: 0, newlyKnown: 0 };
  #from: number | null = null;
  #to: number | null = null;

  /** @param facts - names of those that the new rules read */
  constructor(facts: Iterable<string>) {
    this.#unseen = new Set(facts);
  }

  /** Facts that no snapshot had so far. */
  get unseen(): ReadonlySet<string> {
    return this.#unseen;
  }

  /** A snapshot had this fact. */
  saw(fact: string): void {
    this.#unseen.delete(fact);
  }

  /** Breaks ended in this time, epoch ms UTC, both ends included. */
  span(from: number, to: number): void {
    this.#from = Math.min(this.#from ?? from, from);
    this.#to = Math.max(this.#to ?? to, to);
  }

  /** So many breaks were answered so. */
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

  /** Keeps an example of a movement, if it is among the newest. */
  sample(before: Ruling, after: Ruling, endedAt: number, sample: () => Sample): void {
    const { samples } = this.movement(before, after);
    const last = samples[SAMPLES - 1];
    if (last && last.endedAt >= endedAt) {
      return;
    }
    // Among those of the same moment the first one stays first.
    const place = samples.findIndex((other) => other.endedAt < endedAt);
    samples.splice(place === -1 ? samples.length : place, 0, { endedAt, sample: sample() });
    samples.length = Math.min(samples.length, SAMPLES);
  }

  /** What went from one rule to another. */
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

  /** What is kept of all examples. */
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
   * Makes the report.
   *
   * @param show - turns what was kept of an example into one; undefined when it is no more
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

/** What a build allows. */
export interface BacktestLimits {
  /** 0 to 100. */
  maxMovedPercent?: number;
  /** Breaks that may become unknown. */
  maxUnknown?: number;
}

/** Which limits a report exceeds, in words. */
export function exceededLimits(report: BacktestReport, limits: BacktestLimits): string[] {
  const { maxMovedPercent, maxUnknown } = limits;
  const exceeded: string[] = [];
  if (maxMovedPercent !== undefined && report.movedPercent > maxMovedPercent) {
    exceeded.push(
      `${report.movedPercent.toFixed(2)} % of the breaks get another rule; ${maxMovedPercent} % are allowed`,
    );
  }
  if (maxUnknown !== undefined && report.newlyUnknown > maxUnknown) {
    exceeded.push(`${report.newlyUnknown} breaks become unknown; ${maxUnknown} are allowed`);
  }
  return exceeded;
}
