import { describe, expect, it } from 'vitest';
import type { ShownBreak } from '../../../src/web/state/api.ts';
import { countByStep, countedOf, rangeOf } from '../../../src/web/state/count-breaks.ts';

function shown(endedAt: number, category: string): ShownBreak {
  return { endedAt, diagnosis: { category } } as unknown as ShownBreak;
}

describe('countByStep', () => {
  it('counts each break once in its step and returns categories in a fixed order', () => {
    const breaks = [shown(0, 'network'), shown(9, 'auth'), shown(10, 'auth')];
    const { times, counts } = countByStep(
      [...breaks, shown(20, 'auth'), shown(-1, 'auth')],
      0,
      20,
      10,
    );
    expect(times).toEqual([0, 10]);
    expect([...counts]).toEqual([
      ['auth', [1, 1]],
      ['network', [1, 0]],
    ]);
  });
});

describe('countedOf', () => {
  it('reads a series of the server and returns categories in a fixed order', () => {
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

describe('rangeOf', () => {
  it('has whole steps and includes now', () => {
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
