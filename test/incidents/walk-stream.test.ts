import { describe, expect, it } from 'vitest';
import { walkStream } from '../../src/incidents/walk-stream.ts';
import type { BreakRecord } from '../../src/model/break.ts';
import type { Push } from '../../src/model/push.ts';
import { at, cut, livePush, refused, stopped } from './story.ts';

const S = 'shop-17';
const second = (moment: number | null) => (moment === null ? null : (moment - at(0)) / 1_000);

/** A push from one moment to another, s. */
function push(from: number, to: number | null): Push {
  return { ...livePush(S, from), endedAt: to === null ? null : at(to) };
}

function walk(records: BreakRecord[], pushes: Push[] = [], now = 1_000) {
  return walkStream(records, pushes, at(now));
}

/** Start and end of each outage, and how it ended, s. */
const outages = (records: BreakRecord[], pushes: Push[] = [], now = 1_000) =>
  walk(records, pushes, now).chains.map(({ startedAt, endedAt, end }) => [
    second(startedAt),
    second(endedAt),
    end,
  ]);

/** Start and end of each stretch in which a push was live, s. */
const spans = (records: BreakRecord[], pushes: Push[] = [], now = 1_000) =>
  walk(records, pushes, now).spans.map(({ start, end }) => [second(start), second(end)]);

describe('an outage', () => {
  it('ends with the start of the next push, whichever source tells it', () => {
    expect(outages([cut({ stream: S, at: 0, since: -600 })], [push(30, null)])).toEqual([
      [0, 30, 'recovered'],
    ]);
    expect(outages([cut({ stream: S, at: 0, since: -600, back: 30 })])).toEqual([
      [0, 30, 'recovered'],
    ]);
    expect(
      outages([
        cut({ stream: S, at: 0, since: -600 }),
        cut({ stream: S, at: 200, since: 30, back: 240 }),
      ]),
    ).toEqual([
      [0, 30, 'recovered'],
      [200, 240, 'recovered'],
    ]);
  });

  it('ends by the clock that the break names, when two sources tell of one start', () => {
    const named = (back: number) => outages([cut({ stream: S, at: 0, back })], [push(30, null)]);
    expect(named(31)).toEqual([[0, 31, 'recovered']]);
    expect(named(32)).toEqual([[0, 32, 'recovered']]);
    expect(named(28)).toEqual([[0, 28, 'recovered']]);
    // Further apart, they are two pushes, and the first one ended it.
    expect(named(33)).toEqual([[0, 30, 'recovered']]);
  });

  it('is over at the start that is known now, not at one that is still to come', () => {
    expect(outages([cut({ stream: S, at: 0, back: 31 })], [push(30, null)], 30)).toEqual([
      [0, 30, 'recovered'],
    ]);
  });

  it('has all tries that were refused until the stream was back', () => {
    const tries = [5, 20, 60].map((moment) => refused({ stream: S, at: moment }));
    const { chains } = walk([cut({ stream: S, at: 0, back: 90 }), ...tries]);
    expect(chains.map(({ breaks }) => breaks.length)).toEqual([4]);
    expect(chains[0]).toMatchObject({ startedAt: at(0), endedAt: at(90), end: 'recovered' });
  });

  it('begins anew after a recovery, even one in the moment of the next break', () => {
    expect(
      outages([cut({ stream: S, at: 0, back: 60 }), cut({ stream: S, at: 61, since: 60 })]),
    ).toEqual([
      [0, 60, 'recovered'],
      [61, null, null],
    ]);
  });

  it('ends as stopped when the stream was ended as planned while it was down', () => {
    expect(outages([cut({ stream: S, at: 0 }), stopped({ stream: S, at: 50 })])).toEqual([
      [0, 50, 'stopped'],
    ]);
  });

  it('begins with the earliest of its events, in whatever order they come', () => {
    const events = [
      refused({ stream: S, at: 20 }),
      cut({ stream: S, at: 0 }),
      refused({ stream: S, at: 5 }),
    ];
    const { chains } = walk(events);
    expect(chains[0]?.breaks.map(({ event }) => second(event.endedAt))).toEqual([0, 5, 20]);
    expect(chains).toHaveLength(1);
  });

  it('takes a try that was refused in the second of the break for one after it', () => {
    const [chain] = walk([
      { ...refused({ stream: S, at: 0 }) },
      cut({ stream: S, at: 0, since: -600 }),
    ]).chains;
    expect(chain?.firstCause?.verdict.outcome).toBe('broken');
    expect(chain?.blocker?.verdict.outcome).toBe('refused');
  });

  it('counts an event once, and none that is later than now', () => {
    const event = cut({ stream: S, at: 0 });
    const { chains } = walk(
      [event, structuredClone(event), refused({ stream: S, at: 70 })],
      [],
      60,
    );
    expect(chains.map(({ breaks }) => breaks.length)).toEqual([1]);
    expect(walk([event], [], -1).chains).toEqual([]);
    expect(walk([event], [], 0).chains).toHaveLength(1);
  });
});

