import { type BreakRow, DETAIL_COLUMNS, KEY_COLUMNS } from '../rows/break-row.ts';
import type { SqlValue } from '../rows/sql-value.ts';
import { bucketOf } from './bucket.ts';
import type { Sql } from './database.ts';
import { arraysOf, columnsOf, insertOf } from './insert-rows.ts';
import type { CountedBreak, Tally } from './tally.ts';

const BREAK_COLUMNS = ['bucket', 'id', 'cell', ...KEY_COLUMNS];
const DETAILS = ['bucket', 'id', 'ended_at', 'verdict', ...DETAIL_COLUMNS];
/** What identifies a row. */
const KEY = ['id', 'bucket', 'ended_at'];

/** Where a stored break is. */
type Place = readonly [id: string, bucket: number, endedAt: number];

/** The places as arrays, and their first and last time, by which the planner leaves partitions out. */
function placeValues(places: readonly Place[]): [string[], number[], number[], number, number] {
  const times = places.map(([, , endedAt]) => endedAt);
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const time of times) {
    first = Math.min(first, time);
    last = Math.max(last, time);
  }
  return [places.map(([id]) => id), places.map(([, bucket]) => bucket), times, first, last];
}

/** The values of {@link placeValues}, and the condition that a row of a table is one of them. */
const PLACES = 'unnest($1::text[], $2::smallint[], $3::bigint[]) AS w (id, bucket, was)';
const isAt = (table: string) =>
  `${table}.id = w.id AND ${table}.bucket = w.bucket AND ${table}.ended_at = w.was
   AND ${table}.ended_at >= $4 AND ${table}.ended_at <= $5`;

/**
 * Changes rows that differ, because most updates of a break change a few of its columns. A row whose time is in another
 * partition moves there, and keeps its number.
 */
function updateOf(table: string, columns: readonly string[]): string {
  const changing = columns.filter((column) => column !== 'id' && column !== 'bucket');
  return `UPDATE ${table} t SET ${changing.map((column) => `${column} = w.${column}`).join(', ')}
    FROM unnest($1::text[], $2::smallint[], $3::bigint[], ${arraysOf(changing, 6)})
      AS w (id, bucket, was, ${changing.join(', ')})
    WHERE ${isAt('t')}
      AND (${changing.map((column) => `t.${column}`).join(', ')})
        IS DISTINCT FROM (${changing.map((column) => `w.${column}`).join(', ')})`;
}

const INSERT_BREAKS = insertOf('breaks', BREAK_COLUMNS);
const INSERT_DETAILS = insertOf('break_details', DETAILS);
const UPDATE_BREAKS = updateOf('breaks', BREAK_COLUMNS);
const UPDATE_DETAILS = updateOf('break_details', DETAILS);
const PUT_IDS = `${insertOf('break_ids', KEY)}
  ON CONFLICT (id, bucket) DO UPDATE SET ended_at = excluded.ended_at
  WHERE break_ids.ended_at <> excluded.ended_at`;

/** What the roll-ups count of a stored break. */
const COUNTED =
  'b.id, b.bucket, b.cell, b.ended_at, b.recovered_at, b.down, b.stream, c.domain, c.app, c.account';
type CountedRow = [
  ...[id: string, bucket: number, cell: number, endedAt: number, recoveredAt: number | null],
  ...[down: number, stream: string, domain: string, app: string, account: string],
];

function countedOf([id, , cell, endedAt, recoveredAt, down, ...stream]: CountedRow): CountedBreak {
  return { id, cell, endedAt, recoveredAt, down, stream };
}

const placeOf = ([id, bucket, , endedAt]: CountedRow): Place => [id, bucket, endedAt];

/** Where breaks are, which are locked until the end of the transaction. Unknown ids are left out. */
function lockPlaces(sql: Sql, ids: readonly string[]): Promise<Place[]> {
  return sql.rows<[string, number, number]>(
    `SELECT id, bucket, ended_at FROM break_ids WHERE id = ANY($1)
     ORDER BY id, bucket FOR NO KEY UPDATE`,
    ids,
  );
}

async function readCounted(sql: Sql, places: readonly Place[]): Promise<CountedRow[]> {
  return places.length === 0
    ? []
    : sql.rows<CountedRow>(
        `SELECT ${COUNTED} FROM ${PLACES} JOIN breaks b ON ${isAt('b')} JOIN cells c ON c.cell = b.cell`,
        ...placeValues(places),
      );
}

/** Deletes the rows of breaks, without their earlier verdicts. */
async function deletePlaces(sql: Sql, places: readonly Place[]): Promise<void> {
  if (places.length === 0) {
    return;
  }
  const values = placeValues(places);
  for (const table of ['break_details', 'breaks', 'break_ids']) {
    await sql.run(`DELETE FROM ${table} t USING ${PLACES} WHERE ${isAt('t')}`, ...values);
  }
}

