import type { SeriesSearch, TimeRange } from '../store.ts';
import type { SqlValue } from './sql-value.ts';
import type { Sums } from './sums.ts';

/** Columns that name a stream: account, domain, app, stream. */
const STREAM_LENGTH = 4;

/**
 * Adds up the down-time of single breaks. The spans of one stream and group are merged, so that a stream
 * never loses more than one minute a minute.
 */
export class LostRows {
  readonly #sums: Sums;
  readonly #range: TimeRange;
  readonly #stepMs: number;
  readonly #now: number;
  readonly #groupLength: number;
  #owner: readonly SqlValue[] | undefined;
  #add: (step: number, amount: number) => void;
  #coveredTo = 0;

  /** @param groupLength - how many columns at the beginning of a row are its group */
  constructor(
    sums: Sums,
    range: TimeRange,
    { stepMs, now }: Pick<SeriesSearch, 'stepMs' | 'now'>,
    groupLength: number,
  ) {
    this.#sums = sums;
    this.#range = range;
    this.#stepMs = stepMs;
    this.#now = now;
    this.#groupLength = groupLength;
    this.#add = sums.adder([]);
  }

  /**
   * Adds a break: the columns of its group, account, domain, app, stream, endedAt, recoveredAt. Those of one
   * group and stream must follow each other, in the order of their end.
   */
  add(row: readonly SqlValue[]): void {
    const keyLength = this.#groupLength + STREAM_LENGTH;
    const endedAt = row[keyLength] as number;
    const recoveredAt = row[keyLength + 1] as number | null;
    const owner = this.#owner;
    if (owner === undefined || !startsAlike(row, owner, keyLength)) {
      if (owner === undefined || !startsAlike(row, owner, this.#groupLength)) {
        this.#add = this.#sums.adder(row.slice(0, this.#groupLength));
      }
      this.#owner = row;
      this.#coveredTo = this.#range.from;
    }
    const from = Math.max(endedAt, this.#coveredTo);
    const to = Math.min(recoveredAt ?? this.#now, this.#range.to);
    addSpan(this.#add, from, to, this.#stepMs);
    this.#coveredTo = Math.max(this.#coveredTo, to);
  }
}

/** Whether the first columns of two rows are the same. */
function startsAlike(a: readonly SqlValue[], b: readonly SqlValue[], length: number): boolean {
  for (let column = 0; column < length; column++) {
    if (a[column] !== b[column]) {
      return false;
    }
  }
  return true;
}

/** Divides a span at the steps; times are epoch ms UTC. */
export function addSpan(
  add: (step: number, ms: number) => void,
  from: number,
  to: number,
  stepMs: number,
): void {
  for (let step = Math.floor(from / stepMs), at = from; at < to; step++) {
    const end = Math.min(to, (step + 1) * stepMs);
    add(step, end - at);
    at = end;
  }
}