describe('events of one moment', () => {
  const named = (record: BreakRecord, id: string) => ({
    ...record,
    event: { ...record.event, id },
  });

  it('have the break before the refusal, and the same order whichever came first', () => {
    const events = [
      named(cut({ stream: S, at: 0, since: -600 }), 'z-break'),
      named(refused({ stream: S, at: 0 }), 'b-try'),
      named(refused({ stream: S, at: 0 }), 'a-try'),
      named(refused({ stream: S, at: 0 }), 'c-try'),
    ];
    for (const order of [
      events,
      events.toReversed(),
      [...events.slice(2), ...events.slice(0, 2)],
    ]) {
      const [chain] = walk(order).chains;
      expect(chain?.breaks.map(({ event }) => event.id)).toEqual([
        'z-break',
        'a-try',
        'b-try',
        'c-try',
      ]);
    }
  });

  it('end with the push that begins then', () => {
    expect(outages([refused({ stream: S, at: 0 })], [push(0, null)])).toEqual([
      [0, 0, 'recovered'],
    ]);
  });

  it('are over at the start that the break names, from that moment on', () => {
    expect(outages([cut({ stream: S, at: 0, back: 31 })], [push(30, null)], 31)).toEqual([
      [0, 31, 'recovered'],
    ]);
    expect(outages([cut({ stream: S, at: 0, back: 29 })], [push(30, null)], 30)).toEqual([
      [0, 29, 'recovered'],
    ]);
  });
});

describe('a break whose push nobody saw begin', () => {
  const wish = { event: { startedAt: null, durationMs: null } };
  const lost = cut({ stream: S, at: 0, wish });

  it('ends the push that was live, however long ago it began', () => {
    expect(spans([lost], [push(-600, null)])).toEqual([[-600, 0]]);
    expect(outages([lost], [push(-600, null)])).toEqual([[0, null, null]]);
    expect(spans([lost])).toEqual([]);
  });

  it('leaves the end of a push that had ended before', () => {
    expect(spans([refused({ stream: S, at: 0 })], [push(-600, -50)])).toEqual([[-600, -50]]);
    expect(spans([lost], [push(-600, -50)])).toEqual([[-600, -50]]);
  });
});

describe('a break beside another live push of the stream', () => {
  it('is over at once', () => {
    const other = push(-100, null);
    expect(outages([cut({ stream: S, at: 0, since: -600 })], [other])).toEqual([
      [0, 0, 'recovered'],
    ]);
  });

  it('is an outage when the other push had ended before', () => {
    expect(outages([cut({ stream: S, at: 0, since: -600 })], [push(-100, -50)])).toEqual([
      [0, null, null],
    ]);
    expect(outages([cut({ stream: S, at: 0, since: -600 })], [push(-100, 0)])).toEqual([
      [0, null, null],
    ]);
    expect(outages([cut({ stream: S, at: 0, since: -600 })], [push(-100, 50)])).toEqual([
      [0, 0, 'recovered'],
    ]);
  });

  it('is an outage when the other push is the one that broke, as another clock has it', () => {
    expect(outages([cut({ stream: S, at: 0, since: -102 })], [push(-100, null)])).toEqual([
      [0, null, null],
    ]);
    expect(outages([cut({ stream: S, at: 0, since: -103 })], [push(-100, null)])).toEqual([
      [0, 0, 'recovered'],
    ]);
  });

  it('counts for nothing when it was a planned end or a try that was refused', () => {
    expect(outages([stopped({ stream: S, at: 0, since: -600 })], [push(-100, null)])).toEqual([]);
    expect(walk([stopped({ stream: S, at: 0, since: -600 })], [push(-100, null)]).endedAt).toBe(
      null,
    );
    expect(outages([refused({ stream: S, at: 0 })], [push(-100, 50)])).toEqual([]);
  });

  it('is an outage when a try is refused and nobody knows the end of the push before', () => {
    expect(outages([refused({ stream: S, at: 0 })], [push(-100, null)])).toEqual([[0, null, null]]);
    expect(outages([refused({ stream: S, at: 0 })], [push(-100, -20)])).toEqual([[0, null, null]]);
  });
});

