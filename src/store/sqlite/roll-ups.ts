/**
 * Counts of breaks by cell and time, stored in addition to the breaks, so that panels over weeks do not
 * read millions of rows.
 *
 * @module
 */
import type { Connection } from './connection.ts';

/** One roll-up table. */
export interface RollUp {
  table: string;
  /** Width of a bucket in ms; buckets begin at multiples of it since the epoch. */
  widthMs: number;
}

/** All roll-ups, widest first; each width is a multiple of the next. */
export const ROLL_UPS: readonly RollUp[] = [
  { table: 'rollup_day', widthMs: 86_400_000 },
  { table: 'rollup_hour', widthMs: 3_600_000 },
  { table: 'rollup_quarter', widthMs: 900_000 },
  { table: 'rollup_minute', widthMs: 60_000 },
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

/** A part of a time range, and the roll-up to read for it; null means single breaks. */
export interface RangePart {
  from: number;
  to: number;
  rollUp: RollUp | null;
}

/**
 * Splits a time range so that each part is read from the widest roll-up whose buckets fit into it:
 * days in the middle, quarters and minutes towards the edges, and single breaks at the edges.
 *
 * @param stepMs - a bucket must not cross the boundary of a step; steps begin at multiples of this, ms
 * @param minutes - since when breaks are counted by minute, see {@link minutesSince}
 */
export function splitRange(from: number, to: number, stepMs: number, minutes: number): RangePart[] {
  const usable = ROLL_UPS.filter(({ widthMs }) => stepMs % widthMs === 0);
  return splitBy(usable, from, to, minutes).filter((part) => part.from < part.to);
}

function splitBy(
  rollUps: readonly RollUp[],
  from: number,
  to: number,
  minutes: number,
): RangePart[] {
  const [widest, ...narrower] = rollUps;
  if (widest === undefined) {
    return [{ from, to, rollUp: null }];
  }
  const since = widest.widthMs === 60_000 ? minutes : 0;
  const first = Math.max(since, Math.ceil(from / widest.widthMs) * widest.widthMs);
  const last = Math.floor(to / widest.widthMs) * widest.widthMs;
  if (first >= last) {
    return splitBy(narrower, from, to, minutes);
  }
  return [
    ...splitBy(narrower, from, first, minutes),
    { from: first, to: last, rollUp: widest },
    ...splitBy(narrower, last, to, minutes),
  ];
}
