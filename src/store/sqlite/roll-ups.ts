/**
 * Counts of breaks by cell and time, stored in addition to the breaks, so that panels over weeks do not
 * read millions of rows.
 *
 * @module
 */
import { type RangePart, type RollUpWidth, splitRange } from '../rows/split-range.ts';
import type { Connection } from './connection.ts';

const MINUTE_MS = 60_000;

/** One roll-up table. */
export interface RollUp extends RollUpWidth {
  table: string;
}

/** All roll-ups, widest first; each width is a multiple of the next. */
export const ROLL_UPS: readonly RollUp[] = [
  { table: 'rollup_day', widthMs: 86_400_000 },
  { table: 'rollup_hour', widthMs: 3_600_000 },
  { table: 'rollup_quarter', widthMs: 900_000 },
  { table: 'rollup_minute', widthMs: MINUTE_MS },
];

/** Name, in the table `meta`, of the time since when breaks are counted by minute. */
export const MINUTES_SINCE = 'minutes_since';

/**
 * Since when breaks are counted by minute: epoch ms UTC, the start of a UTC day. Earlier breaks are counted
 * only by quarter hour and day. 0 before the first purge.
 */
export function minutesSince(connection: Connection): number {
  const sql = 'SELECT value FROM meta WHERE name = ?';
  return connection.row<[number]>(sql, MINUTES_SINCE)?.[0] ?? 0;
}

/**
 * Splits a time range so that each part is read from the widest roll-up whose buckets fit into it:
 * days in the middle, quarters and minutes towards the edges, and single breaks at the edges.
 *
 * @param stepMs - a bucket must not cross the boundary of a step; steps begin at multiples of this, ms
 * @param minutes - since when breaks are counted by minute, see {@link minutesSince}
 */
export function splitByRollUps(
  from: number,
  to: number,
  stepMs: number,
  minutes: number,
): RangePart<RollUp>[] {
  return splitRange(from, to, {
    rollUps: ROLL_UPS,
    stepMs,
    since: ({ widthMs }) => (widthMs === MINUTE_MS ? minutes : 0),
  });
}