describe('the time in which a stream was live', () => {
  it('has each push once, whichever sources told of it', () => {
    expect(spans([cut({ stream: S, at: 0, since: -600 })], [push(-599, null)])).toEqual([
      [-600, 0],
    ]);
    expect(spans([], [push(0, null), push(2, null)])).toEqual([[0, null]]);
    expect(spans([], [push(0, null), push(3, null)])).toEqual([
      [0, 3],
      [3, null],
    ]);
  });

  it('takes two pushes that began together for two when their ends differ', () => {
    expect(spans([], [push(0, 100), push(1, 102)])).toHaveLength(1);
    expect(spans([], [push(0, 100), push(1, 103)])).toHaveLength(2);
    expect(spans([], [push(0, 103), push(0, 100)])).toEqual([
      [0, 100],
      [0, 103],
    ]);
    expect(spans([], [push(0, null), push(1, 50)])).toEqual([[0, 50]]);
  });

  it('has the push that recovered a break once, though its start has two clocks', () => {
    const broken = cut({ stream: S, at: 0, since: -600, back: 31 });
    expect(spans([broken], [push(30, null)])).toEqual([
      [-600, 0],
      [30, null],
    ]);
    expect(spans([broken], [push(30, 100)])).toEqual([
      [-600, 0],
      [30, 100],
    ]);
  });

  it('tells a push of a second from the one that recovered it', () => {
    const short = cut({ stream: S, at: 1, since: 0, back: 1.5 });
    expect(spans([short])).toEqual([
      [0, 1],
      [1.5, null],
    ]);
    expect(outages([short])).toEqual([[1, 1.5, 'recovered']]);
  });

  it('has no push of a refused try, and none that began where it ended', () => {
    const wish = { event: { startedAt: at(-50), durationMs: 50_000 } };
    expect(spans([refused({ stream: S, at: 0, wish })])).toEqual([]);
    expect(spans([cut({ stream: S, at: 0, since: 0 })])).toEqual([]);
  });

  it('begins no push in the moment in which one ended beside another', () => {
    const beside = cut({ stream: S, at: 0, since: -600, back: 0 });
    expect(spans([beside], [push(-100, null)])).toEqual([
      [-600, 0],
      [-100, null],
    ]);
    // It began one later on, whatever else was live.
    expect(spans([cut({ stream: S, at: 0, since: -600, back: 50 })], [push(-100, null)])).toEqual([
      [-600, 0],
      [-100, 50],
      [50, null],
    ]);
    // A push that had ended by then was not beside it, nor is what broke.
    expect(spans([beside], [push(-100, -50)])).toEqual([
      [-600, 0],
      [-100, -50],
      [0, null],
    ]);
    expect(spans([beside], [push(-100, 0)])).toEqual([
      [-600, 0],
      [-100, 0],
      [0, null],
    ]);
    expect(spans([beside], [push(-598, null)])).toEqual([
      [-600, 0],
      [0, null],
    ]);
    expect(spans([beside], [push(-100, 50)])).toEqual([
      [-600, 0],
      [-100, 50],
    ]);
    expect(spans([beside], [push(5, null)])).toEqual([
      [-600, 0],
      [0, 5],
      [5, null],
    ]);
    // Nobody knows whether a push whose start was missed was the other one.
    const wish = { event: { startedAt: null, durationMs: null } };
    expect(spans([cut({ stream: S, at: 0, back: 0, wish })], [push(-100, null)])).toEqual([
      [-100, 0],
      [0, null],
    ]);
    // Without another push, the next one began in that moment.
    expect(spans([beside])).toEqual([
      [-600, 0],
      [0, null],
    ]);
  });

  it('knows nothing that is later than now', () => {
    expect(spans([], [push(10, 20)], 15)).toEqual([[10, null]]);
    expect(spans([], [push(10, 20)], 20)).toEqual([[10, 20]]);
    expect(spans([], [push(10, 20)], 9)).toEqual([]);
    expect(spans([], [push(10, 20)], 10)).toEqual([[10, null]]);
  });

  it('remembers when a push was first told of', () => {
    const known = (pushes: Push[]) =>
      walk([cut({ stream: S, at: 0, since: -600 })], pushes).spans.map(({ knownAt }) =>
        second(knownAt),
      );
    expect(known([])).toEqual([0]);
    expect(known([push(-599, null)])).toEqual([-599]);
  });

  it('goes on from what remained of the time before', () => {
    const span = {
      start: at(-500),
      end: null,
      reportedEnd: null,
      knownAt: at(-500),
      keys: ['node n1'],
      keysUntil: at(-400),
    };
    const past = {
      stream: { account: 'default', domain: 'a.example.com', app: 'live', stream: S },
      at: at(-400),
      spans: [span],
      places: [],
      lastBreakAt: at(-600),
      lastRefusalAt: at(-600),
      lastDownAt: at(-600),
    };
    const broken = cut({ stream: S, at: 0, since: -501 });
    const { spans: found, chains } = walkStream([broken], [], at(100), past);
    expect(found).toMatchObject([
      { start: at(-501), end: at(0), knownAt: at(-500), keys: ['node n1'], keysUntil: at(-400) },
    ]);
    expect(chains).toMatchObject([{ startedAt: at(0), endedAt: null }]);
  });
});

