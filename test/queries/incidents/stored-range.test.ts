import { describe, expect, it } from 'vitest';
import {
  addGap,
  isStored,
  type StoredRange,
  type UngroupedTime,
} from '../../../src/queries/incidents/stored-range.ts';
import { HOUR, NOON } from '../../helpers/break-record.ts';

const DAY = 24 * HOUR;
const gap = (from: number, to = from, account: string | null = 'default'): UngroupedTime => ({
  account,
  from: NOON + from,
  to: NOON + to,
});
const stored = (change: Partial<StoredRange>): StoredRange => ({
  since: 0,
  groupedAt: NOON,
  gaps: [],
  ...change,
});
const range = (from: number, to: number) => ({ from: NOON + from, to: NOON + to });

describe('isStored', () => {
  it('is true after all breaks that a query looks back at were grouped', () => {
    expect(isStored(stored({}), range(-DAY, 0), undefined)).toBe(true);
    const young = stored({ since: NOON });
    expect(isStored(young, range(6 * HOUR, 7 * HOUR), undefined)).toBe(true);
    expect(isStored(young, range(6 * HOUR - 1, 7 * HOUR), undefined)).toBe(false);
  });

  it('is false near a gap of an account that it is asked for', () => {
    const imported = stored({ gaps: [gap(0, HOUR)] });
    const near = [range(-HOUR, 1), range(0, HOUR), range(7 * HOUR, 8 * HOUR)];
    expect(near.map((one) => isStored(imported, one, undefined))).toEqual([false, false, false]);
    expect(isStored(imported, range(-HOUR, 0), undefined)).toBe(true);
    expect(isStored(imported, range(7 * HOUR + 1, 8 * HOUR), undefined)).toBe(true);
    expect(isStored(imported, range(0, HOUR), ['other'])).toBe(true);
    expect(isStored(imported, range(0, HOUR), ['def*'])).toBe(false);
    const down = stored({ gaps: [gap(0, HOUR, null)] });
    expect(isStored(down, range(0, HOUR), ['other'])).toBe(false);
  });
});

describe('addGap', () => {
  it('joins what a query would read together, of one account', () => {
    const gaps = [gap(0), gap(4 * HOUR), gap(20 * HOUR), gap(4 * HOUR, 5 * HOUR, 'other')];
    expect(gaps.reduce(addGap, [] as UngroupedTime[])).toEqual([
      gap(0, 4 * HOUR),
      gap(20 * HOUR),
      gap(4 * HOUR, 5 * HOUR, 'other'),
    ]);
    const between = addGap([gap(0), gap(10 * HOUR)], gap(5 * HOUR));
    expect(between).toEqual([gap(0, 10 * HOUR)]);
  });

  it('keeps a bounded number, and covers at least what it was given', () => {
    let gaps: UngroupedTime[] = [gap(0, 0, 'other')];
    for (let day = 0; day < 500; day++) {
      gaps = addGap(gaps, gap(day * DAY));
      expect(gaps.length).toBeLessThanOrEqual(101);
    }
    for (let day = 0; day < 500; day++) {
      const at = NOON + day * DAY;
      expect(
        gaps.some(({ account, from, to }) => account === 'default' && from <= at && at <= to),
      ).toBe(true);
    }
    expect(gaps).toContainEqual(gap(0, 0, 'other'));
  });
});
