import { type FactBlock, valueAt } from '../../../model/facts.ts';
import type { Knowledge } from '../../compile/fold-test.ts';
import {
  byCode,
  type Classify,
  Columns,
  classifyFact,
  classifyPair,
  groupByKey,
  MAX_VALUES,
  ValueClasses,
} from './classify-events.ts';
import type { Judge, Ruling } from './judge.ts';
import { planSignature, SignatureTree } from './signatures.ts';

/** The fact that most rules name. Events are grouped by it first. */
const KEY = 'reason';
/** Maximum number of signature nodes before all are discarded and built again; about 100 bytes each. */
const MAX_PLACES = 1_000_000;

/** Receives the results. Events are identified by their index in the block. */
export interface JudgedEvents {
  /** A number of events has these rulings. */
  count(before: Ruling, after: Ruling, events: number): void;
  /** Whether `event` is called for each event with these rulings. */
  wantsEvents(before: Ruling, after: Ruling): boolean;
  /** One event, if `wantsEvents` returned true. */
  event(before: Ruling, after: Ruling, place: number): void;
}

/** The rulings of the first event of a signature. */
interface Outcome {
  before: Ruling;
  after: Ruling;
  wanted: boolean;
}

/** The signatures of all events with one value of the key. */
class Plan {
  readonly classify: readonly Classify[];
  readonly tree: SignatureTree;
  readonly outcomes: Outcome[] = [];
  counts = new Float64Array(16);
  wanted = new Uint8Array(16);

  constructor(classify: readonly Classify[]) {
    this.classify = classify;
    this.tree = new SignatureTree(classify.length);
  }

  add(outcome: Outcome): void {
    const state = this.outcomes.push(outcome) - 1;
    if (state >= this.counts.length) {
      const counts = new Float64Array(state * 2);
      counts.set(this.counts);
      this.counts = counts;
      const wanted = new Uint8Array(state * 2);
      wanted.set(this.wanted);
      this.wanted = wanted;
    }
    this.wanted[state] = outcome.wanted ? 1 : 0;
  }
}

/**
 * Judges blocks of events with two rule sets at once. Events with equal results in all comparisons of all
 * rules have the same signature. Only one event per signature is judged, with the same code that judges
 * single snapshots, and its rulings apply to all events with that signature.
 */
export class BlockJudge {
  readonly #before: Judge | null;
  readonly #after: Judge;
  readonly #facts: ReadonlySet<string>;
  readonly #judged: JudgedEvents;
  readonly #maxPlaces: number;
  readonly #plans = new Map<unknown, Plan>();
  /** For values of the key that cannot simplify rules. */
  #general: Plan | undefined;
  /** Class of each stored ruling, with the ruling. */
  readonly #rulings = new Map<string, { number: number; ruling: Ruling }>();
  #states = new Int32Array(0);
  #classes = new Int32Array(0);

  /**
   * @param before - null compares with the stored rulings
   * @param maxPlaces - maximum number of signature nodes, which limits the memory
   */
  constructor(
    before: Judge | null,
    after: Judge,
    judged: JudgedEvents,
    maxPlaces: number = MAX_PLACES,
  ) {
    this.#maxPlaces = maxPlaces;
    this.#before = before;
    this.#after = after;
    this.#judged = judged;
    this.#facts = before ? before.facts.union(after.facts) : after.facts;
  }

  /** @param places - indexes of the events to judge */
  judge(block: FactBlock, places: Uint32Array): void {
    const columns = new Columns(block);
    for (const [value, group] of groupByKey(columns.of(KEY), places)) {
      this.#judgeGroup(this.#planOf(value), columns, group);
    }
    this.#forgetMany();
  }

  /** Reports the counts. */
  finish(): void {
    for (const { outcomes, counts } of this.#allPlans()) {
      for (const [state, { before, after }] of outcomes.entries()) {
        this.#judged.count(before, after, counts[state] as number);
      }
    }
    this.#plans.clear();
    this.#general = undefined;
  }

  #allPlans(): Plan[] {
    return [...this.#plans.values(), ...(this.#general ? [this.#general] : [])];
  }

  /** Limits the memory: rules with many thresholds can have almost as many signatures as events. */
  #forgetMany(): void {
    if (this.#allPlans().reduce((sum, { tree }) => sum + tree.size, 0) > this.#maxPlaces) {
      this.finish();
    }
  }

  #planOf(value: unknown): Plan {
    const isKnowledge = typeof value !== 'object' || value === null;
    const known = isKnowledge ? this.#plans.get(value) : this.#general;
    if (known) {
      return known;
    }
    if (!isKnowledge || this.#plans.size >= MAX_VALUES) {
      this.#general ??= this.#plan(undefined);
      return this.#general;
    }
    const plan = this.#plan({ fact: KEY, value });
    this.#plans.set(value, plan);
    return plan;
  }

  #plan(knowledge: Knowledge | undefined): Plan {
    const sets = this.#before ? [this.#before, this.#after] : [this.#after];
    const parts = planSignature(
      sets.map(({ entries }) => entries),
      knowledge,
    );
    const classify = parts.map((part) =>
      part.kind === 'fact'
        ? classifyFact(part.fact, new ValueClasses(part.fact, part.atoms))
        : classifyPair(part),
    );
    const stored: Classify = (columns, places, into) =>
      byCode(columns.block.rulings(), places, into, (value) => this.#rulingOf(value).number);
    // Every signature has at least one part, so that it gets a number.
    const none: Classify = (_columns, places, into) => into.fill(0, 0, places.length);
    return new Plan([this.#before ? none : stored, ...classify]);
  }

  #rulingOf(value: unknown): { number: number; ruling: Ruling } {
    const ruling = value as Ruling;
    const key = JSON.stringify([ruling.rule, ruling.hash, ruling.category]);
    let known = this.#rulings.get(key);
    if (known === undefined) {
      known = { number: this.#rulings.size, ruling };
      this.#rulings.set(key, known);
    }
    return known;
  }

  #judgeGroup(plan: Plan, columns: Columns, places: Uint32Array): void {
    const events = places.length;
    if (this.#states.length < events) {
      this.#states = new Int32Array(events);
      this.#classes = new Int32Array(events);
    }
    const states = this.#states.fill(0, 0, events);
    for (const [part, classify] of plan.classify.entries()) {
      classify(columns, places, this.#classes);
      plan.tree.advance(part, states, this.#classes, events);
    }
    for (let event = 0; event < events; event += 1) {
      const state = states[event] as number;
      if (state === plan.outcomes.length) {
        plan.add(this.#outcomeOf(columns, places[event] as number));
      }
      plan.counts[state] = (plan.counts[state] as number) + 1;
      if (plan.wanted[state] === 1) {
        const { before, after } = plan.outcomes[state] as Outcome;
        this.#judged.event(before, after, places[event] as number);
      }
    }
  }

  #outcomeOf(columns: Columns, place: number): Outcome {
    const facts = columns.facts(this.#facts, place);
    const after = this.#after.judge(facts);
    const before = this.#before
      ? this.#before.judge(facts)
      : this.#rulingOf(valueAt(columns.block.rulings(), place)).ruling;
    return { before, after, wanted: this.#judged.wantsEvents(before, after) };
  }
}
