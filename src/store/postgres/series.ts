import type { FilterName, Filters, GroupBy } from '../../model/query.ts';
import { COLUMN_OF, isCellColumn } from '../rows/filter-columns.ts';
import { addSpan } from '../rows/lost-rows.ts';
import type { SqlValue } from '../rows/sql-value.ts';
import { Sums } from '../rows/sums.ts';
import type { SeriesGroup, SeriesSearch, TimeRange } from '../store.ts';
import type { Sql, SqlSnapshot } from './database.ts';
import { filterConditions, Parameters } from './filters.ts';
import { cellsOf, reachingInto } from './find-breaks.ts';

const MINUTE_MS = 60_000;

/** Counts groups over time for the store's `series`. */
export async function series(sql: SqlSnapshot, search: SeriesSearch): Promise<SeriesGroup[]> {
  if (search.range.from >= search.range.to) {
    return [];
  }
  const sums = new Sums();
  if (search.measure === 'lostMinutes') {
    await addLostTime(sql, search, sums);
    return sums.toGroups(search, MINUTE_MS);
  }
  await addCounts(sql, search, sums);
  return sums.toGroups(search, search.measure === 'rate' ? search.stepMs / MINUTE_MS : 1);
}

/** The labels of each cell in the order of `groupBy`, for those that are columns of cells. */
async function labelsOfCells(
  sql: Sql,
  groupBy: readonly GroupBy[],
): Promise<Map<number, readonly string[]>> {
  const columns = groupBy.filter(isCellColumn).map((name) => COLUMN_OF[name]);
  const rows = await sql.rows<[number, ...string[]]>(
    `SELECT ${['c.cell', ...columns].join(', ')} FROM cells c`,
  );
  return new Map(rows.map(([cell, ...labels]) => [cell, labels]));
}

/** Puts the labels of a cell and those of a row into the order of `groupBy`. */
function groupOf(
  groupBy: readonly GroupBy[],
  ofCell: readonly string[],
  ofRow: readonly SqlValue[],
): SqlValue[] {
  let cell = 0;
  let row = 0;
  return groupBy.map((name) =>
    isCellColumn(name) ? (ofCell[cell++] as string) : (ofRow[row++] as SqlValue),
  );
}

/** Conditions on `breaks b` of all filters; undefined when no cell passes them. */
async function conditionsOf(
  sql: Sql,
  filters: Filters,
  bind: Parameters,
): Promise<string[] | undefined> {
  const cells = await cellsOf(sql, { filters });
  return cells?.numbers.length === 0
    ? undefined
    : [
        ...filterConditions(filters, 'row', bind),
        ...(cells ? [`b.cell = ANY(${bind.add(cells.numbers)}::integer[])`] : []),
      ];
}

async function addCounts(sql: SqlSnapshot, search: SeriesSearch, sums: Sums): Promise<void> {
  const { range, stepMs, filters, groupBy } = search;
  const bind = new Parameters();
  const conditions = await conditionsOf(sql, filters, bind);
  if (conditions === undefined) {
    return;
  }
  const labels = await labelsOfCells(sql, groupBy);
  const places = groupBy.filter((name) => !isCellColumn(name)).map((name) => COLUMN_OF[name]);
  const rows = sql.pieces<[cell: number, step: number, count: number, ...places: SqlValue[]]>(
    `SELECT b.cell, b.ended_at / ${bind.add(stepMs)}::bigint, count(*)
       ${places.map((column) => `, ${column}`).join('')}
     FROM breaks b
     WHERE ${[`b.ended_at >= ${bind.add(range.from)}`, `b.ended_at < ${bind.add(range.to)}`, ...conditions].join(' AND ')}
     GROUP BY ${['1', '2', ...places].join(', ')}`,
    ...bind.values,
  );
  for await (const piece of rows) {
    for (const [cell, step, count, ...ofRow] of piece) {
      sums.add(groupOf(groupBy, labels.get(cell) as string[], ofRow), step, count);
    }
  }
}

/** The down-time of one stream and group, as far as it is added up. */
interface Covered {
  add: (step: number, ms: number) => void;
  /** Epoch ms UTC. */
  to: number;
}

/**
 * Sums down-time in ms. Refused retries belong to the same outage as the break before them, so within a group
 * the spans of one stream are merged.
 */
async function addLostTime(sql: SqlSnapshot, search: SeriesSearch, sums: Sums): Promise<void> {
  const { range, stepMs, now, filters, groupBy } = search;
  const bind = new Parameters();
  const conditions = await conditionsOf(sql, filters, bind);
  if (conditions === undefined) {
    return;
  }
  const labels = await labelsOfCells(sql, groupBy);
  const owners = await labelsOfCells(sql, ['account', 'domain', 'app']);
  const keys = new Map(
    [...labels].map(([cell, ofCell]) => [cell, JSON.stringify([owners.get(cell), ofCell])]),
  );
  const places = groupBy.filter((name) => !isCellColumn(name)).map((name) => COLUMN_OF[name]);
  const columns = ['b.stream', 'b.cell', 'b.ended_at', 'b.recovered_at', ...places];
  const select = `SELECT ${columns.map((column, index) => `${column} AS c${index}`).join(', ')}`;
  const where = conditions.map((one) => ` AND ${one}`).join('');
  // Sorted by few columns; what else tells streams and groups apart is known here.
  const rows = sql.pieces<
    [stream: string, cell: number, ended: number, recovered: number | null, ...places: SqlValue[]]
  >(
    `${select} FROM breaks b
     WHERE b.ended_at >= ${bind.add(range.from)} AND b.ended_at < ${bind.add(range.to)}
       AND b.down = 1${where}
     UNION ALL
     ${select} FROM ${reachingInto(range.from, [1], bind)} WHERE true${where}
     ORDER BY 1, 3`,
    ...bind.values,
  );
  let last: string | undefined;
  const ofStream = new Map<string, Covered>();
  for await (const piece of rows) {
    for (const [stream, cell, endedAt, recoveredAt, ...ofRow] of piece) {
      if (stream !== last) {
        ofStream.clear();
        last = stream;
      }
      const key = `${keys.get(cell)} ${JSON.stringify(ofRow)}`;
      let covered = ofStream.get(key);
      if (covered === undefined) {
        const group = groupOf(groupBy, labels.get(cell) as string[], ofRow);
        covered = { add: sums.adder(group), to: range.from };
        ofStream.set(key, covered);
      }
      const to = Math.min(recoveredAt ?? now, range.to);
      addSpan(covered.add, Math.max(endedAt, covered.to), to, stepMs);
      covered.to = Math.max(covered.to, to);
    }
  }
}

/** Distinct values of a filter in a range that contain a text, in any case, most frequent first. */
export async function values(
  sql: Sql,
  name: FilterName,
  range: TimeRange,
  limit: number,
  search = '',
): Promise<string[]> {
  const column = COLUMN_OF[name];
  const rows = await sql.rows<[string]>(
    `SELECT value FROM (
       SELECT ${column} AS value, count(*) AS most
       FROM breaks b ${isCellColumn(name) ? 'JOIN cells c ON c.cell = b.cell' : ''}
       WHERE b.ended_at >= $1 AND b.ended_at < $2 AND ${column} IS NOT NULL
         AND strpos(lower(${column}), lower($4::text)) > 0 GROUP BY ${column}) v
     ORDER BY most DESC, value LIMIT $3`,
    range.from,
    range.to,
    limit,
    search,
  );
  return rows.map(([value]) => value);
}
