/**
 * Sums of down-time in rows of `lost_time`; see `lost-time.ts`.
 *
 * @module
 */
import {
  changeSums,
  type DayChange,
  type LostSums,
  QUARTERS_PER_DAY,
  type QuarterRange,
} from '../rows/lost-sums.ts';
import type { Connection } from './connection.ts';

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

/** Must be called in the transaction that writes the breaks. */
export function writeSums(connection: Connection, sums: LostSums): void {
  const numbers = new Map<string, number>();
  for (const change of sums.take()) {
    const { set, day } = change;
    const number = numbers.get(set) ?? numberOfSet(connection, set);
    numbers.set(set, number);
    writeDay(connection, number, day, change);
  }
}

function numberOfSet(connection: Connection, cells: string): number {
  const row =
    connection.row<[number]>('SELECT cell_set FROM cell_sets WHERE cells = ?', cells) ??
    connection.row<[number]>('INSERT INTO cell_sets (cells) VALUES (?) RETURNING cell_set', cells);
  return (row as [number])[0];
}

function writeDay(connection: Connection, set: number, day: number, change: DayChange): void {
  const row = connection.blobRow<[Uint8Array]>(
    'SELECT sums FROM lost_time WHERE cell_set = ? AND day = ?',
    set,
    day,
  );
  const sums = changeSums(row?.[0], change);
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
