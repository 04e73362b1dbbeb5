/**
 * Counts of breaks by hour for each stream, client address and node, stored in addition to the breaks. These
 * have too many values for `cells`, and one row for each value, cell and hour would be nearly as many rows as
 * breaks. So a row holds the counts of one value in four days, of all cells, as bytes, and their sum.
 *
 * @module
 */

import {
  addTotals,
  CHUNK_HOURS,
  type Changes,
  changeCounts,
  eachCount,
  totalOf,
} from '../rows/place-bytes.ts';
import type { Connection } from './connection.ts';

const HOUR_MS = 3_600_000;
/** Columns of `breaks` that are counted, with their number in `place_counts`. */
const PLACE_KINDS = { stream: 1, client_ip: 2, node: 3 } as const;
export type PlaceColumn = keyof typeof PLACE_KINDS;

/** Where a break happened; null when it is not known. */
export type Places = Readonly<Record<PlaceColumn, string | null>>;

/** The hour of a time, since the epoch. */
function hourOf(time: number): number {
  return Math.floor(time / HOUR_MS);
}

const NO_COUNTS = new Uint8Array(0);

/** Adds up the changes that one batch makes to the counts of places, then writes them. */
export class PlaceTally {
  /** By kind, chunk and value. */
  readonly #changes = new Map<
    string,
    { kind: number; chunk: number; value: string; counts: Changes }
  >();

  add(cell: number, endedAt: number, breaks: number, places: Places): void {
    const hour = hourOf(endedAt);
    const chunk = Math.floor(hour / CHUNK_HOURS);
    const hourOfRow = hour - chunk * CHUNK_HOURS;
    for (const column of Object.keys(PLACE_KINDS) as PlaceColumn[]) {
      const kind = PLACE_KINDS[column];
      const value = places[column] ?? '';
      const key = `${kind} ${chunk} ${value}`;
      let change = this.#changes.get(key);
      if (change === undefined) {
        change = { kind, chunk, value, counts: new Map() };
        this.#changes.set(key, change);
      }
      let ofCell = change.counts.get(cell);
      if (ofCell === undefined) {
        ofCell = new Map();
        change.counts.set(cell, ofCell);
      }
      const sum = (ofCell.get(hourOfRow) ?? 0) + breaks;
      if (sum !== 0) {
        ofCell.set(hourOfRow, sum);
      } else if (ofCell.delete(hourOfRow) && ofCell.size === 0) {
        change.counts.delete(cell);
      }
    }
  }

  /** Must be called in the transaction that writes the breaks. */
  write(connection: Connection): void {
    for (const { kind, chunk, value, counts } of this.#changes.values()) {
      if (counts.size === 0) {
        continue;
      }
      const row = connection.blobRow<[Uint8Array]>(
        'SELECT counts FROM place_counts WHERE kind = ? AND chunk = ? AND value = ?',
        kind,
        chunk,
        value,
      );
      const bytes = changeCounts(row?.[0] ?? NO_COUNTS, counts);
      if (bytes.length === 0) {
        connection.run(
          'DELETE FROM place_counts WHERE kind = ? AND chunk = ? AND value = ?',
          kind,
          chunk,
          value,
        );
      } else {
        connection
          .prepare(
            `INSERT INTO place_counts (kind, chunk, value, total, counts) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (kind, chunk, value)
               DO UPDATE SET total = excluded.total, counts = excluded.counts`,
          )
          .run(kind, chunk, value, totalOf(bytes), bytes);
      }
    }
  }
}

/** Which counts to read. */
export interface PlaceSearch {
  column: PlaceColumn;
  /** First hour, since the epoch. */
  fromHour: number;
  /** First hour that is not read. */
  toHour: number;
  /** Group of each cell; -1 for cells that are left out. */
  groups: Int32Array;
  groupCount: number;
  /** A condition on `p.value`, with the values that it binds. */
  where: { sql: string; values: string[] };
  /** Only these values, which are looked up one by one; all when absent. */
  only?: readonly string[];
}

/**
 * Finds how many breaks each value has at most: all breaks of the rows that a search reads, of all cells. It
 * reads no counts, because passing them from SQLite takes longer than all else.
 *
 * @returns value and number, in no order
 */
export function placeBounds(
  connection: Connection,
  { column, fromHour, toHour, where, only }: PlaceSearch,
): [value: string, most: number][] {
  return connection.rows(
    `SELECT p.value, sum(p.total) AS most FROM place_counts p
     WHERE p.kind = ? AND p.chunk >= ? AND p.chunk <= ?${where.sql}
       ${only ? 'AND p.value IN (SELECT value FROM json_each(?))' : ''}
     GROUP BY p.value`,
    PLACE_KINDS[column],
    Math.floor(fromHour / CHUNK_HOURS),
    Math.floor((toHour - 1) / CHUNK_HOURS),
    ...where.values,
    ...(only ? [JSON.stringify(only)] : []),
  );
}

type PlaceRow = [chunk: number, value: string, counts: Uint8Array];

function rowsOf(
  connection: Connection,
  { column, fromHour, toHour, where, only }: PlaceSearch,
): Iterable<PlaceRow> {
  const first = Math.floor(fromHour / CHUNK_HOURS);
  const last = Math.floor((toHour - 1) / CHUNK_HOURS);
  const kind = PLACE_KINDS[column];
  const rows = only
    ? connection.iterate<never>(
        `SELECT p.chunk, p.value, p.counts
         FROM json_each(?) v CROSS JOIN json_each(?) k CROSS JOIN place_counts p
           ON p.kind = ? AND p.chunk = k.value AND p.value = v.value`,
        JSON.stringify(only),
        JSON.stringify(Array.from({ length: last - first + 1 }, (_one, index) => first + index)),
        kind,
      )
    : connection.iterate<never>(
        `SELECT p.chunk, p.value, p.counts FROM place_counts p
         WHERE p.kind = ? AND p.chunk >= ? AND p.chunk <= ?${where.sql}`,
        kind,
        first,
        last,
        ...where.values,
      );
  return rows as unknown as Iterable<PlaceRow>;
}

/**
 * Adds up the breaks of each value.
 *
 * @returns by value, the number of breaks in each group of cells
 */
export function placeTotals(
  connection: Connection,
  search: PlaceSearch,
): Map<string, Float64Array> {
  const { fromHour, toHour, groups, groupCount } = search;
  const totals = new Map<string, Float64Array>();
  for (const [chunk, value, bytes] of rowsOf(connection, search)) {
    connection.goOn();
    let ofValue = totals.get(value);
    if (ofValue === undefined) {
      ofValue = new Float64Array(groupCount);
      totals.set(value, ofValue);
    }
    const first = chunk * CHUNK_HOURS;
    if (first >= fromHour && first + CHUNK_HOURS <= toHour) {
      addTotals(bytes, groups, ofValue);
      continue;
    }
    const sums = ofValue;
    eachCount(bytes, (cell, hour, count) => {
      const group = groups[cell] ?? -1;
      if (group >= 0 && first + hour >= fromHour && first + hour < toHour) {
        sums[group] = (sums[group] as number) + count;
      }
    });
  }
  return totals;
}

/**
 * Calls back with each row.
 *
 * @param visit - gets the value, the counts and the first hour that these can have, since the epoch
 */
export function eachPlaceRow(
  connection: Connection,
  search: PlaceSearch,
  visit: (value: string, bytes: Uint8Array, firstHour: number) => void,
): void {
  for (const [chunk, value, bytes] of rowsOf(connection, search)) {
    connection.goOn();
    visit(value, bytes, chunk * CHUNK_HOURS);
  }
}
