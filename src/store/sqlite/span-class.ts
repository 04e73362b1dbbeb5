import type { SqlValue } from './connection.ts';

/** `span_class` of a break that has not recovered. */
const OPEN_CLASS = 63;
/** Shorter spans are of this class, too. */
const SHORTEST_CLASS = 16;
/** Breaks with a larger class are in the index `breaks_long`. */
export const LONGEST_SHORT_CLASS = 18;

/**
 * The class of a break by its time to recovery: a span of class k is shorter than 2^k ms. An index on class
 * and start finds the spans that contain a moment, because in each class it searches only that far back.
 */
export function spanClassOf(endedAt: number, recoveredAt: number | null): number {
  if (recoveredAt === null) {
    return OPEN_CLASS;
  }
  const bits = Math.floor(Math.log2(Math.max(1, recoveredAt - endedAt))) + 1;
  return Math.max(SHORTEST_CLASS, bits);
}

/**
 * Conditions on `breaks b` for spans that contain a moment and began before it.
 *
 * @returns SQL for a FROM clause, with a table `k` of classes before `b`, and the values that it binds
 */
export function reachingInto(moment: number, down: readonly number[]) {
  const classes: [number, number][] = [];
  for (let one = SHORTEST_CLASS; one <= 53; one++) {
    classes.push([one, moment - 2 ** one]);
  }
  classes.push([OPEN_CLASS, Number.MIN_SAFE_INTEGER]);
  return {
    from: `json_each(?) k CROSS JOIN breaks b INDEXED BY breaks_by_span
      ON b.down IN (${down.join(', ')}) AND b.span_class = k.value ->> 0
        AND b.ended_at > k.value ->> 1 AND b.ended_at < ? AND b.until > ?`,
    values: [JSON.stringify(classes), moment, moment] as SqlValue[],
  };
}
