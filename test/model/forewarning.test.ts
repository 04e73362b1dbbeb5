import { describe, expect, it } from 'vitest';
import { findForewarnings, nextForewarning, type Push } from '../../src/model/push.ts';
import { at, livePush } from '../incidents/story.ts';

const MINUTE = 60;
const push = (stream: string, txTime: number | null, domain?: string): Push => ({
  ...livePush(stream, -3_600, domain),
  txTime: txTime === null ? null : at(txTime),
});

describe('findForewarnings', () => {
  it('groups live pushes whose URL has expired or expires within half an hour by domain', () => {
    const pushes = [
      push('late', 29 * MINUTE),
      push('past', -5 * MINUTE),
      push('far', 31 * MINUTE),
      push('unknown', null),
      push('short', -3_600 + 29 * MINUTE),
      livePush('untold', -60),
      { ...push('over', 60), endedAt: at(-10) },
      push('b', 10 * MINUTE, 'b.example.com'),
      push('b', 12 * MINUTE, 'b.example.com'),
    ];
    const expected = [
      {
        account: 'default',
        domain: 'a.example.com',
        streams: 2,
        examples: ['live/past', 'live/late'],
        firstAt: at(-5 * MINUTE),
        lastAt: at(29 * MINUTE),
      },
      {
        account: 'default',
        domain: 'b.example.com',
        streams: 1,
        examples: ['live/b'],
        firstAt: at(10 * MINUTE),
        lastAt: at(12 * MINUTE),
      },
    ];
    expect(findForewarnings(pushes, at(0))).toEqual(expected);
    expect(findForewarnings([...pushes].reverse(), at(0))).toEqual(expected);
    expect(findForewarnings([], at(0))).toEqual([]);
  });

  it('returns the time of the next forewarning', () => {
    const pushes = [push('late', 29 * MINUTE), push('far', 31 * MINUTE), push('farther', 7_200)];
    const next = nextForewarning(pushes, at(0)) as number;
    expect(next).toBe(at(MINUTE));
    expect(findForewarnings(pushes, next - 1)[0]?.streams).toBe(1);
    expect(findForewarnings(pushes, next)[0]?.streams).toBe(2);
    expect(nextForewarning(pushes, at(7_200))).toBeNull();
  });
});
