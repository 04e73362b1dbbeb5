/** Counts of breaks by cell and buckets of time, stored in addition to the breaks. */
export interface RollUpWidth {
  /** Width of a bucket in ms; buckets begin at multiples of it since the epoch. */
  widthMs: number;
}

/** A part of a time range, and the roll-up to read for it; null means single breaks. */
export interface RangePart<R extends RollUpWidth = RollUpWidth> {
  from: number;
  to: number;
  rollUp: R | null;
}

/** Options of {@link splitRange}. */
export interface SplitOptions<R extends RollUpWidth> {
  /** Widest first; each width is a multiple of the next. */
  rollUps: readonly R[];
  /** A bucket must not cross the boundary of a step; steps begin at multiples of this, ms. */
  stepMs: number;
  /** Since when a roll-up has counts, epoch ms UTC. */
  since?: (rollUp: R) => number;
}

/**
 * Splits a time range so that each part is read from the widest roll-up whose buckets fit into it:
 * days in the middle, narrower ones towards the edges, and single breaks at the edges.
 */
export function splitRange<R extends RollUpWidth>(
  from: number,
  to: number,
  { rollUps, stepMs, since = () => 0 }: SplitOptions<R>,
): RangePart<R>[] {
  const usable = rollUps.filter(({ widthMs }) => stepMs % widthMs === 0);
  return splitBy(usable, from, to, since).filter((part) => part.from < part.to);
}

function splitBy<R extends RollUpWidth>(
  rollUps: readonly R[],
  from: number,
  to: number,
  since: (rollUp: R) => number,
): RangePart<R>[] {
  const [widest, ...narrower] = rollUps;
  if (widest === undefined) {
    return [{ from, to, rollUp: null }];
  }
  const first = Math.max(since(widest), Math.ceil(from / widest.widthMs) * widest.widthMs);
  const last = Math.floor(to / widest.widthMs) * widest.widthMs;
  if (first >= last) {
    return splitBy(narrower, from, to, since);
  }
  return [
    ...splitBy(narrower, from, first, since),
    { from: first, to: last, rollUp: widest },
    ...splitBy(narrower, last, to, since),
  ];
}
