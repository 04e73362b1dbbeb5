import { describe, expect, it } from 'vitest';
import { sparkPoints } from '../../../src/web/components/spark-points.ts';

describe('sparkPoints', () => {
  it('places the highest value at the top, zero at the bottom, and leaves time without data empty', () => {
    const samples = [
      { at: 0, value: 0 },
      { at: 50, value: 10 },
      { at: 75, value: 5 },
    ];
    expect(sparkPoints(samples, 100, 200, 20)).toEqual(['0,20 100,0 150,10']);
  });

  it('interrupts the line at missing values and draws no single points', () => {
    const values = [1, 1, null, 1, null, 1, 1];
    const samples = values.map((value, at) => ({ at, value }));
    expect(sparkPoints(samples, 6, 60, 10)).toEqual(['0,0 10,0', '50,0 60,0']);
    expect(sparkPoints([], 10, 10, 10)).toEqual([]);
  });
});
