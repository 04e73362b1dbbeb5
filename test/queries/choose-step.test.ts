import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseStep, MAX_POINTS } from '../../src/queries/series.ts';
import { HOUR, MINUTE, SECOND } from '../helpers/break-record.ts';

describe('chooseStep', () => {
  it.each([
    [5 * MINUTE, 43_200, SECOND],
    [HOUR, 100, MINUTE],
    [HOUR, 60, MINUTE],
    [HOUR, 59, 5 * MINUTE],
    [24 * HOUR, 1_000, 5 * MINUTE],
    [24 * HOUR, 1_440, MINUTE],
    [30 * 24 * HOUR, 1_000, HOUR],
    [400 * 24 * HOUR, 100, 7 * 24 * HOUR],
    [400 * 24 * HOUR, 1, 400 * 24 * HOUR],
    [1_000, 0, SECOND],
  ])('fits %i ms into %i points', (range, points, step) => {
    expect(chooseStep(range, points)).toBe(step);
  });

  it('never makes more points than requested or allowed', () => {
    const ranges = fc.integer({ min: 1, max: 4_000 * 24 * HOUR });
    fc.assert(
      fc.property(ranges, fc.integer({ min: 1, max: 10 ** 6 }), (range, points) => {
        expect(range / chooseStep(range, points)).toBeLessThanOrEqual(Math.min(points, MAX_POINTS));
      }),
    );
  });
});
