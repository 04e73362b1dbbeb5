import { type FactBlock, type FactColumn, type Facts, valueAt } from '../../../model/facts.ts';

/** The block in hand, its columns read once. */
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

  /** The values of some facts of one event. */
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
