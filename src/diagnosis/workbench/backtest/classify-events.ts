import {
  type FactBlock,
  type FactColumn,
  type Facts,
  MISSING_INT,
  valueAt,
} from '../../../model/facts.ts';
import { kindOfOperator } from '../../operators/own-operators.ts';
import type { Atom, SignaturePart } from './signatures.ts';

/** The columns of a block. Each is read once. */
export class Columns {
  readonly block: FactBlock;
  readonly #read = new Map<string, FactColumn | undefined>();

  constructor(block: FactBlock) {
    this.block = block;
  }

  of(name: string): FactColumn | undefined {
    if (!this.#read.has(name)) {
      this.#read.set(name, this.block.fact(name));
    }
    return this.#read.get(name);
  }

  /** The values of the named facts of one event. */
  facts(names: Iterable<string>, place: number): Facts {
    const known: [string, unknown][] = [];
    for (const name of names) {
      const column = this.of(name);
      const value = column && valueAt(column, place);
      if (value !== undefined) {
        known.push([name, value]);
      }
    }
    return Object.fromEntries(known) as Facts;
  }
}

/** A snapshot with only this fact. A name such as `__proto__` becomes an own key too. */
function snapshotOf(fact: string, value: unknown): Readonly<Record<string, unknown>> {
  return value === undefined ? {} : Object.fromEntries([[fact, value]]);
}

/** Result of a comparison: `1`, `0`, or `x` when it throws. */
function outcomeOf(compare: () => boolean): string {
  try {
    return compare() ? '1' : '0';
  } catch {
    return 'x';
  }
}

/** All numbers to which a value of a rule can be converted in a comparison. */
function numbersIn(value: unknown): number[] {
  if (Array.isArray(value)) {
    return [...value.flatMap(numbersIn), asNumber(value)];
  }
  return [asNumber(value)];
}

function asNumber(value: unknown): number {
  try {
    return Number(value);
  } catch {
    return Number.NaN;
  }
}

const MINUTE_MS = 60_000;
/** Maximum number of remembered minutes: 70 days. */
const MAX_MINUTES = 100_000;

/**
 * Groups the values of one fact into classes with equal results in all comparisons, so that any value of a
 * class represents all of them.
 */
export class ValueClasses {
  readonly #fact: string;
  readonly #atoms: readonly Atom[];
  readonly #byOutcomes = new Map<string, number>();
  /** Numbers at which the result of a comparison can change, ascending. */
  readonly #turns: Float64Array;
  /** Class of the numbers below, at and above each turn; -1 until the first such number. */
  readonly #ofRegion: Int32Array;
  /** Whether a comparison reads a clock, so that its result changes between turns too. */
  readonly #readsClock: boolean;
  /** Class of each minute, when all comparisons read clocks. */
  readonly #ofMinute: Map<number, number> | undefined;

  constructor(fact: string, atoms: readonly Atom[]) {
    this.#fact = fact;
    this.#atoms = atoms;
    const turns = new Set(
      atoms.flatMap(({ value }) => numbersIn(value)).filter((number) => Number.isFinite(number)),
    );
    // 0 and -0 compare equal.
    this.#turns = Float64Array.from(new Set([...turns].map((turn) => turn + 0))).sort();
    this.#ofRegion = new Int32Array(2 * this.#turns.length + 1).fill(-1);
    const readsClock = (atom: Atom) => kindOfOperator(atom.operator) === 'time';
    this.#readsClock = atoms.some(readsClock);
    this.#ofMinute = this.#readsClock && atoms.every(readsClock) ? new Map() : undefined;
  }

  /** Class of any value; undefined for a missing fact. */
  of(value: unknown): number {
    return typeof value === 'number' && Number.isFinite(value)
      ? this.ofNumber(value)
      : this.#look(value);
  }

  /**
   * Class of a finite number. All numbers between two turns have the same results, so each region is
   * evaluated once.
   */
  ofNumber(number: number): number {
    if (this.#readsClock) {
      return this.#ofTime(number);
    }
    const turns = this.#turns;
    let region = 0;
    // A linear search is faster than a binary one, because there are few turns.
    while (region < turns.length && (turns[region] as number) < number) {
      region += 1;
    }
    const place = 2 * region + (turns[region] === number ? 1 : 0);
    let known = this.#ofRegion[place] as number;
    if (known === -1) {
      known = this.#look(number);
      this.#ofRegion[place] = known;
    }
    return known;
  }

