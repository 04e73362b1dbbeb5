import type { StreamKey } from '../model/break.ts';

/**
 * Groups values by their stream. Building a text of all names of a stream for each value would take longer than the
 * rest of an answer, so it compares names instead.
 *
 * @returns the groups in the order of their first values, each in the order of the values
 */
export function byStream<T>(values: readonly T[], keyOf: (value: T) => StreamKey): T[][] {
  const groups: T[][] = [];
  const byName = new Map<string, { key: StreamKey; group: T[] }[]>();
  for (const value of values) {
    const key = keyOf(value);
    let sameName = byName.get(key.stream);
    if (sameName === undefined) {
      sameName = [];
      byName.set(key.stream, sameName);
    }
    const known = sameName.find(
      (one) =>
        one.key.app === key.app && one.key.domain === key.domain && one.key.account === key.account,
    );
    if (known) {
      known.group.push(value);
    } else {
      const group = [value];
      groups.push(group);
      sameName.push({ key, group });
    }
  }
  return groups;
}
