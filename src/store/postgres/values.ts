import type { FilterName } from '../../model/query.ts';
import { COLUMN_OF, isCellColumn } from '../rows/filter-columns.ts';
import { splitRange } from '../rows/split-range.ts';
import type { TimeRange } from '../store.ts';
import type { Sql } from './database.ts';
import { ROLL_UPS } from './roll-ups.ts';

const DAY_MS = 86_400_000;

/** Distinct values of a filter in a range that contain a text, in any case, most frequent first. */
export async function values(
  sql: Sql,
  name: FilterName,
  range: TimeRange,
  limit: number,
  search = '',
): Promise<string[]> {
  const column = COLUMN_OF[name];
  const ofCells = isCellColumn(name);
  const parts = ofCells
    ? splitRange(range.from, range.to, { rollUps: ROLL_UPS, stepMs: DAY_MS })
    : [{ ...range, rollUp: null }];
  const counts = parts.map(({ from, to, rollUp }) =>
    rollUp === null
      ? `SELECT ${column} AS value, count(*) AS breaks
         FROM breaks b ${ofCells ? 'JOIN cells c ON c.cell = b.cell' : ''}
         WHERE b.ended_at >= ${from} AND b.ended_at < ${to} GROUP BY 1`
      : `SELECT ${column} AS value, sum(r.breaks) AS breaks FROM cells c
           JOIN rollups r ON r.width = ${rollUp.widthMs} AND r.cell = c.cell
             AND r.at >= ${from} AND r.at < ${to} GROUP BY 1`,
  );
  if (counts.length === 0) {
    return [];
  }
  const rows = await sql.rows<[string]>(
    `SELECT value FROM (${counts.join(' UNION ALL ')}) v
     WHERE value IS NOT NULL AND strpos(lower(value), lower($1::text)) > 0
     GROUP BY value ORDER BY sum(breaks) DESC, value LIMIT $2`,
    search,
    limit,
  );
  return rows.map(([value]) => value);
}
