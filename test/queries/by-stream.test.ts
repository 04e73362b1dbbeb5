import { expect, test } from 'vitest';
import { streamText } from '../../src/model/break.ts';
import { byStream } from '../../src/queries/by-stream.ts';

const names = ['a', 'b'];
/** Each stream of two names in every place, three times, in turn. */
const keys = [0, 1, 2].flatMap((round) =>
  names.flatMap((stream) =>
    names.flatMap((app) =>
      names.flatMap((domain) => names.map((account) => ({ account, domain, app, stream, round }))),
    ),
  ),
);

test('groups streams that differ in any of their names, in the order of the values', () => {
  const groups = byStream(keys, (key) => key);
  expect(groups).toEqual([...Map.groupBy(keys, streamText).values()]);
  expect(groups).toHaveLength(16);
  expect(groups.every((group) => group.map(({ round }) => round).join() === '0,1,2')).toBe(true);
});

test('has no group without a value', () => {
  expect(byStream([], (key: (typeof keys)[number]) => key)).toEqual([]);
});
