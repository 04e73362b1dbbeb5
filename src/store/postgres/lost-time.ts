import { COLUMN_OF, isCellColumn } from '../rows/filter-columns.ts';
import { LostRows } from '../rows/lost-rows.ts';
import { QUARTERS_PER_DAY } from '../rows/lost-sums.ts';
import type { SqlValue } from '../rows/sql-value.ts';
import { StoredLostTime, storedPart } from '../rows/stored-lost-time.ts';
import type { Sums } from '../rows/sums.ts';
import type { SeriesSearch, TimeRange } from '../store.ts';
import type { SqlTransaction } from './database.ts';
import { Parameters } from './filters.ts';
import { cellsOf, reachingInto } from './find-breaks.ts';
import { readDays } from './lost-sums.ts';
import { conditionsOf, groupOf, labelsOfCells, numbersOf } from './series-groups.ts';

/**
 * Sums down-time in ms. Whole quarter hours are read from the stored sums when the search needs cells alone, the rest from
 * single breaks.
 */
export async function addLostTime(
  sql: SqlTransaction,
  search: SeriesSearch,
  sums: Sums,
): Promise<void> {
  const { range } = search;
  const stored = storedPart(search);
  if (stored === undefined) {
    return addBreaks(sql, search, range, sums);
  }
  await addEdge(sql, search, { from: range.from, to: stored.from }, sums);
  await addStored(sql, search, stored, sums);
  await addEdge(sql, search, { from: stored.to, to: range.to }, sums);
}

/** Adds less than a quarter of an hour, whose few spans are merged here: that takes less than preparing the database for it. */
async function addEdge(
  sql: SqlTransaction,
  { stepMs, now, filters, groupBy }: SeriesSearch,
  range: TimeRange,
  sums: Sums,
): Promise<void> {
  const bind = new Parameters();
  const conditions = await conditionsOf(sql, filters, bind);
  if (conditions === undefined || range.from >= range.to) {
    return;
  }
  const where = conditions.map((one) => ` AND ${one}`).join('');
  const groups = groupBy.map((name) => COLUMN_OF[name]);
  const columns = [...groups, 'c.account', 'c.domain', 'c.app', 'b.stream', 'b.ended_at'];
  const [from, to] = [bind.add(range.from), bind.add(range.to)];
  const rows = sql.pieces<SqlValue[]>(
    `SELECT ${columns.join(', ')}, b.recovered_at FROM (
       SELECT b.* FROM breaks b
       WHERE b.ended_at >= ${from} AND b.ended_at < ${to} AND b.down = 1${where}
       UNION ALL
       SELECT b.* FROM ${reachingInto(range.from, [1], bind)} WHERE true${where}
     ) b JOIN cells c ON c.cell = b.cell
     ORDER BY ${columns.map((_column, index) => index + 1).join(', ')}`,
    ...bind.values,
  );
  const adder = new LostRows(sums, range, { stepMs, now }, groups.length);
  for await (const piece of rows) {
    for (const row of piece) {
      adder.add(row);
    }
  }
}

/** Adds the stored sums of whole quarter hours, and the time of streams that have not recovered. */
async function addStored(
  sql: SqlTransaction,
  search: SeriesSearch,
  range: TimeRange,
  sums: Sums,
): Promise<void> {
  const cells = [...(await labelsOfCells(sql, search.groupBy))];
  const passing = (await cellsOf(sql, search))?.numbers;
  const numbers = numbersOf(cells.map(([, labels]) => labels));
  const groups = new Map(cells.map(([cell], index) => [cell, numbers[index] as number]));
  const wanted = new Set(passing ?? groups.keys());
  const stored = new StoredLostTime<string>({ ...search, range }, (cell) =>
    wanted.has(cell) ? (groups.get(cell) ?? -1) : -1,
  );
  for (const row of await sql.rows<[string, string]>('SELECT set_hash, cells FROM cell_sets')) {
    stored.addSet(...row);
  }
  const { from, to } = stored.quarters;
  const first = Math.floor(from / QUARTERS_PER_DAY);
  for (const { set, days } of await readDays(
    sql,
    stored.sets,
    first,
    Math.ceil(to / QUARTERS_PER_DAY),
  )) {
    stored.addDays(set, days);
  }
  for await (const rows of sql.pieces<[string]>('SELECT spans FROM lost_open')) {
    for (const [spans] of rows) {
      stored.addOpen(spans);
    }
  }
  const labels: (readonly string[])[] = [];
  for (const [index, [, ofCell]] of cells.entries()) {
    labels[numbers[index] as number] = ofCell;
  }
  stored.addTo(sums, labels);
}

