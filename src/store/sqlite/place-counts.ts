/**
 * Counts of breaks by hour for each stream, client address and node, stored in addition to the breaks. These
 * have too many values for `cells`, and one row for each value, cell and hour would be nearly as many rows as
 * breaks. So a row holds the counts of one value in four days, of all cells, as bytes, and their sum.
 *
 * @module
 */
import type { Connection } from './connection.ts';
import { MAX_VARINT_BYTES, VarintReader, writeVarint } from './varint.ts';

const HOUR_MS = 3_600_000;
/** Hours of one row. */
const CHUNK_HOURS = 96;
/**
 * Bytes before the counts of a cell: its number (4), the sum of its counts (4), the length of its counts in
 * bytes (2), and a bit for each hour that has a count.
 */
const MASK_AT = 10;
const HEAD_BYTES = MASK_AT + CHUNK_HOURS / 8;

/** Columns of `breaks` that are counted, with their number in `place_counts`. */
const PLACE_KINDS = { stream: 1, client_ip: 2, node: 3 } as const;
export type PlaceColumn = keyof typeof PLACE_KINDS;

/** Where a break happened; null when it is not known. */
export type Places = Readonly<Record<PlaceColumn, string | null>>;

/** The hour of a time, since the epoch. */
function hourOf(time: number): number {
  return Math.floor(time / HOUR_MS);
}

/**
 * Calls back with each count of a row.
 *
 * @param visit - gets the cell, the hour within the row and the count
 */
function eachCount(
  bytes: Uint8Array,
  visit: (cell: number, hour: number, count: number) => void,
): void {
  const reader = new VarintReader(bytes);
  while (reader.at < bytes.length) {
    const cell = numberAt(bytes, reader.at);
    const masks = reader.at + MASK_AT;
    reader.at += HEAD_BYTES;
    for (let hour = 0; hour < CHUNK_HOURS; hour++) {
      if (((bytes[masks + (hour >> 3)] as number) >> (hour & 7)) & 1) {
        visit(cell, hour, reader.next());
      }
    }
  }
}

/**
 * Adds the counts of a row to totals by group.
 *
 * @param groups - group of each cell; -1 for cells that are left out
 */
function addTotals(bytes: Uint8Array, groups: Int32Array, totals: Float64Array): void {
  for (let at = 0; at < bytes.length; ) {
    const group = groups[numberAt(bytes, at)] ?? -1;
    if (group >= 0) {
      totals[group] = (totals[group] as number) + numberAt(bytes, at + 4);
    }
    at += HEAD_BYTES + (bytes[at + 8] as number) + (bytes[at + 9] as number) * 0x100;
  }
}

/** The sum of all counts of a row. */
function totalOf(bytes: Uint8Array): number {
  let total = 0;
  for (let at = 0; at < bytes.length; ) {
    total += numberAt(bytes, at + 4);
    at += HEAD_BYTES + (bytes[at + 8] as number) + (bytes[at + 9] as number) * 0x100;
  }
  return total;
}

/** Reads four bytes, the lowest first. */
function numberAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) +
    (bytes[at + 1] as number) * 0x100 +
    (bytes[at + 2] as number) * 0x10000 +
    (bytes[at + 3] as number) * 0x1000000
  );
}

/** Changes of counts: by cell, then by hour within the row. */
type Changes = Map<number, Map<number, number>>;

/** The counts of the cell that is being changed, by hour. */
const hours = new Float64Array(CHUNK_HOURS);

/** The changed row. One for all, because V8 collects garbage more often when memory outside of its heap grows. */
let changed = Buffer.allocUnsafe(65_536);

/**
 * Changes the counts of a row. Cells that do not change are copied as they are, because a value has many
 * cells and a batch changes few of them.
 *
 * @returns bytes that are valid until the next call
 */
function changeCounts(bytes: Uint8Array, changes: Changes): Uint8Array {
  const needed = bytes.length + changes.size * (HEAD_BYTES + CHUNK_HOURS * MAX_VARINT_BYTES);
  if (needed > changed.length) {
    changed = Buffer.allocUnsafe(2 * needed);
  }
  const done = new Set<number>();
  let end = 0;
  for (let at = 0; at < bytes.length; ) {
    const cell = numberAt(bytes, at);
    const next = at + HEAD_BYTES + (bytes[at + 8] as number) + (bytes[at + 9] as number) * 0x100;
    const segment = bytes.subarray(at, next);
    const change = changes.get(cell);
    if (change === undefined) {
      changed.set(segment, end);
      end += segment.length;
    } else {
      hours.fill(0);
      eachCount(segment, (_cell, hour, count) => {
        hours[hour] = count;
      });
      end = writeCell(changed, end, cell, change);
      done.add(cell);
    }
    at = next;
  }
  for (const [cell, change] of changes) {
    if (!done.has(cell)) {
      hours.fill(0);
      end = writeCell(changed, end, cell, change);
    }
  }
  return changed.subarray(0, end);
}

/**
 * Adds a change to {@link hours} and writes them as the counts of a cell; nothing when all are 0.
 *
 * @returns the position after what it wrote
 */
function writeCell(
  bytes: Buffer,
  head: number,
  cell: number,
  change: ReadonlyMap<number, number>,
): number {
  for (const [hour, count] of change) {
    hours[hour] = (hours[hour] as number) + count;
  }
  bytes.fill(0, head, head + HEAD_BYTES);
  let at = head + HEAD_BYTES;
  let total = 0;
  for (let hour = 0; hour < CHUNK_HOURS; hour++) {
    const count = hours[hour] as number;
    if (count === 0) {
      continue;
    }
    total += count;
    const mask = head + MASK_AT + (hour >> 3);
    bytes[mask] = (bytes[mask] as number) | (1 << (hour & 7));
    at = writeVarint(bytes, at, count);
  }
  if (total === 0) {
    return head;
  }
  bytes.writeUInt32LE(cell, head);
  bytes.writeUInt32LE(total, head + 4);
  bytes.writeUInt16LE(at - head - HEAD_BYTES, head + 8);
  return at;
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
 * @returns value and number, the largest number first
 */
export function placeBounds(
  connection: Connection,
  { column, fromHour, toHour, where, only }: PlaceSearch,
): [value: string, most: number][] {
  return connection.rows(
    `SELECT p.value, sum(p.total) AS most FROM place_counts p
     WHERE p.kind = ? AND p.chunk >= ? AND p.chunk <= ?${where.sql}
       ${only ? 'AND p.value IN (SELECT value FROM json_each(?))' : ''}
     GROUP BY p.value ORDER BY most DESC`,
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

/**
 * Adds the hourly counts of a row to steps.
 *
 * @param steps - by group of cells; a group without is left out
 */
export function addToSteps(
  bytes: Uint8Array,
  { groups, fromHour, toHour }: Pick<PlaceSearch, 'groups' | 'fromHour' | 'toHour'>,
  steps: readonly (Float64Array | undefined)[],
  { firstHour, firstStep, stepHours }: { firstHour: number; firstStep: number; stepHours: number },
): void {
  eachCount(bytes, (cell, hourOfRow, count) => {
    const ofGroup = steps[groups[cell] ?? -1];
    const hour = firstHour + hourOfRow;
    if (ofGroup && hour >= fromHour && hour < toHour) {
      const step = Math.floor(hour / stepHours) - firstStep;
      ofGroup[step] = (ofGroup[step] as number) + count;
    }
  });
}
