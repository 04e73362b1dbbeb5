import type { Cell, Field, FieldType } from '../model/frame.ts';

/** Values that are converted to JSON at a time, so that no text of the whole answer is in memory. */
const VALUES_PER_STEP = 4_096;

/** Encodes the values of fields as JSON. The series of one query share their times, which are encoded once. */
export class ValuesEncoder {
  readonly #convert: ((type: FieldType, value: Cell) => Cell) | undefined;
  #times: Field['values'] | undefined;
  #text = '';

  /** @param convert - changes each value before it is encoded */
  constructor(convert?: (type: FieldType, value: Cell) => Cell) {
    this.#convert = convert;
  }

  /** Yields the values of a field, separated by commas, part by part. */
  *partsOf({ type, values }: Pick<Field, 'type' | 'values'>): Generator<string> {
    if (type !== 'time') {
      yield* this.#parts(type, values);
      return;
    }
    if (values !== this.#times) {
      this.#text = [...this.#parts(type, values)].join('');
      this.#times = values;
    }
    yield this.#text;
  }

  *#parts(type: FieldType, values: Field['values']): Generator<string> {
    const convert = this.#convert;
    for (let from = 0; from < values.length; from += VALUES_PER_STEP) {
      const slice = values.slice(from, from + VALUES_PER_STEP);
      const converted = convert ? slice.map((value) => convert(type, value)) : slice;
      const part = JSON.stringify(converted).slice(1, -1);
      yield from === 0 ? part : `,${part}`;
    }
  }
}
