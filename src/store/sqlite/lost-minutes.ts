import { COLUMN_OF } from '../rows/filter-columns.ts';
import { LostRows } from '../rows/lost-rows.ts';
import { StoredLostTime, storedPart } from '../rows/stored-lost-time.ts';
import { Sums } from '../rows/sums.ts';
import type { SeriesSearch, TimeRange } from '../store.ts';
import { type Connection, goOnAt, type SqlValue } from './connection.ts';
import { filterConditions } from './filter-conditions.ts';
import { indexFor } from './find-breaks.ts';
import { groupCells } from './group-cells.ts';
import { daysOfSets } from './lost-sums.ts';
import { reachingInto } from './reaching-into.ts';

/**
 * Sums down-time in ms. Refused retries belong to the same outage as the break before them, so within a group
 * the spans of one stream are merged: a stream never loses more than one minute per minute.
 *
 * Whole quarter hours are read from the stored sums when the search needs cells alone.
 */
export function lostTime(connection: Connection, search: SeriesSearch): Sums {
  const sums = new Sums();
  const stored = storedPart(search);
  if (stored === undefined) {
    addBreaks(connection, search, search.range, sums);
    return sums;
  }
  addBreaks(connection, search, { from: search.range.from, to: stored.from }, sums);
  addStored(connection, search, stored, sums);
  addBreaks(connection, search, { from: stored.to, to: search.range.to }, sums);
  return sums;
}

/** Adds the stored sums of whole quarter hours, and the time of streams that have not recovered. */
function addStored(
  connection: Connection,
  search: SeriesSearch,
  range: TimeRange,
  sums: Sums,
): void {
  const { groups, labels } = groupCells(connection, search);
  const stored = new StoredLostTime<number>({ ...search, range }, (cell) => groups[cell] ?? -1);
  for (const [set, cells] of connection.iterate<[number, string]>(
    'SELECT cell_set, cells FROM cell_sets',
  )) {
    stored.addSet(set, cells);
  }
  for (const { set, days } of daysOfSets(connection, stored.sets, stored.quarters)) {
    connection.goOn();
    stored.addDays(set, days);
  }
  for (const [spans] of connection.iterate<[string]>('SELECT spans FROM lost_open')) {
    connection.goOn();
    stored.addOpen(spans);
  }
  stored.addTo(sums, labels);
}

/** Adds the time in a range that is read from single breaks. */
function addBreaks(
  connection: Connection,
  { stepMs, filters, groupBy, now }: SeriesSearch,
  range: TimeRange,
  sums: Sums,
): void {
  if (range.from >= range.to) {
    return;
  }
  const conditions = filterConditions(filters, 'all');
  const where = conditions.sql.map((sql) => ` AND ${sql}`).join('');
  const groups = groupBy.map((name) => COLUMN_OF[name]);
  const stream = ['c.account', 'c.domain', 'c.app', 'b.stream'];
  const reaching = reachingInto(range.from, [1]);
  // By group, then stream, then time: all columns except the last, by their number.
  const order = [...groups, ...stream, 'ended_at'].map((_column, i) => i + 1).join(', ');
  const select = `SELECT ${[...groups, ...stream].join(', ')}, b.ended_at, b.recovered_at`;
  const rows = connection.iterate<SqlValue[]>(
    `SELECT * FROM (
       ${select} FROM breaks b INDEXED BY ${indexFor(filters)}
         CROSS JOIN cells c ON c.cell = b.cell
       WHERE ${goOnAt('b.n')} AND b.ended_at >= ? AND b.ended_at < ? AND b.down = 1${where}
       UNION ALL
       ${select} FROM ${reaching.from} CROSS JOIN cells c ON c.cell = b.cell
       WHERE ${goOnAt('b.n')}${where}
     ) ORDER BY ${order}`,
    range.from,
    range.to,
    ...conditions.values,
    ...reaching.values,
    ...conditions.values,
  );
  const adder = new LostRows(sums, range, { stepMs, now }, groups.length);
  for (const row of rows) {
    adder.add(row);
  }
}