/** Deletes breaks with their details and earlier verdicts. The caller writes the tally. */
export async function deleteBreaks(sql: Sql, ids: readonly string[], tally: Tally): Promise<void> {
  await sql.run('DELETE FROM earlier_verdicts WHERE break_id = ANY($1)', ids);
  const rows = await readCounted(sql, await lockPlaces(sql, ids));
  for (const row of rows) {
    tally.add(countedOf(row), -1);
  }
  await deletePlaces(sql, rows.map(placeOf));
}

const ENDED_AT = KEY_COLUMNS.indexOf('ended_at');

/** When a break ended, epoch ms UTC: the time that decides its partition. */
export function endedAtOf({ key }: Pick<BreakRow, 'key'>): number {
  return key[ENDED_AT] as number;
}

/** What the columns of breaks refer to. */
interface Numbers {
  /** By the JSON of a cell. */
  cells: ReadonlyMap<string, number>;
  verdicts: ReadonlyMap<string, number>;
}

/** Inserts breaks, or replaces those with the same id. The caller writes the tally. */
export async function putBreaks(
  sql: Sql,
  breaks: readonly BreakRow[],
  { cells, verdicts }: Numbers,
  tally: Tally,
): Promise<void> {
  // Of two records with the same id, the last one counts.
  const last = [...new Map(breaks.map((row) => [row.id, row])).values()];
  const rows = last.map((row) => new WrittenBreak(row, { cells, verdicts }));
  const stored = await readCounted(
    sql,
    await lockPlaces(
      sql,
      last.map(({ id }) => id),
    ),
  );
  for (const row of stored) {
    tally.add(countedOf(row), -1);
  }
  const bucketOfId = new Map(rows.map(({ id, bucket }) => [id, bucket]));
  // A stream never changes its bucket, but a record may name another stream than before.
  const leaving = stored.filter(([id, bucket]) => bucketOfId.get(id) !== bucket);
  await deletePlaces(sql, leaving.map(placeOf));
  const placeOfId = new Map(
    stored
      .filter(([id, bucket]) => bucketOfId.get(id) === bucket)
      .map((row) => [row[0], placeOf(row)]),
  );
  await sql.run(
    PUT_IDS,
    ...columnsOf(
      rows.map(({ id, bucket, endedAt }) => [id, bucket, endedAt]),
      KEY.length,
    ),
  );
  await insert(
    sql,
    rows.filter(({ id }) => !placeOfId.has(id)),
  );
  await update(
    sql,
    rows.flatMap((row) => {
      const place = placeOfId.get(row.id);
      return place === undefined ? [] : [{ row, place }];
    }),
  );
  for (const row of rows) {
    tally.add(row.counted, 1);
  }
}

/** A break with what its rows hold. */
class WrittenBreak {
  readonly id: string;
  readonly bucket: number;
  readonly endedAt: number;
  /** The row of `breaks`. */
  readonly row: SqlValue[];
  /** The row of `break_details`. */
  readonly details: SqlValue[];
  readonly counted: CountedBreak;

  constructor(written: BreakRow, { cells, verdicts }: Numbers) {
    const { id, cell, key, details, verdict } = written;
    const at = (column: (typeof KEY_COLUMNS)[number]) => key[KEY_COLUMNS.indexOf(column)];
    const [account, domain, app] = cell as [string, string, string];
    const stream = at('stream') as string;
    const number = cells.get(JSON.stringify(cell)) as number;
    this.id = id;
    this.bucket = bucketOf(account, stream);
    this.endedAt = endedAtOf(written);
    this.row = [this.bucket, id, number, ...key];
    this.details = [
      ...[this.bucket, id, this.endedAt, verdicts.get(verdict) as number],
      ...details,
    ];
    this.counted = {
      id,
      cell: number,
      endedAt: this.endedAt,
      recoveredAt: at('recovered_at') as number | null,
      down: at('down') as number,
      stream: [stream, domain, app, account],
    };
  }
}

async function insert(sql: Sql, rows: readonly WrittenBreak[]): Promise<void> {
  if (rows.length > 0) {
    const [breaks, details] = [rows.map(({ row }) => row), rows.map((row) => row.details)];
    await sql.run(INSERT_BREAKS, ...columnsOf(breaks, BREAK_COLUMNS.length));
    await sql.run(INSERT_DETAILS, ...columnsOf(details, DETAILS.length));
  }
}

async function update(
  sql: Sql,
  changes: readonly { row: WrittenBreak; place: Place }[],
): Promise<void> {
  if (changes.length > 0) {
    const places = placeValues(changes.map(({ place }) => place));
    // Without bucket and id, which are those of the place.
    const breaks = changes.map(({ row }) => row.row.slice(2));
    const details = changes.map(({ row }) => row.details.slice(2));
    await sql.run(UPDATE_BREAKS, ...places, ...columnsOf(breaks, BREAK_COLUMNS.length - 2));
    await sql.run(UPDATE_DETAILS, ...places, ...columnsOf(details, DETAILS.length - 2));
  }
}