describe('the causes of an outage', () => {
  const unknown = { verdict: { reason: 'unrecognized', category: 'unknown' as const } };
  const causes = (...records: BreakRecord[]) => {
    const [chain] = walk(records).chains;
    return [chain?.firstCause, chain?.blocker, chain?.decisive].map(
      (record) => record && second(record.event.endedAt),
    );
  };

  it('are what cut the push and what refuses it since', () => {
    expect(causes(cut({ stream: S, at: 0 }))).toEqual([0, null, 0]);
    expect(causes(cut({ stream: S, at: 0 }), refused({ stream: S, at: 5 }))).toEqual([0, 5, 5]);
    expect(causes(refused({ stream: S, at: 5 }))).toEqual([null, 5, 5]);
  });

  it('are those of the latest refusal, unless nobody knows why that was', () => {
    const first = cut({ stream: S, at: 0 });
    const tries = [5, 9].map((moment) => refused({ stream: S, at: moment }));
    expect(causes(first, ...tries)).toEqual([0, 9, 9]);
    expect(causes(first, ...tries, refused({ stream: S, at: 12, wish: unknown }))).toEqual([
      0, 9, 9,
    ]);
    const alone = [5, 8, 12].map((moment) => refused({ stream: S, at: moment, wish: unknown }));
    expect(causes(first, ...alone)).toEqual([0, 12, 12]);
  });
});

describe('the order in which breaks are given', () => {
  const first = cut({ stream: S, at: 0, since: -600, back: 30 });
  const tie = refused({ stream: S, at: 200 });
  const story = [
    first,
    cut({ stream: S, at: 200, since: 30 }),
    tie,
    stopped({ stream: S, at: 400 }),
  ];
  const later = { ...first, event: { ...first.event, endedAt: at(100), recoveredAt: null } };

  it('changes nothing, also when it is that of a store', () => {
    const walked = walk(story);
    expect(walked.chains.map(({ breaks }) => breaks.length)).toEqual([1, 2]);
    const orders = [story.toReversed(), [...story, ...story], story.toReversed().slice(1)];
    expect(walk(orders[0] ?? [])).toEqual(walked);
    expect(walk(orders[1] ?? [])).toEqual(walked);
    expect(walk(orders[2] ?? []).chains).toHaveLength(2);
  });

  it('does not let a break count twice that is given as it is and as it was', () => {
    const newestFirst = [later, first];
    expect(walk(newestFirst)).toEqual(walk(newestFirst.toReversed()));
    expect(walk(newestFirst).chains).toHaveLength(1);
  });
});

describe('a planned end', () => {
  it('lasts until the next push', () => {
    const end = stopped({ stream: S, at: 0, since: -600 });
    expect(second(walk([end]).endedAt)).toBe(0);
    expect(walk([end], [push(60, null)]).endedAt).toBe(null);
    expect(walk([end, refused({ stream: S, at: 60 })]).endedAt).toBe(null);
  });
});
