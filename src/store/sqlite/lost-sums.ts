/**
 * Sums of down-time by quarter hour and set of cells, in rows of `lost_time`; see `lost-time.ts`.
 *
 * @module
 */
import type { Connection } from './connection.ts';
import { type LostSpan, segmentsOf } from './lost-spans.ts';
import { MAX_VARINT_BYTES, VarintReader, writeVarint } from './varint.ts';

/** Width of a sum in ms. */
export const QUARTER_MS = 900_000;
/** Sums in a row of `lost_time`, which holds one UTC day. */
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
interface QuarterRange {
  from: number;
  to: number;
}

/** Rows of one set of cells. */
interface DaysOfSet {
  set: number;
  days: { day: number; bytes: Uint8Array }[];
}

/**
 * Reads the rows of sets of cells. SQLite joins the bytes of each set, because passing a row takes longer than
 * reading it.
 */
export function* daysOfSets(
  connection: Connection,
  sets: readonly number[],
  { from, to }: QuarterRange,
): Iterable<DaysOfSet> {
  const rows = connection.iterate<never>(
    `SELECT s.cell_set, json_group_array(l.day), json_group_array(length(l.sums)),
       CAST(group_concat(l.sums, '') AS BLOB)
     FROM cell_sets s CROSS JOIN lost_time l
       ON l.cell_set = s.cell_set AND l.day >= ? AND l.day < ?
     WHERE s.cell_set IN (SELECT value FROM json_each(?)) GROUP BY s.cell_set`,
    Math.floor(from / QUARTERS_PER_DAY),
    Math.ceil(to / QUARTERS_PER_DAY),
    JSON.stringify(sets),
  ) as unknown as Iterable<[set: number, days: string, lengths: string, bytes: Uint8Array]>;
  for (const [set, days, lengths, bytes] of rows) {
    const sizes = JSON.parse(lengths) as number[];
    let end = 0;
    yield {
      set,
      days: (JSON.parse(days) as number[]).map((day, index) => {
        const start = end;
        end += sizes[index] as number;
        return { day, bytes: bytes.subarray(start, end) };
      }),
    };
  }
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
function bytesOf(sums: readonly number[]): Uint8Array {
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

/** Adds up changes of the sums, then writes them. */
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

  /** Must be called in the transaction that writes the breaks. */
  write(connection: Connection): void {
    for (const [set, days] of this.#changes) {
      const changed = [...days].filter(([, sums]) => sums.some((sum) => sum !== 0));
      if (changed.length === 0) {
        continue;
      }
      const number = numberOfSet(connection, set);
      for (const [day, sums] of changed) {
        writeDay(connection, number, day, sums);
      }
    }
    this.#changes.clear();
  }
}

function numberOfSet(connection: Connection, cells: string): number {
  const row =
    connection.row<[number]>('SELECT cell_set FROM cell_sets WHERE cells = ?', cells) ??
    connection.row<[number]>('INSERT INTO cell_sets (cells) VALUES (?) RETURNING cell_set', cells);
  return (row as [number])[0];
}

function writeDay(connection: Connection, set: number, day: number, changes: number[]): void {
  const row = connection.blobRow<[Uint8Array]>(
    'SELECT sums FROM lost_time WHERE cell_set = ? AND day = ?',
    set,
    day,
  );
  if (row !== undefined) {
    eachSum(row[0], (quarter, ms) => {
      changes[quarter] = (changes[quarter] as number) + ms;
    });
  }
  const sums = bytesOf(changes);
  if (sums.length === 0) {
    connection.run('DELETE FROM lost_time WHERE cell_set = ? AND day = ?', set, day);
    return;
  }
  connection
    .prepare(
      `INSERT INTO lost_time (cell_set, day, sums) VALUES (?, ?, ?)
       ON CONFLICT (cell_set, day) DO UPDATE SET sums = excluded.sums`,
    )
    .run(set, day, sums);
}
