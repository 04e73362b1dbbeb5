/**
 * Sums of down-time by quarter hour and set of cells, as bytes: one row holds a UTC day of a set. The sums of all
 * streams are added up, see `lost-change.ts`.
 *
 * @module
 */
import { type LostSpan, segmentsOf } from './lost-spans.ts';
import { MAX_VARINT_BYTES, VarintReader, writeVarint } from './varint.ts';

/** Width of a sum in ms. */
export const QUARTER_MS = 900_000;
/** Sums in a row, which holds one UTC day. */
export const QUARTERS_PER_DAY = 96;

/** Calls back with each sum of a row of `lost_time` that is not 0. */
function eachSum(bytes: Uint8Array, visit: (quarter: number, ms: number) => void): void {
  const reader = new VarintReader(bytes);
  for (let quarter = 0; reader.at < bytes.length; quarter++) {
    const ms = reader.next();
    if (ms > 0) {
      visit(quarter, ms);
    }
  }
}

/** Half-open range of quarter hours since the epoch. */
export interface QuarterRange {
  from: number;
  to: number;
}

/**
 * Adds the sums of a row to steps.
 *
 * @param first - the quarter hour of the first sum
 * @param quarters - other sums are left out
 * @param steps - changed; the first one is the step `firstStep`
 */
export function addSums(
  bytes: Uint8Array,
  first: number,
  quarters: QuarterRange,
  steps: Float64Array,
  firstStep: number,
  quartersPerStep: number,
): void {
  let step = Math.floor(first / quartersPerStep);
  let stepEnd = (step + 1) * quartersPerStep;
  let sum = 0;
  // Without a reader and a callback, which took three times as long over 30 days.
  for (let at = 0, quarter = first; at < bytes.length; quarter++) {
    if (quarter === stepEnd) {
      if (sum > 0) {
        steps[step - firstStep] = (steps[step - firstStep] as number) + sum;
      }
      sum = 0;
      step += 1;
      stepEnd += quartersPerStep;
    }
    let byte = bytes[at++] as number;
    let ms = byte & 127;
    for (let shift = 128; byte >= 128; shift *= 128) {
      byte = bytes[at++] as number;
      ms += (byte & 127) * shift;
    }
    if (quarter >= quarters.from && quarter < quarters.to) {
      sum += ms;
    }
  }
  if (sum > 0) {
    steps[step - firstStep] = (steps[step - firstStep] as number) + sum;
  }
}

/** A row as bytes. One for all, because V8 collects garbage more often when memory outside of its heap grows. */
const bytes = new Uint8Array(QUARTERS_PER_DAY * MAX_VARINT_BYTES);

/**
 * Writes sums as bytes, without the zeros at the end.
 *
 * @returns bytes that are valid until the next call
 */
function sumBytesOf(sums: readonly number[]): Uint8Array {
  let at = 0;
  let end = 0;
  for (const sum of sums) {
    at = writeVarint(bytes, at, sum);
    if (sum > 0) {
      end = at;
    }
  }
  return bytes.subarray(0, end);
}

/** Changes of a day of a set of cells. */
export interface DayChange {
  /** Numbers of its cells in ascending order, with commas. */
  set: string;
  /** Since the epoch. */
  day: number;
  /** By quarter hour, ms. */
  sums: readonly number[];
}

/** Adds up changes of the sums. */
export class LostSums {
  /** By set of cells, then by day. */
  readonly #changes = new Map<string, Map<number, number[]>>();

  /**
   * Adds the down-time of one stream, or subtracts it.
   *
   * @param spans - merged, all with an end
   */
  add(spans: readonly LostSpan[], sign: 1 | -1): void {
    for (const { from, to, cells } of segmentsOf(spans)) {
      const set = cells.join(',');
      let days = this.#changes.get(set);
      if (days === undefined) {
        days = new Map();
        this.#changes.set(set, days);
      }
      for (let at = from, quarter = Math.floor(from / QUARTER_MS); at < to; quarter++) {
        const end = Math.min(to, (quarter + 1) * QUARTER_MS);
        const day = Math.floor(quarter / QUARTERS_PER_DAY);
        let sums = days.get(day);
        if (sums === undefined) {
          sums = new Array<number>(QUARTERS_PER_DAY).fill(0);
          days.set(day, sums);
        }
        const place = quarter - day * QUARTERS_PER_DAY;
        sums[place] = (sums[place] as number) + sign * (end - at);
        at = end;
      }
    }
  }

  /** How many days of sets have changed. */
  get size(): number {
    let size = 0;
    for (const days of this.#changes.values()) {
      size += days.size;
    }
    return size;
  }

  /** The changes since the last call, in order of sets and days. */
  take(): DayChange[] {
    const changes = [...this.#changes].flatMap(([set, days]) =>
      [...days].map(([day, sums]) => ({ set, day, sums })),
    );
    this.#changes.clear();
    return changes
      .filter(({ sums }) => sums.some((sum) => sum !== 0))
      .sort((a, b) => (a.set === b.set ? a.day - b.day : a.set < b.set ? -1 : 1));
  }
}

/**
 * Adds changes to the sums of a row.
 *
 * @param bytes - the row; undefined when there is none
 * @returns bytes that are valid until the next call; empty when all sums are 0
 */
export function changeSums(bytes: Uint8Array | undefined, { sums }: DayChange): Uint8Array {
  const changed = [...sums];
  if (bytes !== undefined) {
    eachSum(bytes, (quarter, ms) => {
      changed[quarter] = (changed[quarter] as number) + ms;
    });
  }
  return sumBytesOf(changed);
}
