import { describe, expect, it } from 'vitest';
import { rateOf, UsualRate } from '../../src/incidents/usual-rate.ts';
import { many } from './story.ts';

const MINUTE = 60_000;

/** A window of two minutes in which so many streams broke on their own. */
function window(minute: number, breaks: number, { live = 100, shared = [] as string[] } = {}) {
  return {
    from: minute * MINUTE,
    live,
    counts: new Map([['network', breaks]]),
    shared: new Set(shared),
  };
}

const usualOf = (...windows: ReturnType<typeof window>[]) =>
  windows.reduce((usual, one) => usual.after(one), new UsualRate());

describe('the usual rate of breaks', () => {
  it('is not known before the first window', () => {
    expect(new UsualRate().sample('network', MINUTE, 100)).toEqual({ breaks: 0, liveMs: 0 });
  });

  it('rests on the breaks of the last ten minutes, and on how long how many streams were live', () => {
    const usual = usualOf(...many(10, (index) => window(index * 2, 3)));
    expect(usual.sample('network', 20 * MINUTE, 100)).toEqual({
      breaks: 15,
      liveMs: 10 * MINUTE * 100,
    });
    expect(usual.sample('idle_no_data', 20 * MINUTE, 100).breaks).toBe(0);
  });

  it('counts of the first of these windows only the part within the ten minutes', () => {
    const usual = usualOf(...many(10, (index) => window(index * 2, 4)));
    // Nine minutes of windows are whole, and half of another one.
    expect(usual.sample('network', 19 * MINUTE, 100).breaks).toBeCloseTo(4 * 5 + 2, 6);
  });

  it('knows no more time than since the first window', () => {
    const usual = usualOf(window(0, 3));
    expect(usual.sample('network', 2 * MINUTE, 100)).toEqual({
      breaks: 3,
      liveMs: 2 * MINUTE * 100,
    });
  });

  it('takes the live streams between two windows to grow or fall steadily', () => {
    const usual = usualOf(window(0, 1, { live: 100 }), window(2, 1, { live: 300 }));
    expect(usual.sample('network', 4 * MINUTE, 500).liveMs).toBe(2 * MINUTE * (200 + 400));
  });

  it('leaves windows with a shared cause out, with their breaks and their time', () => {
    const calm = [window(0, 2), window(2, 2), window(6, 2)];
    const usual = usualOf(
      window(0, 2),
      window(2, 2),
      window(4, 90, { shared: ['network'] }),
      window(6, 2),
    );
    expect(usual.sample('network', 8 * MINUTE, 100)).toEqual({
      breaks: 6,
      liveMs: 6 * MINUTE * 100,
    });
    expect(usual.sample('network', 8 * MINUTE, 100).breaks).toBe(
      usualOf(...calm).sample('network', 8 * MINUTE, 100).breaks,
    );
    // Another reason had no shared cause then.
    expect(usual.sample('idle_no_data', 8 * MINUTE, 100).liveMs).toBe(8 * MINUTE * 100);
  });

  it('counts the calm time after a window with a shared cause', () => {
    const usual = usualOf(window(0, 9, { shared: ['network'] }), window(6, 1));
    expect(usual.sample('network', 8 * MINUTE, 100)).toEqual({
      breaks: 1,
      liveMs: 6 * MINUTE * 100,
    });
  });

  it('looks back up to thirty minutes where shared causes took the last ones', () => {
    const storm = many(8, (index) => window(10 + index * 2, 50, { shared: ['network'] }));
    const usual = usualOf(...many(5, (index) => window(index * 2, 1)), ...storm);
    expect(usual.sample('network', 26 * MINUTE, 100).breaks).toBe(5);
    expect(usual.sample('network', 39 * MINUTE, 100).breaks).toBe(0);
  });

  it('forgets what is older than thirty minutes', () => {
    const usual = usualOf(window(0, 7), window(31, 1, { shared: ['network'] }));
    expect(usual.sample('network', 31 * MINUTE, 100).breaks).toBe(0);
    expect(usual.sample('network', 33 * MINUTE, 100)).toEqual({
      breaks: 0,
      liveMs: 10 * MINUTE * 100,
    });
  });

  it('forgets a lone window in time, though nothing broke since', () => {
    expect(usualOf(window(0, 7)).sample('network', 40 * MINUTE, 100)).toEqual({
      breaks: 0,
      liveMs: 10 * MINUTE * 100,
    });
  });

  it('can be had as it was before a moment', () => {
    const usual = usualOf(window(0, 3), window(2, 5), window(4, 7));
    expect(usual.before(4 * MINUTE).sample('network', 4 * MINUTE, 100)).toEqual({
      breaks: 8,
      liveMs: 4 * MINUTE * 100,
    });
    expect(usual.before(0).sample('network', 4 * MINUTE, 100)).toEqual({ breaks: 0, liveMs: 0 });
    expect(usual.before(4 * MINUTE).sample('network', 6 * MINUTE, 100).breaks).toBe(8);
    expect(usual.sample('network', 2 * MINUTE, 100).breaks).toBe(3);
    // It is still known since when windows are counted.
    expect(usual.before(1).sample('network', 4 * MINUTE, 100)).toEqual({
      breaks: 3,
      liveMs: 4 * MINUTE * 100,
    });
  });

  it('of several reasons together is that of all their breaks', () => {
    const both = {
      ...window(0, 3),
      counts: new Map([
        ['network', 3],
        ['idle_no_data', 4],
      ]),
    };
    expect(usualOf(both).sampleOf(['network', 'idle_no_data'], 2 * MINUTE, 100)).toEqual({
      breaks: 7,
      liveMs: 2 * MINUTE * 100,
    });
  });

  it('of several reasons counts one that was seen for a shorter time as much as it would have been', () => {
    const counts = new Map([
      ['network', 3],
      ['idle_no_data', 4],
    ]);
    const usual = usualOf(
      { ...window(0, 0), counts },
      { ...window(2, 0, { shared: ['idle_no_data'] }), counts },
    );
    expect(usual.sampleOf(['network', 'idle_no_data'], 4 * MINUTE, 100)).toEqual({
      breaks: 6 + 8,
      liveMs: 4 * MINUTE * 100,
    });
    const never = usualOf({ ...window(0, 0, { shared: ['idle_no_data'] }), counts });
    expect(never.sampleOf(['network', 'idle_no_data'], 2 * MINUTE, 100).breaks).toBe(3);
  });
});

