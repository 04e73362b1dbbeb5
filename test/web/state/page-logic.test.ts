import { describe, expect, it } from 'vitest';
import { formatSpan } from '../../../src/model/time.ts';
import type { ShownBreak } from '../../../src/web/state/api.ts';
import { countByStep } from '../../../src/web/state/count-by-step.ts';
import { countedOf } from '../../../src/web/state/fetch-counts.ts';
import { filterBreaks } from '../../../src/web/state/filter-breaks.ts';
import { groupRepeats } from '../../../src/web/state/group-repeats.ts';
import { mergeBreaks } from '../../../src/web/state/merge-breaks.ts';
import { STRINGS } from '../../../src/web/words/strings.ts';

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

describe('formatSpan', () => {
  it.each([
    [0, '0 s'],
    [-5_000, '0 s'],
    [41_400, '41 s'],
    [200_000, '3 min 20 s'],
    [7_200_000, '2 h'],
    [273_600_000, '3 d 4 h'],
  ])('%i ms is %s', (ms, text) => {
    expect(formatSpan(ms)).toBe(text);
  });

  it('speaks the reader’s language', () => {
    expect(formatSpan(200_000, 'zh')).toBe('3 分 20 秒');
    expect(formatSpan(93_600_000, 'ja')).toBe('1 日 2 時間');
    expect(formatSpan(3_661_000, 'ko')).toBe('1시간 1분');
  });
});

describe('mergeBreaks with a limit', () => {
  it('keeps the newest', () => {
    const all = [shown('a', 1), shown('c', 3), shown('b', 2)];
    expect(mergeBreaks([], all, 0, 2).map(({ id }) => id)).toEqual(['c', 'b']);
  });
});

describe('filterBreaks by account', () => {
  it('leaves out other accounts', () => {
    const all = [shown('a', 2), shown('b', 1, 'auth', { account: 'other' })];
    const wanted = { search: '', categories: [], account: 'other', ended: false };
    expect(filterBreaks(all, wanted).map(({ id }) => id)).toEqual(['b']);
  });
});

describe('countedOf', () => {
  it('takes a series of the server apart, in one order of categories', () => {
    const frame = (category: string, values: number[]) => ({
      name: category,
      fields: [
        { name: 'time', type: 'time' as const, values: [0, 10] },
        { name: 'count', type: 'number' as const, values, labels: { category } },
      ],
    });
    const { times, counts } = countedOf([frame('network', [1, 0]), frame('auth', [2, 5])]);
    expect(times).toEqual([0, 10]);
    expect([...counts]).toEqual([
      ['auth', [2, 5]],
      ['network', [1, 0]],
    ]);
    expect(countedOf([{ name: 'breaks', fields: [] }])).toEqual({ times: [], counts: new Map() });
  });
});

describe('mergeBreaks', () => {
  it('replaces a changed break, adds a new one, drops old ones, newest first', () => {
    const before = [shown('b', 200), shown('a', 100), shown('old', 10)];
    const merged = mergeBreaks(before, [shown('a', 100, 'network'), shown('c', 150)], 50);
    expect(merged.map((one) => one.id)).toEqual(['b', 'c', 'a']);
    expect(merged[2]?.diagnosis.category).toBe('network');
  });

  it('keeps the very object of a break that did not change, so that it is not drawn again', () => {
    const before = [shown('a', 100), shown('b', 90)];
    const [a, b] = mergeBreaks(before, [shown('a', 100), shown('b', 90, 'network')], 0);
    expect(a).toBe(before[0]);
    expect(b).not.toBe(before[1]);
  });
});

describe('filterBreaks', () => {
  const all = [
    shown('shop-17', 3),
    shown('radio', 2, 'network', { clientIp: '203.0.113.7' }),
    shown('done', 1, 'client', { outcome: 'ended' }),
  ];

  it('leaves out normal ends unless they are asked for', () => {
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
});

describe('groupRepeats', () => {
  const minute = 60_000;

  it('puts a retry loop into one group that knows since when', () => {
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
});

describe('countByStep', () => {
  it('counts each break once, in its step, and keeps one order of categories', () => {
    const breaks = [shown('a', 0, 'network'), shown('b', 9, 'auth'), shown('c', 10, 'auth')];
    const { times, counts } = countByStep([...breaks, shown('d', 20), shown('e', -1)], 0, 20, 10);
    expect(times).toEqual([0, 10]);
    expect([...counts]).toEqual([
      ['auth', [1, 1]],
      ['network', [1, 0]],
    ]);
  });
});

describe('STRINGS', () => {
  it('has every word in every language', () => {
    const keysOf = (value: unknown, path = ''): string[] =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).flatMap(([key, inner]) => keysOf(inner, `${path}.${key}`))
        : [path];
    const english = keysOf(STRINGS.en).sort();
    for (const language of ['zh', 'ja', 'ko'] as const) {
      expect(keysOf(STRINGS[language]).sort()).toEqual(english);
    }
  });
});
