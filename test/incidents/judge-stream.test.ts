import { describe, expect, it } from 'vitest';
import { judgeStream } from '../../src/incidents/judge-stream.ts';
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