describe('rateOf', () => {
  /** A stream breaks on its own about once in five hours, or once in fourteen. */
  const OFTEN = 6e-8;
  const RARELY = 2e-8;

  it('assumes a rate by the category while nothing is known', () => {
    for (const category of ['network', 'client', 'unknown'] as const) {
      expect(rateOf([], category).rate).toBeCloseTo(OFTEN, 15);
    }
    for (const category of ['auth', 'billing', 'platform', 'config', 'operator'] as const) {
      expect(rateOf([], category).rate).toBeCloseTo(RARELY, 15);
    }
    expect(rateOf([], 'network').known).toBeCloseTo(1.2, 9);
  });

  it('rests on the breaks and live time of all samples', () => {
    const sample = { breaks: 50, liveMs: 40_000_000 };
    const { rate, known } = rateOf([sample, sample], 'network');
    expect(rate).toBeCloseTo(101.2 / 100_000_000, 15);
    expect(known).toBeCloseTo(101.2, 6);
  });

  it('is never below the assumed one, however calm the fleet was', () => {
    const calm = { breaks: 0, liveMs: 1e12 };
    expect(rateOf([calm], 'network').rate).toBe(OFTEN);
    expect(rateOf([calm], 'network').known).toBeCloseTo(OFTEN * (1e12 + 20_000_000), 3);
  });

  it('takes no time off for a part that was hit as a whole', () => {
    expect(rateOf([{ breaks: 3, liveMs: -5e6 }], 'auth').rate).toBeCloseTo(3.4 / 20_000_000, 15);
  });
});
