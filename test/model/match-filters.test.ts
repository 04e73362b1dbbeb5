import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { matchFilters } from '../../src/model/match-filters.ts';
import type { Filters } from '../../src/model/query.ts';
import { breakRecord, HOUR, NOON } from '../helpers/break-record.ts';
import { openTemporaryStore, type TemporaryStore } from '../helpers/temporary-store.ts';

const RECORDS = ['a', 'ab', 'aab', 'abab', 'a*b', 'A', 'a?b', '[ab]'].map((stream, index) =>
  breakRecord(stream, { event: { stream, node: index % 2 ? `node-${index}` : null } }),
);

describe('matchFilters', () => {
  let temporary: TemporaryStore;
  beforeAll(async () => {
    temporary = await openTemporaryStore();
    await temporary.keep(...RECORDS);
  });
  afterAll(() => temporary.remove());

  it.each<Filters>([
    {},
    { stream: [] },
    { stream: ['a'] },
    { stream: ['a*'] },
    { stream: ['*b'] },
    { stream: ['a*b'] },
    { stream: ['*ab*ab*'] },
    { stream: ['ab*ab'] },
    { stream: ['a**b'] },
    { stream: ['?b', '[*'] },
    { node: ['node-*'] },
    { node: ['node-1', 'node-3'], stream: ['ab'] },
    { category: ['network'] },
    { category: ['auth'], outcome: ['refused'], rule: ['auth/*'] },
  ])('lets the same pass as the store does for %j', async (filters) => {
    const range = { from: NOON - HOUR, to: NOON + HOUR };
    const found = await temporary.store.findBreaks({ range, filters, limit: 100 });
    const passed = RECORDS.filter((record) => matchFilters(record, filters));
    expect(passed.map(({ event }) => event.id).sort()).toEqual(
      found.map(({ event }) => event.id).sort(),
    );
  });
});
