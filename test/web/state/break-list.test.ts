import { describe, expect, it } from 'vitest';
import type { ShownBreak } from '../../../src/web/state/api.ts';
import { filterBreaks, groupRepeats, mergeBreaks } from '../../../src/web/state/break-list.ts';

function shown(id: string, endedAt: number, category = 'auth', part: object = {}): ShownBreak {
  return {
    id,
    endedAt,
    outcome: 'broken',
    account: 'default',
    domain: 'push.example.com',
    app: 'live',
    stream: id,
    clientIp: null,
    recoveredAt: null,
    diagnosis: { category },
    ...part,
  } as unknown as ShownBreak;
}

describe('filterBreaks', () => {
  const all = [
    shown('shop-17', 3),
    shown('radio', 2, 'network', { clientIp: '203.0.113.7' }),
    shown('done', 1, 'client', { outcome: 'ended' }),
  ];

  it('leaves out normal stops unless they are selected', () => {
    const none = { search: '', categories: [], account: '', ended: false };
    expect(filterBreaks(all, none).map((one) => one.id)).toEqual(['shop-17', 'radio']);
    expect(filterBreaks(all, { ...none, ended: true })).toHaveLength(3);
  });

  it('searches stream, domain and client address', () => {
    const search = (words: string) =>
      filterBreaks(all, { search: words, categories: [], account: '', ended: true }).map(
        (one) => one.id,
      );
    expect(search('SHOP')).toEqual(['shop-17']);
    expect(search('203.0')).toEqual(['radio']);
    expect(search('push.example')).toHaveLength(3);
  });

  it('leaves out other accounts', () => {
    const all = [shown('a', 2), shown('b', 1, 'auth', { account: 'other' })];
    const wanted = { search: '', categories: [], account: 'other', ended: false };
    expect(filterBreaks(all, wanted).map(({ id }) => id)).toEqual(['b']);
  });
});

describe('mergeBreaks', () => {
  it('replaces a changed break, adds a new one, drops old ones, newest first', () => {
    const before = [shown('b', 200), shown('a', 100), shown('old', 10)];
    const merged = mergeBreaks(before, [shown('a', 100, 'network'), shown('c', 150)], 50);
    expect(merged.map((one) => one.id)).toEqual(['b', 'c', 'a']);
    expect(merged[2]?.diagnosis.category).toBe('network');
  });

  it('returns the same object for a break that did not change, so that it is not rendered again', () => {
    const before = [shown('a', 100), shown('b', 90)];
    const [a, b] = mergeBreaks(before, [shown('a', 100), shown('b', 90, 'network')], 0);
    expect(a).toBe(before[0]);
    expect(b).not.toBe(before[1]);
  });

  it('keeps the newest breaks up to the limit', () => {
    const all = [shown('a', 1), shown('c', 3), shown('b', 2)];
    expect(mergeBreaks([], all, 0, 2).map(({ id }) => id)).toEqual(['c', 'b']);
  });
});

describe('groupRepeats', () => {
  const minute = 60_000;

  it('groups a retry loop and returns the time of its first break', () => {
    const loop = [9, 6, 3].map((at) => shown(`try-${at}`, at * minute, 'auth', { stream: 'shop' }));
    const other = shown('radio', 5 * minute);
    const groups = groupRepeats([loop[0], loop[1], other, loop[2]] as ShownBreak[]);
    expect(
      groups.map(({ latest, count, since, firstId }) => [latest.id, count, since, firstId]),
    ).toEqual([
      ['try-9', 3, 3 * minute, 'try-3'],
      ['radio', 1, 5 * minute, 'radio'],
    ]);
  });

  it('keeps other causes, recovered streams and long pauses apart', () => {
    const one = (at: number, category: string, outcome = 'refused') =>
      shown(`b${at}`, at * minute, category, { stream: 'shop', outcome });
    expect(groupRepeats([one(30, 'auth'), one(29, 'network')])).toHaveLength(2);
    expect(groupRepeats([one(30, 'auth'), one(29, 'auth', 'broken')])).toHaveLength(2);
    expect(groupRepeats([one(30, 'auth'), one(19, 'auth')])).toHaveLength(2);
    const flap = (at: number) =>
      shown(`b${at}`, at * minute, 'network', { stream: 'shop', recoveredAt: at * minute + 1 });
    expect(groupRepeats([flap(30), flap(29)])).toHaveLength(2);
  });

  it('groups the breaks of two encoders that replace each other', () => {
    const taken = (at: number) =>
      shown(`b${at}`, at * 1_000, 'client', { stream: 'stage', recoveredAt: at * 1_000 });
    expect(groupRepeats([taken(9), taken(7), taken(5)])).toMatchObject([
      { count: 3, since: 5_000 },
    ]);
    const slow = shown('b3', 3_000, 'client', { stream: 'stage', recoveredAt: 4_000 });
    expect(groupRepeats([taken(9), slow])).toHaveLength(2);
  });
});
