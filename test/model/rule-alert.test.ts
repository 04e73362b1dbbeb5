import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../src/model/time.ts';

describe('lengthOfTime', () => {
  it('reads seconds, minutes, hours and days, and nothing else', () => {
    expect(['0s', '90s', '5m', '2h', '1d'].map(parseDuration)).toEqual([
      0, 90_000, 300_000, 7_200_000, 86_400_000,
    ]);
    expect(['', '5', 'm', '5 m', '-5m', '1.5h', '5w'].map(parseDuration)).toEqual(
      Array(7).fill(undefined),
    );
  });
});
