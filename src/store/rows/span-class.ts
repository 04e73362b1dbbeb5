/** `span_class` of a break that has not recovered. */
export const OPEN_CLASS = 63;
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
 * Where spans that contain a moment and began before it may begin, by class.
 *
 * @param moment - epoch ms UTC
 * @returns each class with a time, epoch ms UTC; spans of the class began after it
 */
export function spanStarts(moment: number): [spanClass: number, after: number][] {
  const starts: [number, number][] = [];
  for (let one = SHORTEST_CLASS; one <= 53; one++) {
    starts.push([one, moment - 2 ** one]);
  }
  starts.push([OPEN_CLASS, Number.MIN_SAFE_INTEGER]);
  return starts;
}
