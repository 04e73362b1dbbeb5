import { describe, expect, it } from 'vitest';
import { logChanceOf, logChanceOfHits } from '../../src/incidents/statistics.ts';
import { rateOf, UsualRate } from '../../src/incidents/usual-rate.ts';

describe('logChanceOf', () => {
  it.each([
    // Upper tails of the Poisson distribution, as tables give them.
    [1, 0.5, 0.393_469],
    [3, 0.5, 0.014_388],
    [5, 2, 0.052_653],
    [20, 10, 0.003_454],
    [150, 100, 1.89e-6],
  ])('is the chance of %i breaks or more where %d are usual', (count, expected, chance) => {
    expect(Math.exp(logChanceOf(count, expected, 1e8)) / chance).toBeCloseTo(1, 2);
  });

  it.each([
    // Upper tails of the negative binomial distribution: 1 - (known / (known + expected)) ** known for one break.
    [1, 0.5, 2, 1 - 0.8 ** 2],
    [2, 1, 1, 0.25],
    [3, 3, 0.5, 1],
    [6, 2, 1, (2 / 3) ** 6],
  ])(
    'is greater for %i where %d are usual by few breaks (%d)',
    (count, expected, known, chance) => {
      expect(Math.exp(logChanceOf(count, expected, known)) / chance).toBeCloseTo(1, 3);
    },
  );

  it('is no evidence when there are no more than usual', () => {
    expect(logChanceOf(7, 7, 10)).toBe(0);
    expect(logChanceOf(2, 9, 10)).toBe(0);
  });

  it('stays a number for a storm', () => {
    const chance = logChanceOf(100_000, 3, 50);
    expect(chance).toBeLessThan(-250_000);
    expect(Number.isFinite(chance)).toBe(true);
  });
});

describe('logChanceOfHits', () => {
  it('shares the chance among all sets of streams of all sizes', () => {
    // 3 of 7: one of 8 sizes, one of 35 sets.
    expect(Math.exp(logChanceOfHits(3, 7))).toBeCloseTo(1 / (8 * 35), 9);
    expect(Math.exp(logChanceOfHits(7, 7))).toBeCloseTo(1 / 8, 9);
  });
});

describe('UsualRate', () => {
  const MINUTE = 60_000;
  const one = (minute: number, key: string, count: number, live = 20) => ({
    from: minute * MINUTE,
    live,
    counts: new Map([[key, count]]),
    shared: new Set<string>(),
  });

  it('counts the breaks of one cause in the last ten minutes, and the live time of that', () => {
    const usual = new UsualRate()
      .after(one(0, 'network', 50))
      .after(one(2, 'network', 3))
      .after(one(4, 'client replaced', 9));
    // Half of the first window lies within the ten minutes.
    expect(usual.sample('network', 11 * MINUTE, 20)).toEqual({ breaks: 28, liveMs: 200 * MINUTE });
    expect(usual.sample('network', 6 * MINUTE, 20)).toEqual({ breaks: 53, liveMs: 120 * MINUTE });
  });

  it('knows after a new start what was before it, and nothing of the time that is read again', () => {
    const usual = new UsualRate().after(one(0, 'network', 5, 1)).after(one(1, 'network', 7, 1));
    expect(usual.before(MINUTE).sample('network', 2 * MINUTE, 1)).toEqual({
      breaks: 5,
      liveMs: 2 * MINUTE,
    });
    expect(usual.before(0).sample('network', 2 * MINUTE, 1)).toEqual({ breaks: 0, liveMs: 0 });
  });

  it('counts the streams that were live at the time, not those that are live now', () => {
    const usual = new UsualRate().after(one(0, 'network', 3, 100)).after(one(2, 'network', 5, 200));
    // 2 min of 150 streams, then 4 min of 300.
    expect(usual.sample('network', 6 * MINUTE, 400)).toEqual({ breaks: 8, liveMs: 1_500 * MINUTE });
  });

  it('leaves out windows with a shared cause, and counts older ones instead', () => {
    let usual = new UsualRate();
    for (let minute = 0; minute < 10; minute += 2) {
      usual = usual.after(one(minute, 'network', 4));
    }
    const before = usual.sample('network', 10 * MINUTE, 20);
    expect(before).toEqual({ breaks: 20, liveMs: 200 * MINUTE });
    for (let minute = 10; minute < 20; minute += 2) {
      usual = usual.after({ ...one(minute, 'network', 1), shared: new Set(['network']) });
    }
    expect(usual.sample('network', 20 * MINUTE, 20)).toEqual(before);
    expect(usual.sample('client replaced', 20 * MINUTE, 20)).toEqual({
      breaks: 0,
      liveMs: 200 * MINUTE,
    });
  });

  it('is assumed until breaks show it, and then taken from them', () => {
    const assumed = rateOf([], 'network').rate;
    expect(assumed).toBeGreaterThan(rateOf([], 'billing').rate);
    const hour = 3_600_000;
    // 5,000 streams break once in an hour each.
    const { rate: shown, known } = rateOf([{ breaks: 5_000, liveMs: 5_000 * hour }], 'network');
    expect(shown * hour).toBeCloseTo(1, 1);
    expect(known / 5_000).toBeCloseTo(1, 2);
    // Less live time than none does not count.
    expect(rateOf([{ breaks: 0, liveMs: -hour }], 'network').rate).toBe(assumed);
  });
});
