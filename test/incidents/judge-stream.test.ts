import { describe, expect, it } from 'vitest';
import { judgeStream, statusOfOutages } from '../../src/incidents/judge-stream.ts';
import { INCIDENT_OPTIONS } from '../../src/incidents/options.ts';
import type { BreakRecord } from '../../src/model/break.ts';
import { at, cut, livePush, refused, stopped } from './story.ts';

const S = 'shop-17';

function status(records: BreakRecord[], seconds: number, pushes = [livePush(S, -3600)]) {
  return judgeStream(records, pushes, at(seconds))?.status;
}

describe('judgeStream', () => {
  it('counts the break of a second encoder that had taken over from the first', () => {
    // The first one breaks beside a live push, so nothing was lost.
    const story = [
      cut({ stream: S, at: 100, since: -600, back: 100 }),
      cut({ stream: S, at: 300, since: 50 }),
    ];
    expect(status(story, 200, [livePush(S, 50)])?.state).not.toBe('down');
    expect(status(story, 400, [livePush(S, 50)])).toMatchObject({
      state: 'reconnecting',
      since: at(300),
    });
  });

  it('goes from live over reconnecting to down, with deadlines', () => {
    const story = [cut({ stream: S, at: 0 })];
    expect(status(story, -1)).toMatchObject({ state: 'live', deadline: null });
    expect(status(story, 0)).toMatchObject({
      state: 'reconnecting',
      quiet: true,
      since: at(0),
      deadline: at(60),
    });
    expect(status(story, 60)).toMatchObject({
      state: 'reconnecting',
      quiet: false,
      deadline: at(300),
    });
    expect(status(story, 300)).toMatchObject({ state: 'down', since: at(0), deadline: null });
  });

  it('is recovered for a while after it came back, then live', () => {
    const story = [cut({ stream: S, at: 0, back: 41 })];
    expect(status(story, 41)).toMatchObject({
      state: 'recovered',
      since: at(41),
      deadline: at(341),
    });
    expect(status(story, 341)).toMatchObject({ state: 'live', since: at(41), deadline: null });
  });

  it('is down at once when the try was refused for what needs a fix', () => {
    const story = [cut({ stream: S, at: 0 }), refused({ stream: S, at: 2 })];
    expect(status(story, 3)).toMatchObject({ state: 'down', since: at(0), attempts: 1 });
  });

  it('flaps at the third break in ten minutes until it was live for fifteen', () => {
    const story = [
      cut({ stream: S, at: 0, back: 10 }),
      cut({ stream: S, at: 100, since: 10, back: 110 }),
      cut({ stream: S, at: 600, since: 110, back: 610 }),
    ];
    expect(status(story.slice(0, 2), 599)?.state).toBe('live');
    expect(status(story, 600)).toMatchObject({ state: 'flapping', deadline: at(900) });
    expect(status(story, 611)).toMatchObject({
      state: 'flapping',
      since: at(0),
      deadline: at(1510),
    });
    expect(status(story, 1510)?.state).toBe('live');
    const slow = [...story.slice(0, 2), cut({ stream: S, at: 601, since: 110, back: 610 })];
    expect(status(slow, 611)?.state).toBe('recovered');
  });

  it('flaps until fifteen minutes after the last recovery, however long ago it began', () => {
    const story = [0, 100, 600].map((moment, index) =>
      cut({ stream: S, at: moment, since: moment - 50 - index, back: moment + 10 }),
    );
    expect(status(story, 1_509)?.state).toBe('flapping');
    expect(status(story, 1_510)?.state).toBe('live');
  });

  it('no longer flaps at a break after fifteen minutes of live push', () => {
    const again = (moment: number) => [
      ...[0, 100, 200].map((one) => cut({ stream: S, at: one, since: one - 50, back: one + 10 })),
      cut({ stream: S, at: moment, since: 210, back: moment + 10 }),
    ];
    expect(status(again(1_109), 1_120)).toMatchObject({ state: 'flapping', since: at(0) });
    expect(status(again(1_110), 1_121)).toMatchObject({ state: 'recovered', since: at(1_120) });
    const flapsAgain = [
      ...again(1_110),
      ...[1_200, 1_300].map((one) => cut({ stream: S, at: one, since: one - 50, back: one + 10 })),
    ];
    expect(status(flapsAgain, 1_320)).toMatchObject({ state: 'flapping', since: at(1_110) });
  });

  it('counts the breaks of the last ten minutes, and no starts that were refused', () => {
    const story = [
      cut({ stream: S, at: 0, back: 10 }),
      cut({ stream: S, at: 100, since: 10, back: 110 }),
      cut({ stream: S, at: 550, since: 110, back: 560 }),
    ];
    expect(status(story, 599)?.recentBreaks).toBe(3);
    expect(status(story, 600)?.recentBreaks).toBe(2);
    const never = [0, 100, 200].map((one) => refused({ stream: S, at: one, back: one + 10 }));
    expect(status(never, 215)).toMatchObject({ state: 'recovered', recentBreaks: 0 });
  });

  it('is live since its latest push', () => {
    const story = [cut({ stream: S, at: 0, back: 10 })];
    const pushes = [livePush(S, -3600), livePush(S, 1_000)];
    expect(status(story, 2_000, pushes)).toMatchObject({ state: 'live', since: at(1_000) });
    expect(status(story, 2_000)).toMatchObject({ state: 'live', since: at(10) });
  });

  it('does not call a loop of refusals flapping', () => {
    const loop = [0, 5, 10, 20, 40].map((moment) => refused({ stream: S, at: moment }));
    expect(status([cut({ stream: S, at: -5 }), ...loop], 50)).toMatchObject({
      state: 'down',
      attempts: 5,
      recentBreaks: 1,
    });
  });

  it('takes a planned end for no failure, and a refused start after it for one', () => {
    const ended = [stopped({ stream: S, at: 0 })];
    expect(status(ended, 5_000)).toMatchObject({ state: 'ended', since: at(0), deadline: null });
    expect(status([...ended, refused({ stream: S, at: 60 })], 61)?.state).toBe('down');
    expect(status([...ended, cut({ stream: S, at: 200, since: 100 })], 210)?.state).toBe(
      'reconnecting',
    );
  });

  it('loses nothing when a second encoder had taken over before', () => {
    const replaced = cut({ stream: S, at: 0 });
    const judged = judgeStream([replaced], [livePush(S, -3600), livePush(S, -5)], at(10));
    expect(judged?.status.state).toBe('recovered');
    expect(judged?.chains[0]?.endedAt).toBe(at(0));
  });

  it('knows nothing of a stream before its first event', () => {
    expect(judgeStream([refused({ stream: S, at: 10 })], [], at(5))).toBeUndefined();
  });

  it('has windows as parameters', () => {
    const options = { ...INCIDENT_OPTIONS, graceMs: 10_000, reconnectMs: 20_000 };
    const story = [cut({ stream: S, at: 0 })];
    expect(judgeStream(story, [], at(15), options)?.status.quiet).toBe(false);
    expect(judgeStream(story, [], at(20), options)?.status.state).toBe('down');
  });

  it('takes the same one of two versions of a break, whichever came first', () => {
    const before = cut({ stream: S, at: 0 });
    const after = cut({ stream: S, at: 0, back: 30 });
    const judge = (records: BreakRecord[]) => judgeStream(records, [], at(100));
    expect(judge([before, after])).toEqual(judge([after, before]));
  });
});

