import { describe, expect, it } from 'vitest';
import { groupIncidents } from '../../src/incidents/group-incidents.ts';
import { knowsPushes, MAX_LIVE_MS, mergePushes } from '../../src/incidents/live-pushes.ts';
import { at, cut, livePush, many, refused } from './story.ts';

const byCallback = (stream: string, since: number) => ({
  ...livePush(stream, since),
  sequence: `${stream}-${since}`,
});

describe('mergePushes', () => {
  it('takes a push that both sources told of once, with the end that either told', () => {
    const own = byCallback('shop-17', 3);
    const echo = { ...livePush('shop-17', 0), endedAt: at(60) };
    expect(mergePushes([echo, own], at(100))).toEqual([{ ...own, endedAt: at(60) }]);
    expect(mergePushes([own, echo], at(100))).toEqual([{ ...own, endedAt: at(60) }]);
  });

  it('keeps two pushes apart that began further apart than clocks are', () => {
    const two = [byCallback('shop-17', 6), livePush('shop-17', 0)];
    expect(mergePushes(two, at(100))).toEqual(two);
  });

  it('no longer counts a push as live whose end must have been lost', () => {
    const lost = livePush('shop-17', 0);
    expect(mergePushes([lost], at(0) + MAX_LIVE_MS)).toEqual([lost]);
    expect(mergePushes([lost], at(0) + MAX_LIVE_MS + 1)).toEqual([]);
  });

  it('keeps pushes of lost ends from hiding how much of a domain is hit', () => {
    const days = -4 * 86_400;
    const stale = many(100, (index) => livePush(`gone-${index}`, days));
    const live = many(20, (index) => livePush(`room-${index}`, -3_600));
    const records = many(10, (index) => cut({ stream: `room-${index}`, at: index / 2 }));
    const [incident] = groupIncidents({
      records,
      pushes: mergePushes([...stale, ...live], at(30)),
      now: at(30),
    });
    expect(incident).toMatchObject({ liveBefore: 20, share: 0.5, streams: 10 });
  });
});

describe('knowsPushes', () => {
  const since = (seconds: number) => at(seconds);
  const cuts = many(10, (index) =>
    cut({ stream: `room-${index}`, at: 0, since: -100 * index - 1 }),
  );

  it('is true when most pushes that were cut had begun while we listened', () => {
    expect(knowsPushes(cuts, since(-1_000))).toBe(true);
    expect(knowsPushes(cuts, since(-702))).toBe(true);
    expect(knowsPushes(cuts, since(-701))).toBe(true);
    expect(knowsPushes(cuts, since(-700))).toBe(false);
  });

  it('is false where nobody tells of pushes, and asks nothing of refusals', () => {
    expect(knowsPushes(cuts, null)).toBe(false);
    expect(knowsPushes([refused({ stream: 'room-1', at: 0 })], since(0))).toBe(true);
  });
});