  /** Class of a time, epoch ms UTC. Local times change with the minute. */
  #ofTime(at: number): number {
    const ofMinute = this.#ofMinute;
    if (!ofMinute) {
      return this.#look(at);
    }
    const minute = Math.floor(at / MINUTE_MS);
    let known = ofMinute.get(minute);
    if (known === undefined) {
      if (ofMinute.size >= MAX_MINUTES) {
        ofMinute.clear();
      }
      known = this.#look(at);
      ofMinute.set(minute, known);
    }
    return known;
  }

  #look(value: unknown): number {
    const facts = snapshotOf(this.#fact, value);
    const outcomes = this.#atoms
      .map((atom) => outcomeOf(() => atom.compare(atom.read(facts), atom.value)))
      .join('');
    let known = this.#byOutcomes.get(outcomes);
    if (known === undefined) {
      known = this.#byOutcomes.size;
      this.#byOutcomes.set(outcomes, known);
    }
    return known;
  }
}

/** Finds the classes of events of a block for one part of their signature. */
export type Classify = (columns: Columns, places: Uint32Array, into: Int32Array) => void;

/** Classifies events by one fact. */
export function classifyFact(fact: string, classes: ValueClasses): Classify {
  return (columns, places, into) => {
    const column = columns.of(fact);
    if (column === undefined) {
      into.fill(classes.of(undefined), 0, places.length);
    } else if (column.kind === 'numbers') {
      const { numbers } = column;
      const missing = classes.of(undefined);
      const isInts = numbers instanceof Int32Array;
      for (let event = 0; event < places.length; event += 1) {
        const number = numbers[places[event] as number] as number;
        const isMissing = isInts ? number === MISSING_INT : Number.isNaN(number);
        into[event] = isMissing ? missing : classes.ofNumber(number);
      }
    } else {
      byCode(column, places, into, (value) => classes.of(value));
    }
  };
}

/** Classifies events by a dictionary column. Each value is evaluated once, however many events have it. */
export function byCode(
  { codes, values }: Extract<FactColumn, { kind: 'dictionary' }>,
  places: Uint32Array,
  into: Int32Array,
  classOf: (value: unknown) => number,
): void {
  const known = new Int32Array(values.length).fill(-1);
  for (let event = 0; event < places.length; event += 1) {
    const code = codes[places[event] as number] as number;
    let found = known[code] as number;
    if (found === -1) {
      found = classOf(values[code]);
      known[code] = found;
    }
    into[event] = found;
  }
}

/** Classifies events by a comparison of two facts, event by event. */
export function classifyPair({ test }: Extract<SignaturePart, { kind: 'pair' }>): Classify {
  const names = [...new Set([test.fact, test.other.fact])];
  return (columns, places, into) => {
    for (const [event, place] of places.entries()) {
      const facts = columns.facts(names, place);
      const outcome = outcomeOf(() => test.compare(test.read(facts), test.other.read(facts)));
      into[event] = outcome === 'x' ? 2 : Number(outcome);
    }
  };
}

/** Maximum number of different values by which events are grouped. */
export const MAX_VALUES = 2_000;

/**
 * Groups events by the value of a fact.
 *
 * @param column - undefined when no event has the fact
 * @returns each value with its events; one object as the value when there are too many values
 */
export function groupByKey(
  column: FactColumn | undefined,
  places: Uint32Array,
): Iterable<[unknown, Uint32Array]> {
  if (column === undefined) {
    return [[undefined, places]];
  }
  if (column.kind === 'numbers' || column.values.length > MAX_VALUES) {
    return [[{}, places]];
  }
  const { codes, values } = column;
  const ends = new Uint32Array(values.length);
  for (const place of places) {
    const code = codes[place] as number;
    ends[code] = (ends[code] as number) + 1;
  }
  for (let code = 1; code < ends.length; code += 1) {
    ends[code] = (ends[code] as number) + (ends[code - 1] as number);
  }
  const starts = new Uint32Array(values.length);
  starts.set(ends.subarray(0, -1), 1);
  const next = starts.slice();
  const sorted = new Uint32Array(places.length);
  for (const place of places) {
    const code = codes[place] as number;
    sorted[next[code] as number] = place;
    next[code] = (next[code] as number) + 1;
  }
  return values
    .map((value, code): [unknown, Uint32Array] => {
      return [value, sorted.subarray(starts[code], ends[code])];
    })
    .filter(([, group]) => group.length > 0);
}
