import type { FactColumn } from '../../../model/facts.ts';

/** Values beyond which events are not sorted. */
export const MAX_VALUES = 2_000;

/**
 * Sorts events by the value of a fact.
 *
 * @param column - undefined when no event has it
 * @returns each value with its events; an object stands for values that are too many to tell apart
 */
export function groupByKey(
  column: FactColumn | undefined,
  places: Uint32Array,
): Iterable<[unknown, Uint32Array]> {
  if (column === undefined) {
    return [[undefined, places]];
  }
  if (column.kind === 'numbers' || column.values.length > MAX_VALUES) {
    return [[{}, places]];
  }
  const { codes, values } = column;
  const ends = new Uint32Array(values.length);
  for (const place of places) {
    const code = codes[place] as number;
    ends[code] = (ends[code] as number) + 1;
  }
  for (let code = 1; code < ends.length; code += 1) {
    ends[code] = (ends[code] as number) + (ends[code - 1] as number);
  }
  const starts = new Uint32Array(values.length);
  starts.set(ends.subarray(0, -1), 1);
  const next = starts.slice();
  const sorted = new Uint32Array(places.length);
  for (const place of places) {
    const code = codes[place] as number;
    sorted[next[code] as number] = place;
    next[code] = (next[code] as number) + 1;
  }
  return values
    .map((value, code): [unknown, Uint32Array] => {
      return [value, sorted.subarray(starts[code], ends[code])];
    })
    .filter(([, group]) => group.length > 0);
}
