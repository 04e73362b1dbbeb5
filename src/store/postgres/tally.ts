import type { LostBreak, StreamValues } from '../rows/lost-change.ts';
import type { Sql } from './database.ts';
import { LostTally } from './lost-tally.ts';
import { RollUpTally } from './roll-ups.ts';

/** What the roll-ups count of a break. */
export interface CountedBreak extends LostBreak {
  id: string;
  stream: StreamValues;
}

/** Adds up the changes that one batch makes to the roll-ups, then writes them. */
export class Tally {
  readonly #counts = new RollUpTally();
  readonly #lost = new LostTally();

  /** Counts a break that is written, or with -1 one that is deleted, as it was before. */
  add(row: CountedBreak, sign: 1 | -1): void {
    this.#counts.add(row.cell, row.endedAt, sign);
    this.#lost.add(row.stream, row.id, row, sign);
  }

  /** Must be called in the transaction that writes the breaks, after they are written. */
  async write(sql: Sql): Promise<void> {
    await this.#counts.write(sql);
    await this.#lost.write(sql);
  }
}
