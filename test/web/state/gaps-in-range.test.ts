import { expect, it } from 'vitest';
import { gapsInRange } from '../../../src/web/state/gaps-in-range.ts';

it('returns gaps cut to the range, without those that were filled later', () => {
  const accounts = [
    {
      account: 'shop',
      gaps: [
        { from: 0, to: 50, filledAt: null },
        { from: 90, to: 120, filledAt: null },
        { from: 150, to: 160, filledAt: 170 },
        { from: 180, to: null, filledAt: null },
      ],
    },
    { account: 'older' },
    { account: 'other', gaps: [{ from: 110, to: 115, filledAt: null }] },
  ];
  expect(gapsInRange(accounts, { from: 100, to: 200 }, 190)).toEqual([
    { account: 'shop', from: 100, to: 120 },
    { account: 'other', from: 110, to: 115 },
    { account: 'shop', from: 180, to: 190 },
  ]);
  expect(gapsInRange(accounts, { from: 60, to: 80 }, 190)).toEqual([]);
});
