import type { Filters, GroupBy } from '../../model/query.ts';
import { COLUMN_OF, isCellColumn } from '../rows/filter-columns.ts';
import { addSpan } from '../rows/lost-rows.ts';
import { splitRange } from '../rows/split-range.ts';
import type { SqlValue } from '../rows/sql-value.ts';
import { Sums } from '../rows/sums.ts';
import type { SeriesGroup, SeriesSearch } from '../store.ts';
import type { Sql, SqlSnapshot } from './database.ts';
import { filterConditions, hasRowFilter, Parameters } from './filters.ts';
import { cellsOf, reachingInto } from './find-breaks.ts';
import { ROLL_UPS } from './roll-ups.ts';

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
  const onlyCells = groupBy.every(isCellColumn) && !hasRowFilter(filters);
  const parts = onlyCells
    ? splitRange(range.from, range.to, { rollUps: ROLL_UPS, stepMs })
    : [{ ...range, rollUp: null }];
  const labels = await labelsOfCells(sql, groupBy);
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
  const numbers = new Map<string, number>();
  const groups: (readonly string[])[] = [];
  const groupOfCell = cells.map((cell) => {
    const group = labels.get(cell) as readonly string[];
    const key = JSON.stringify(group);
    const known = numbers.get(key);
    if (known !== undefined) {
      return known;
    }
    numbers.set(key, groups.length);
    groups.push(group);
    return groups.length - 1;
  });
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
    sums.add([...(groups[group] as string[])], step, count);
  }
}

/** Counts single breaks. */
async function addBreaks(
  sql: SqlSnapshot,
  { range, stepMs, filters, groupBy }: SeriesSearch,
  labels: ReadonlyMap<number, readonly string[]>,
  sums: Sums,
): Promise<void> {
  const bind = new Parameters();
  const conditions = await conditionsOf(sql, filters, bind);
  if (conditions === undefined) {
    return;
  }
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