describe('statusOfOutages', () => {
  const chainsOf = (...records: BreakRecord[]) =>
    judgeStream(records, [livePush(S, -3600)], at(1_000))?.chains ?? [];

  it('is that of the stream, as far as its outages tell', () => {
    expect(statusOfOutages([], at(0))).toBeUndefined();
    const open = chainsOf(cut({ stream: S, at: 0 }));
    expect(statusOfOutages(open, at(30))).toMatchObject({ state: 'reconnecting', since: at(0) });
    expect(statusOfOutages(open, at(300))).toMatchObject({ state: 'down', since: at(0) });
    const back = chainsOf(cut({ stream: S, at: 0, back: 40 }));
    expect(statusOfOutages(back, at(50))).toMatchObject({ state: 'recovered', since: at(40) });
    expect(statusOfOutages(back, at(340))).toMatchObject({ state: 'live', since: at(40) });
  });

  it('counts older outages of which only totals are left', () => {
    const older = { cuts: [at(-200), at(-100)], flapsSince: null, endedAt: at(-90) };
    const third = chainsOf(cut({ stream: S, at: 0, back: 10 }));
    expect(statusOfOutages(third, at(20))).toMatchObject({ state: 'recovered' });
    expect(statusOfOutages(third, at(20), older)).toMatchObject({
      state: 'flapping',
      since: at(-200),
    });
    const long = { ...older, cuts: [at(-700), at(-100)] };
    expect(statusOfOutages(third, at(20), long)).toMatchObject({ state: 'recovered' });
    // Live for 15 min in between, it had become steady.
    const before = { cuts: [at(-2_000)], flapsSince: at(-2_100), endedAt: at(-900) };
    expect(statusOfOutages(third, at(20), before)).toMatchObject({ state: 'recovered' });
    expect(statusOfOutages(third, at(20), { ...before, endedAt: at(-899) })).toMatchObject({
      state: 'flapping',
    });
  });

  it('is known from totals alone', () => {
    const older = { cuts: [at(0)], flapsSince: null, endedAt: at(30) };
    expect(statusOfOutages([], at(40), older)).toMatchObject({ state: 'recovered', since: at(30) });
    expect(statusOfOutages([], at(330), older)).toMatchObject({ state: 'live', since: at(30) });
    expect(statusOfOutages([], at(40), { ...older, flapsSince: at(0) })).toMatchObject({
      state: 'flapping',
      since: at(0),
      deadline: at(930),
    });
  });

  it('is ended when the last one was stopped, and only then', () => {
    const ended = chainsOf(cut({ stream: S, at: 0 }), stopped({ stream: S, at: 40 }));
    expect(statusOfOutages(ended, at(50))).toMatchObject({ state: 'ended', since: at(40) });
    const later = cut({ stream: S, at: 500, since: 450, back: 510 });
    const both = chainsOf(cut({ stream: S, at: 0 }), stopped({ stream: S, at: 40 }), later);
    expect(statusOfOutages(both, at(520))).toMatchObject({ state: 'recovered' });
    expect(statusOfOutages(both.toReversed(), at(520))).toMatchObject({ state: 'ended' });
  });
});
