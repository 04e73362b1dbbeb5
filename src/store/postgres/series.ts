import type { GroupBy } from '../../model/query.ts';
import { COLUMN_OF, hasRowFilter, isCellColumn } from '../rows/filter-columns.ts';
import { splitRange } from '../rows/split-range.ts';
import type { SqlValue } from '../rows/sql-value.ts';
import { Sums } from '../rows/sums.ts';
import type { SeriesGroup, SeriesSearch } from '../store.ts';
import type { Sql, SqlTransaction } from './database.ts';
import { Parameters } from './filters.ts';
import { cellsOf } from './find-breaks.ts';
import { addLostTime } from './lost-time.ts';
import { ROLL_UPS } from './roll-ups.ts';
import { conditionsOf, groupOf, labelsOfCells, numbersOf } from './series-groups.ts';

const MINUTE_MS = 60_000;

/** Counts groups over time for the store's `series`. */
export async function series(sql: SqlTransaction, search: SeriesSearch): Promise<SeriesGroup[]> {
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

async function addCounts(sql: SqlTransaction, search: SeriesSearch, sums: Sums): Promise<void> {
  const { range, stepMs, filters, groupBy } = search;
  const onlyCells = groupBy.every(isCellColumn) && !hasRowFilter(filters);
  const parts = onlyCells
    ? splitRange(range.from, range.to, { rollUps: ROLL_UPS, stepMs })
    : [{ ...range, rollUp: null }];
  const labels = await labelsOfCells(sql, groupBy);
  if (!groupBy.every(isCellColumn)) {
    return addLargestPlaces(sql, search, labels, sums);
  }
  for (const { rollUp, ...part } of parts) {
    if (rollUp === null) {
      await addBreaks(sql, { ...search, range: part }, labels, sums);
    } else {
      await addRollUp(sql, { ...search, range: part }, rollUp.widthMs, labels, sums);
    }
  }
}

/** Adds the counts of a roll-up. The database adds up the cells of a group, so that few rows are passed. */
async function addRollUp(
  sql: Sql,
  { range, stepMs, filters }: SeriesSearch,
  widthMs: number,
  labels: ReadonlyMap<number, readonly string[]>,
  sums: Sums,
): Promise<void> {
  const cells = (await cellsOf(sql, { filters }))?.numbers ?? [...labels.keys()];
  const ofCells = cells.map((cell) => labels.get(cell) as readonly string[]);
  const groupOfCell = numbersOf(ofCells);
  const groups = new Map(ofCells.map((group, index) => [groupOfCell[index] as number, group]));
  const rows = await sql.rows<[group: number, step: number, count: number]>(
    `SELECT k.number, r.step, sum(r.breaks)::bigint
     FROM unnest($1::integer[], $2::integer[]) AS k (cell, number)
       CROSS JOIN LATERAL (
         SELECT r.at / $3::bigint AS step, sum(r.breaks) AS breaks FROM rollups r
         WHERE r.width = $4 AND r.cell = k.cell AND r.at >= $5 AND r.at < $6 GROUP BY 1) r
     GROUP BY 1, 2`,
    cells,
    groupOfCell,
    stepMs,
    widthMs,
    range.from,
    range.to,
  );
  for (const [group, step, count] of rows) {
    sums.add([...(groups.get(group) as string[])], step, count);
  }
}

/**
 * Counts single breaks by stream, address or node: first the total of each group, then the steps of the largest groups
 * alone. There may be thousands of streams, and passing a row for each of their steps takes longer than counting twice.
 */
async function addLargestPlaces(
  sql: SqlTransaction,
  search: SeriesSearch,
  labels: ReadonlyMap<number, readonly string[]>,
  sums: Sums,
): Promise<void> {
  const { groupBy } = search;
  const totals = new Sums();
  // One step for all, so that each group is one sum.
  await addBreaks(sql, { ...search, stepMs: Number.MAX_SAFE_INTEGER }, labels, totals);
  const kept = totals.keepLargest(search);
  const place = groupBy.findIndex((name) => !isCellColumn(name));
  const only = [...new Set(kept.map((group) => group[place] as string))];
  const all = new Sums();
  const column = COLUMN_OF[groupBy[place] as GroupBy];
  await addBreaks(sql, search, labels, all, { column, only });
  for (const group of kept) {
    for (const [step, count] of all.stepsOf(group) ?? []) {
      sums.add(group, step, count);
    }
  }
}

/** Counts single breaks. */
async function addBreaks(
  sql: SqlTransaction,
  { range, stepMs, filters, groupBy }: SeriesSearch,
  labels: ReadonlyMap<number, readonly string[]>,
  sums: Sums,
  places?: { column: string; only: readonly string[] },
): Promise<void> {
  const bind = new Parameters();
  const conditions = await conditionsOf(sql, filters, bind);
  if (conditions === undefined) {
    return;
  }
  if (places !== undefined) {
    // An unknown place is an empty label.
    conditions.push(`coalesce(${places.column}, '') = ANY(${bind.add(places.only)}::text[])`);
  }
  // Without a column of cells there is one group of them, which any cell stands for.
  const cell = groupBy.some(isCellColumn) ? 'b.cell' : `${[...labels.keys()][0] ?? 0}`;
  const columns = groupBy.filter((name) => !isCellColumn(name)).map((name) => COLUMN_OF[name]);
  const rows = sql.pieces<[cell: number, step: number, count: number, ...places: SqlValue[]]>(
    `SELECT ${cell}, b.ended_at / ${bind.add(stepMs)}::bigint, count(*)
       ${columns.map((column) => `, ${column}`).join('')}
     FROM breaks b
     WHERE ${[`b.ended_at >= ${bind.add(range.from)}`, `b.ended_at < ${bind.add(range.to)}`, ...conditions].join(' AND ')}
     GROUP BY ${['1', '2', ...columns].join(', ')}`,
    ...bind.values,
  );
  for await (const piece of rows) {
    for (const [cell, step, count, ...ofRow] of piece) {
      sums.add(groupOf(groupBy, labels.get(cell) as string[], ofRow), step, count);
    }
  }
}
