/**
 * A condition that all rows of some ranges pass. The planner leaves the partitions of other months out, which it cannot do
 * for ranges that come from the rows of a join: it would plan for each partition, and that takes longer than reading.
 *
 * @param ranges - half-open, epoch ms UTC; at least one
 */
export function outerRange(
  column: string,
  ranges: readonly { from: number; to: number }[],
): string {
  let [first, last] = [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
  for (const { from, to } of ranges) {
    first = Math.min(first, Math.floor(from));
    last = Math.max(last, Math.ceil(to));
  }
  return `${column} >= ${first} AND ${column} < ${last}`;
}
