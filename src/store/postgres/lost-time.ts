import { COLUMN_OF, isCellColumn } from '../rows/filter-columns.ts';
import type { SqlValue } from '../rows/sql-value.ts';
import type { Sums } from '../rows/sums.ts';
import type { SeriesSearch } from '../store.ts';
import type { SqlSnapshot } from './database.ts';
import { Parameters } from './filters.ts';
import { reachingInto } from './find-breaks.ts';
import { conditionsOf, groupOf, labelsOfCells, numbersOf } from './series-groups.ts';

/**
 * Sums down-time in ms. Refused retries belong to the same outage as the break before them, so within a group
 * the spans of one stream are merged: each begins where the latest one before it has ended. The database does all of
 * it, because passing a million spans takes longer than merging them.
 */
export async function addLostTime(
  sql: SqlSnapshot,
  { range, stepMs, now, filters, groupBy }: SeriesSearch,
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
