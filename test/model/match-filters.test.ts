import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Filters, matchesPattern, matchFilters } from '../../src/model/query.ts';
import { breakRecord, HOUR, NOON } from '../helpers/break-record.ts';
import { openTemporaryStore, type TemporaryStore } from '../helpers/temporary-store.ts';

const LONG = `${'a'.repeat(999)}b`;

const RECORDS = ['a', 'ab', 'aab', 'abab', 'a*b', 'A', 'a?b', '[ab]', LONG].map((stream, index) =>
  breakRecord(stream, { event: { stream, node: index % 2 ? `node-${index}` : null } }),
);

describe('matchFilters', () => {
  let temporary: TemporaryStore;
  beforeAll(async () => {
    temporary = await openTemporaryStore();
    await temporary.insert(...RECORDS);
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
    { stream: [`${'*a'.repeat(50)}*c`] },
    { stream: [`${'*a'.repeat(50)}*b`] },
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

describe('matchesPattern', () => {
  // A regular expression with backtracking would need longer than the age of the universe.
  it('matches patterns with 50 stars against a value of 1,000 characters', () => {
    expect(matchesPattern(`${'*a'.repeat(50)}*c`, LONG)).toBe(false);
    expect(matchesPattern(`${'*a'.repeat(50)}*b`, LONG)).toBe(true);
    expect(matchesPattern('*'.repeat(50), LONG)).toBe(true);
    expect(matchesPattern(`${'*a'.repeat(50)}*a`, LONG)).toBe(false);
  });

  it('does not let the parts of a pattern overlap in the value', () => {
    expect(matchesPattern('ab*ba', 'aba')).toBe(false);
    expect(matchesPattern('ab*b*ba', 'abba')).toBe(false);
    expect(matchesPattern('ab*b*ba', 'abbba')).toBe(true);
  });
});
