import { describe, expect, it } from 'vitest';
import { readPageAddress, writePageAddress } from '../../../src/web/state/page-address.ts';
import { rangeOf } from '../../../src/web/state/range-of.ts';
import { searchFilters } from '../../../src/web/state/use-found.ts';
import { rangeName } from '../../../src/web/words/range-name.ts';

describe('the address of the page', () => {
  it('is bare where nothing is special', () => {
    expect(writePageAddress(readPageAddress(''))).toBe('');
  });

  it('holds all that is wanted', () => {
    const query =
      '?incident=inc-1&search=shop+17&account=b&category=auth&category=network&hours=168&ended=1';
    const view = readPageAddress(query);
    expect(view).toEqual({
      incident: 'inc-1',
      search: 'shop 17',
      account: 'b',
      categories: ['auth', 'network'],
      hours: 168,
      ended: true,
    });
    expect(writePageAddress(view)).toBe(query);
  });

  it('leaves out what it does not know', () => {
    expect(readPageAddress('?hours=5&category=weather&ended=yes')).toEqual(readPageAddress(''));
  });
});

describe('searchFilters', () => {
  const all = { search: '', categories: [], account: '', ended: false };

  it('asks for a word in stream, domain and address, as it was typed and in small letters', () => {
    expect(searchFilters({ ...all, search: ' Shop ', account: 'b' })).toEqual(
      ['stream', 'domain', 'clientIp'].map((name) => ({
        account: ['b'],
        outcome: ['broken', 'refused'],
        [name]: ['*Shop*', '*shop*'],
      })),
    );
  });

  it('asks once where no word is given', () => {
    expect(searchFilters({ ...all, categories: ['auth'], ended: true })).toEqual([
      { category: ['auth'] },
    ]);
  });
});

describe('rangeOf', () => {
  it('is whole steps, and holds now', () => {
    const now = 1_773_489_600_123;
    for (const hours of [1, 6, 24, 168, 720]) {
      const { from, to, stepMs } = rangeOf(hours, now);
      expect(to - from).toBe(hours * 3_600_000);
      expect(to).toBeGreaterThanOrEqual(now);
      expect(to - stepMs).toBeLessThan(now);
      expect(from % stepMs).toBe(0);
    }
  });
});

describe('rangeName', () => {
  it.each([
    [1, 'en', '1 h'],
    [24, 'en', '24 h'],
    [24, 'ko', '24시간'],
    [168, 'zh', '7 天'],
    [720, 'ja', '30 日'],
  ] as const)('%i hours in %s: %s', (hours, language, name) => {
    expect(rangeName(hours, language)).toBe(name);
  });
});
