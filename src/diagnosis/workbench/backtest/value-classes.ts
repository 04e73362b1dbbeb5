import type { CompareTest } from '../../compile/test-node.ts';

/** A comparison of one fact with a value of a rule. */
export type Atom = Pick<CompareTest, 'read' | 'compare' | 'value'>;

/** A snapshot of this fact alone. A name such as `__proto__` is an own key like any other. */
function snapshotOf(fact: string, value: unknown): Readonly<Record<string, unknown>> {
  return value === undefined ? {} : Object.fromEntries([[fact, value]]);
}

/** How a comparison comes out; a rule may throw instead. */
export function outcomeOf(compare: () => boolean): string {
  try {
    return compare() ? '1' : '0';
  } catch {
    return 'x';
  }
}

/** All numbers that a value of a rule can be compared as. */
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

/**
 * Puts the values of one fact into classes that no comparison tells apart, so that any value of a
 * class may stand for all.
 */
export class ValueClasses {
  readonly #fact: string;
  readonly #atoms: readonly Atom[];
  readonly #byOutcomes = new Map<string, number>();
  /** Numbers at which comparisons turn, ascending. */
  readonly #turns: Float64Array;
  /** Classes of the numbers below, at and above each turn; -1 until one is met. */
  readonly #ofRegion: Int32Array;

  constructor(fact: string, atoms: readonly Atom[]) {
    this.#fact = fact;
    this.#atoms = atoms;
    const turns = new Set(
      atoms.flatMap(({ value }) => numbersIn(value)).filter((number) => Number.isFinite(number)),
    );
    // Zero has two signs that compare alike.
    this.#turns = Float64Array.from(new Set([...turns].map((turn) => turn + 0))).sort();
    this.#ofRegion = new Int32Array(2 * this.#turns.length + 1).fill(-1);
  }

  /** Class of any value; undefined stands for a missing fact. */
  of(value: unknown): number {
    return typeof value === 'number' && Number.isFinite(value)
      ? this.ofNumber(value)
      : this.#look(value);
  }

  /**
   * Class of a finite number. Between two turns all numbers compare alike, so each region is
   * looked at once.
   */
  ofNumber(number: number): number {
    const turns = this.#turns;
    let region = 0;
    // Turns are few; going through them is quicker than halving.
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