/**
 * Sums down-time of single breaks. Refused retries belong to the same outage as the break before them, so within a group
 * the spans of one stream are merged: each begins where the latest one before it has ended. The database does all of
 * it, because passing a million spans takes longer than merging them.
 */
async function addBreaks(
  sql: SqlTransaction,
  { stepMs, now, filters, groupBy }: SeriesSearch,
  range: TimeRange,
  sums: Sums,
): Promise<void> {
  const bind = new Parameters();
  const conditions = await conditionsOf(sql, filters, bind);
  if (conditions === undefined) {
    return;
  }
  const labels = [...(await labelsOfCells(sql, groupBy))];
  const owners = await labelsOfCells(sql, ['account', 'domain', 'app']);
  const groupOfCell = numbersOf(labels.map(([, ofCell]) => ofCell));
  // Streams of different domains may have the same name.
  const ownerOfCell = numbersOf(labels.map(([cell, ofCell]) => [owners.get(cell), ofCell]));
  const labelsOfGroup = new Map(
    labels.map(([, ofCell], index) => [groupOfCell[index] as number, ofCell]),
  );
  const places = groupBy.filter((name) => !isCellColumn(name)).map((name) => COLUMN_OF[name]);
  const names = places.map((_column, index) => `place${index}`);
  const listed = names.map((name) => `, ${name}`).join('');
  const where = conditions.map((one) => ` AND ${one}`).join('');
  const [from, to] = [bind.add(range.from), bind.add(range.to)];
  const step = `${bind.add(stepMs)}::bigint`;
  const select = `SELECT b.cell, b.stream, b.ended_at, least(coalesce(b.recovered_at, ${bind.add(now)}), ${to}::bigint)
    AS until ${places.map((column, index) => `, ${column} AS ${names[index]}`).join('')}`;
  const rows = sql.pieces<[group: number, step: number, ms: number, ...places: SqlValue[]]>(
    `WITH spans AS (
       ${select} FROM breaks b
       WHERE b.ended_at >= ${from} AND b.ended_at < ${to} AND b.down = 1${where}
       UNION ALL
       ${select} FROM ${reachingInto(range.from, [1], bind)} WHERE true${where}
     ), parts AS MATERIALIZED (
       SELECT k.number, s.until${listed}, greatest(s.ended_at, ${from}, max(s.until) OVER (
           PARTITION BY k.owner, s.stream${listed} ORDER BY s.ended_at
           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS since
       FROM spans s JOIN unnest(${bind.add(labels.map(([cell]) => cell))}::integer[],
         ${bind.add(groupOfCell)}::integer[], ${bind.add(ownerOfCell)}::integer[])
         AS k (cell, number, owner) ON k.cell = s.cell
     )
     SELECT number, step, sum(ms)::bigint${listed} FROM (
       SELECT number, since / ${step} AS step, until - since AS ms${listed} FROM parts
       WHERE until > since AND since / ${step} = (until - 1) / ${step}
       UNION ALL
       SELECT number, step, least(until, (step + 1) * ${step}) - greatest(since, step * ${step})${listed}
       FROM parts CROSS JOIN LATERAL generate_series(since / ${step}, (until - 1) / ${step}) AS step
       WHERE until > since AND since / ${step} < (until - 1) / ${step}
     ) m GROUP BY number, step${listed}`,
    ...bind.values,
  );
  for await (const piece of rows) {
    for (const [group, at, ms, ...ofRow] of piece) {
      sums.add(groupOf(groupBy, labelsOfGroup.get(group) as string[], ofRow), at, ms);
    }
  }
}
