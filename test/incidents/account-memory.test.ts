import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toStoredIncident } from '../../src/engine/incidents/incident-book.ts';
import { IncidentMemory } from '../../src/engine/incidents/incident-memory.ts';
import { groupIncidents } from '../../src/incidents/group-incidents.ts';
import type { BreakRecord } from '../../src/model/break.ts';
import type { Incident } from '../../src/model/incident.ts';
import { at, cut, livePush, many, refused, unpaid } from './story.ts';

const MINUTE_S = 60;
const HOURS = 3;

/** A break, and when it arrives; a later version of it replaces it. */
interface Arrival {
  record: BreakRecord;
  arrivesAt: number;
}

interface Wish {
  /** Four streams of one node break within 3 s, each time as many s after the flapping ones began. */
  bursts: number[];
  /** Streams that flap, each with the time between two breaks and the time down, s. */
  flapping: { every: number; down: number; node: string }[];
  /**
   * Pushes beside those of a flapping stream, each cut so many s after the beginning and known only then. While one
   * was live, the stream was not down.
   */
  beside: { stream: number; since: number; lasts: number }[];
  /** These breaks arrive later by this time, s. Later ones do not change an incident that is over. */
  late: { which: number; by: number }[];
  /** These breaks are diagnosed again at this time, s. */
  again: { which: number; at: number }[];
  /** After this part of the time memory starts anew from the store. */
  restart: number;
  /** Time between two groupings, s. */
  step: number;
  /** Breaks arrive between a grouping and its folding. */
  foldsLate: boolean;
}

