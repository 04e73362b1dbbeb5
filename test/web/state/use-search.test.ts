import { describe, expect, it } from 'vitest';
import { searchFilters } from '../../../src/web/state/use-search.ts';

describe('searchFilters', () => {
  const all = { search: '', categories: [], account: '', ended: false };

  it('searches stream, domain and client IP, as typed and in lower case', () => {
    expect(searchFilters({ ...all, search: ' Shop ', account: 'b' })).toEqual(
      ['stream', 'domain', 'clientIp'].map((name) => ({
        account: ['b'],
        outcome: ['broken', 'refused'],
        [name]: ['*Shop*', '*shop*'],
      })),
    );
  });

  it('returns one filter without a search text', () => {
    expect(searchFilters({ ...all, categories: ['auth'], ended: true })).toEqual([
      { category: ['auth'] },
    ]);
  });
});
