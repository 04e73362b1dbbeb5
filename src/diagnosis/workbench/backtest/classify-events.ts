import { type FactColumn, MISSING_INT } from '../../../model/facts.ts';
import type { Columns } from './columns.ts';
import type { SignaturePart } from './plan-signature.ts';
import { outcomeOf, type ValueClasses } from './value-classes.ts';

/** Tells the classes of some events of a block for one part of their signature. */
export type Classify = (columns: Columns, places: Uint32Array, into: Int32Array) => void;

/** Classes of one fact. */
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

/** Each value of a dictionary is looked at once, however many events have it. */
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

/** How two facts compare is found event by event. */
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
