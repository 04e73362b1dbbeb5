import { type FactColumn, MISSING_INT } from '../../model/facts.ts';

/** A column with more distinct numbers than this stores the numbers themselves, not codes. */
const MAX_NUMBERS = 4_096;

function narrow(codes: Uint32Array, values: number): Uint8Array | Uint16Array | Uint32Array {
  return values <= 2 ** 8
    ? new Uint8Array(codes)
    : values <= 2 ** 16
      ? new Uint16Array(codes)
      : codes.slice();
}

/** Collects the values of one fact, event by event. */
export class ColumnBuilder {
  readonly #codes: Uint32Array;
  readonly #values: unknown[] = [undefined];
  /** Codes of primitives. */
  readonly #known = new Map<unknown, number>();
  /** Codes of arrays and objects, by their JSON. */
  readonly #structures = new Map<string, number>();
  #onlyNumbers = true;
  /** The numbers themselves, once there are many; NaN where the fact is missing. */
  #numbers: Float64Array | undefined;

  /** @param room - maximum number of events; the fact is missing in all of them at first */
  constructor(room: number) {
    this.#codes = new Uint32Array(room);
  }

  /** @param value - any JSON value */
  set(place: number, value: unknown): void {
    if (this.#numbers !== undefined) {
      if (typeof value === 'number') {
        this.#numbers[place] = value;
        return;
      }
      this.#backToCodes(this.#numbers);
    }
    this.#codes[place] = this.#codeOf(value);
    if (this.#onlyNumbers && this.#values.length > MAX_NUMBERS) {
      this.#numbers = Float64Array.from(this.#codes, (code) =>
        code === 0 ? Number.NaN : (this.#values[code] as number),
      );
    }
  }

  #codeOf(value: unknown): number {
    const isStructure = typeof value === 'object' && value !== null;
    const key = isStructure ? JSON.stringify(value) : value;
    const codes = (isStructure ? this.#structures : this.#known) as Map<unknown, number>;
    let code = codes.get(key);
    if (code === undefined) {
      code = this.#values.push(value) - 1;
      codes.set(key, code);
      this.#onlyNumbers &&= typeof value === 'number';
    }
    return code;
  }

  /** Goes back to codes when a value is not a number. */
  #backToCodes(numbers: Float64Array): void {
    this.#numbers = undefined;
    this.#onlyNumbers = false;
    for (const [place, number] of numbers.entries()) {
      this.#codes[place] = Number.isNaN(number) ? 0 : this.#codeOf(number);
    }
  }

  /** Builds the most compact column of the first `events` values. Do not use the builder afterwards. */
  build(events: number): FactColumn {
    if (this.#numbers === undefined) {
      const values = this.#values;
      const codes = this.#codes.subarray(0, events);
      return { kind: 'dictionary', codes: narrow(codes, values.length), values };
    }
    const numbers = this.#numbers.slice(0, events);
    const areInts = numbers.every(
      (number) => Number.isNaN(number) || (number === (number | 0) && number !== MISSING_INT),
    );
    return {
      kind: 'numbers',
      numbers: areInts
        ? Int32Array.from(numbers, (number) => (Number.isNaN(number) ? MISSING_INT : number))
        : numbers,
    };
  }
}