const wish: fc.Arbitrary<Wish> = fc.record({
  // Some where the first window of the blocked stream ends.
  bursts: fc.array(
    fc.oneof(fc.integer({ min: 110, max: 125 }), fc.integer({ min: 0, max: 9_000 })),
    {
      maxLength: 4,
    },
  ),
  flapping: fc.array(
    fc.record({
      every: fc.integer({ min: 120, max: 1_200 }),
      down: fc.integer({ min: 5, max: 100 }),
      node: fc.constantFrom('198.51.100.1', '198.51.100.1', '198.51.100.2'),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  beside: fc.array(
    fc.record({
      stream: fc.nat(5),
      since: fc.nat(HOURS * 3_600 - 900),
      lasts: fc.integer({ min: 60, max: 800 }),
    }),
    { maxLength: 4 },
  ),
  late: fc.array(fc.record({ which: fc.nat(500), by: fc.integer({ min: 60, max: 850 }) }), {
    maxLength: 6,
  }),
  again: fc.array(fc.record({ which: fc.nat(500), at: fc.nat(HOURS * 3_600) }), { maxLength: 3 }),
  restart: fc.double({ min: 0.2, max: 1.5, noNaN: true }),
  step: fc.integer({ min: 60, max: 200 }),
  foldsLate: fc.boolean(),
});

/** One stream is down all the time, and keeps its incident open; the others flap. */
function arrivalsOf({ flapping, beside, late, again, bursts }: Wish): Arrival[] {
  const end = HOURS * 3_600;
  const blocked = [
    unpaid({ stream: 'blocked', at: 0, node: '198.51.100.1' }),
    ...many(end / 300, (tries) => refused({ stream: 'blocked', at: 5 + tries * 300 })),
  ];
  const flaps = flapping.flatMap(({ every, down, node }, stream) =>
    many(Math.floor(end / every), (turn) => {
      const start = 10 + turn * every + stream;
      const since = turn === 0 ? -3_600 : start - every + down;
      return cut({ stream: `room-${stream}`, at: start, since, back: start + down, node });
    }),
  );
  const together = [...new Set(bursts)].flatMap((start, burst) =>
    many(4, (stream) =>
      cut({
        stream: `site-${burst}-${stream}`,
        at: start + stream,
        back: start + 30 + stream,
        node: '198.51.100.3',
      }),
    ),
  );
  const besides = beside.map(({ stream, since, lasts }) => {
    const { node } = flapping[stream % flapping.length] as Wish['flapping'][number];
    const start = since + lasts;
    return cut({ stream: `room-${stream % flapping.length}`, at: start, since, node });
  });
  const arrivals = [...blocked, ...flaps, ...together, ...besides].map((record): Arrival => {
    const back = record.event.recoveredAt ?? record.event.endedAt;
    return { record, arrivesAt: back + 1_000 };
  });
  for (const { which, by } of late) {
    const arrival = arrivals[which % arrivals.length] as Arrival;
    arrival.arrivesAt += by * 1_000;
  }
  for (const { which, at: seconds } of again) {
    const { record, arrivesAt } = arrivals[which % arrivals.length] as Arrival;
    const verdict = { ...record.verdict, rule: { ...record.verdict.rule, id: 'network/other' } };
    const arrival = { record: { ...record, verdict }, arrivesAt: Math.max(arrivesAt, at(seconds)) };
    arrivals.push(arrival);
  }
  return arrivals.sort((a, b) => a.arrivesAt - b.arrivesAt);
}

/** The store: what has arrived, read in slices as the incident thread reads it. */
class Stored {
  readonly #records = new Map<string, BreakRecord>();

  put(records: readonly BreakRecord[]): void {
    for (const record of records) {
      this.#records.set(record.event.id, record);
    }
  }

  get all(): BreakRecord[] {
    return [...this.#records.values()];
  }

  loadInto(memory: IncidentMemory, now: number): void {
    for (let start = at(-60); start < now; start += 300_000) {
      const end = Math.min(now, start + 300_000);
      const slice = this.all.filter(({ event }) => event.endedAt >= start && event.endedAt < end);
      memory.load(slice, [], end);
    }
  }
}

function show(incidents: readonly Incident[], now: number) {
  return incidents
    .filter(({ state }) => state === 'open' || state === 'recovered')
    .map((incident) => {
      const { display, ...rest } = toStoredIncident(incident, now);
      // Of a stream whose outages are folded, it is not known whether it flaps.
      const { shownStreams: _shown, ...shown } = display;
      return { ...rest, display: shown };
    });
}

describe('incidents that stay open', () => {
  it('are the same as without folding, whatever comes late, is diagnosed again, or restarts', () => {
    let folded = 0;
    fc.assert(
      fc.property(wish, (history) => {
        const arrivals = arrivalsOf(history);
        const stored = new Stored();
        let memory = new IncidentMemory();
        memory.knowPushesSince({ default: null });
        let next = 0;
        const end = at(HOURS * 3_600) + 5_600_000;
        let restartAt = at(HOURS * 3_600 * history.restart);
        for (let now = at(60); now < end; now += history.step * 1_000) {
          const due: BreakRecord[] = [];
          for (; (arrivals[next]?.arrivesAt ?? end) <= now; next++) {
            due.push((arrivals[next] as Arrival).record);
          }
          stored.put(due);
          if (now >= restartAt) {
            restartAt = Number.POSITIVE_INFINITY;
            const settled = JSON.parse(JSON.stringify(memory.settled));
            memory = new IncidentMemory();
            memory.knowPushesSince({ default: null });
            memory.settle(settled);
            stored.loadInto(memory, now);
          } else {
            memory.take(due, [], [], now);
          }
          let { incidents } = memory.recluster(now);
          for (let tries = 0; memory.stale.length > 0 && tries < 3; tries++) {
            memory.reset('default');
            stored.loadInto(memory, now);
            ({ incidents } = memory.recluster(now));
          }
          expect(memory.stale).toEqual([]);
          if (history.foldsLate) {
            // A break that comes before the grouping is folded puts that off.
            memory.take(due.slice(-1), [], [], now);
          }
          memory.fold();
          const whole = groupIncidents({ records: stored.all, pushes: null, now });
          expect(show(incidents, now)).toEqual(show(whole, now));
          folded += incidents.some(({ past }) => past !== null) ? 1 : 0;
        }
      }),
      {
        numRuns: Number(process.env.RUNS ?? 15),
        seed: Number(process.env.SEED ?? 1),
        endOnFailure: true,
      },
    );
    expect(folded).toBeGreaterThan(0);
  }, 240_000);

  it('are not read again for a burst that ends a window early', () => {
    const records = [
      unpaid({ stream: 'blocked', at: 0 }),
      ...many(4, (stream) =>
        cut({ stream: `room-${stream}`, at: 118 + stream, back: 150, node: '198.51.100.1' }),
      ),
    ];
    const memory = new IncidentMemory();
    memory.knowPushesSince({ default: null });
    memory.take(records, [], [], at(160));
    for (let seconds = 160; seconds < 1_800; seconds += 20) {
      const { incidents } = memory.recluster(at(seconds));
      expect(memory.stale).toEqual([]);
      memory.fold();
      const whole = groupIncidents({ records, pushes: null, now: at(seconds) });
      expect(show(incidents, at(seconds))).toEqual(show(whole, at(seconds)));
    }
    expect(memory.size.records).toBe(1);
    // A restart finds the burst in a window that is over, not in that of the stream that is still down.
    const again = new IncidentMemory();
    again.knowPushesSince({ default: null });
    again.settle(JSON.parse(JSON.stringify(memory.settled)));
    again.load(records, [], at(1_800));
    expect(again.recluster(at(1_800)).incidents).toMatchObject([{ streams: 1, state: 'open' }]);
    expect(again.stale).toEqual([]);
  });

  it('are read again when a break of the past changes after everything was dropped', () => {
    const memory = new IncidentMemory();
    memory.knowPushesSince({ default: at(-7_200) });
    // Another push of the stream was live when this one was cut: viewers lost nothing.
    const lapsed = { stream: 'room-1', since: -600, at: 0 };
    const pushes = [
      { ...livePush('room-1', -600), endedAt: at(0), sequence: '1' },
      { ...livePush('room-1', -60), endedAt: at(1_800), sequence: '2' },
      { ...livePush('room-1', 7_200), sequence: '3' },
    ];
    memory.take([cut(lapsed)], [], pushes.slice(0, 2), at(1));
    for (let minute = 1; minute < 120; minute += 1) {
      memory.recluster(at(minute * MINUTE_S));
      memory.fold();
    }
    expect(memory.size).toMatchObject({ records: 0, pushes: 0 });

    // The next session of the stream recovers it, as the store sees it.
    const changed = cut({ ...lapsed, back: 7_200 });
    memory.take([changed], [], pushes.slice(2), at(7_200));
    memory.recluster(at(7_200));
    expect(memory.stale).toEqual([{ account: 'default', from: at(0) }]);
    memory.reset('default');
    memory.load([changed], pushes, at(7_200));
    expect(memory.recluster(at(7_200)).incidents).toEqual([]);
    expect(groupIncidents({ records: [changed], pushes, now: at(7_200) })).toMatchObject([
      { state: 'resolved', endedAt: at(0) },
    ]);
    expect(memory.stale).toEqual([]);
  });

  it('are read again once when the first breaks of a time do not show that pushes are known', () => {
    // The pushes of the first twenty breaks began before collection, those of all later ones after it.
    const records = many(200, (turn) =>
      cut({
        stream: `room-${turn}`,
        at: turn * 20,
        since: turn < 20 ? -3_600 : turn * 20 - 60,
        back: turn * 20 + 5,
      }),
    );
    const pushes = many(200, (turn) => ({ ...livePush(`room-${turn}`, turn * 20 + 5) }));
    const now = at(4_000);
    const memory = new IncidentMemory();
    memory.knowPushesSince({ default: at(0) });
    const load = () => {
      for (let start = 0; start < 4_000; start += 300) {
        const isIn = (moment: number) => moment >= at(start) && moment < at(start + 300);
        memory.load(
          records.filter(({ event }) => isIn(event.endedAt)),
          pushes.filter(({ startedAt }) => isIn(startedAt)),
          at(start + 300),
        );
      }
    };
    load();
    memory.recluster(now);
    expect(memory.stale).toHaveLength(1);
    memory.reset('default');
    load();
    const { incidents } = memory.recluster(now);
    expect(memory.stale).toEqual([]);
    const whole = groupIncidents({ records, pushes, now });
    expect(show(incidents, now)).toEqual(show(whole, now));
  });

  it('settle nothing while they are out of date', () => {
    const memory = new IncidentMemory();
    memory.knowPushesSince({ default: null });
    const earlier = cut({ stream: 'room-1', at: 0, back: 10 });
    const blocked = unpaid({ stream: 'blocked', at: 1_000 });
    memory.take([earlier, blocked], [], [], at(1_100));
    for (let seconds = 1_100; seconds < 1_600; seconds += 60) {
      memory.recluster(at(seconds));
      memory.fold();
    }
    // It tells that another push was live all the time: the outage that was folded was none.
    const beside = cut({ stream: 'room-1', at: 1_590, since: -100 });
    memory.take([beside], [], [], at(1_600));
    const before = memory.settled;
    memory.recluster(at(9_000));
    expect(memory.stale).toHaveLength(1);
    memory.fold();
    expect(memory.settled).toEqual(before);
    memory.reset('default');
    memory.load([earlier, blocked, beside], [], at(9_000));
    memory.recluster(at(9_000));
    expect(memory.stale).toEqual([]);
  });

  it('hold only the breaks of the last minutes', () => {
    const memory = new IncidentMemory();
    memory.knowPushesSince({ default: null });
    const every = 30;
    const held: number[] = [];
    for (let minute = 1; minute <= 6 * 60; minute++) {
      const due = many(MINUTE_S / every, (turn) => {
        const start = (minute - 1) * MINUTE_S + turn * every;
        return many(20, (stream) =>
          cut({
            stream: `room-${stream}`,
            at: start,
            since: start - 20,
            back: start + 10 + stream,
          }),
        );
      }).flat();
      memory.take(due, [], [], at(minute * MINUTE_S));
      const { incidents } = memory.recluster(at(minute * MINUTE_S));
      memory.fold();
      held.push(memory.size.records);
      if (minute > 60) {
        expect(incidents).toMatchObject([{ streams: 20, outages: minute * 40 }]);
      }
    }
    expect(Math.max(...held.slice(60))).toBeLessThanOrEqual(20 * 2 * 16);
    expect(memory.stale).toEqual([]);
  });
});
