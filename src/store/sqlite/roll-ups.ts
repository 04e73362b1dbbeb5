/**
 * Counts of breaks by cell and time, kept beside the breaks so that panels over weeks do not read
 * millions of rows.
 *
 * @module
 */

/** One roll-up table. */
export interface RollUp {
  table: string;
  /** Width of a bucket in ms; buckets begin at multiples of it since the epoch. */
  widthMs: number;
}

/** All roll-ups, widest first; each width is a multiple of the next. */
export const ROLL_UPS: readonly RollUp[] = [
  { table: 'rollup_day', widthMs: 86_400_000 },
  { table: 'rollup_quarter', widthMs: 900_000 },
  { table: 'rollup_minute', widthMs: 60_000 },
];

/** A part of a time range and what to read for it: a roll-up, or single breaks. */
export interface RangePart {
  from: number;
  to: number;
  rollUp: RollUp | null;
}

/**
 * Splits a time range so that each part is read from the widest roll-up whose buckets fit into it:
 * days in the middle, quarters and minutes towards the edges, single breaks at the very edges.
 *
 * @param stepMs - buckets must not reach over a step; steps begin at multiples of it
 */
export function splitRange(from: number, to: number, stepMs: number): RangePart[] {
  const usable = ROLL_UPS.filter(({ widthMs }) => stepMs % widthMs === 0);
  return splitBy(usable, from, to).filter((part) => part.from < part.to);
}

function splitBy(rollUps: readonly RollUp[], from: number, to: number): RangePart[] {
  const [widest, ...narrower] = rollUps;
  if (widest === undefined) {
    return [{ from, to, rollUp: null }];
  }
  const first = Math.ceil(from / widest.widthMs) * widest.widthMs;
  const last = Math.floor(to / widest.widthMs) * widest.widthMs;
  if (first >= last) {
    return splitBy(narrower, from, to);
  }
  return [
    ...splitBy(narrower, from, first),
    { from: first, to: last, rollUp: widest },
    ...splitBy(narrower, last, to),
  ];
}
