import { describe, expect, it } from 'vitest';
import { IncidentBook } from '../../../src/engine/incidents/incident-book.ts';
import { IncidentMemory } from '../../../src/engine/incidents/incident-memory.ts';
import { HISTORY_MS, packBreak } from '../../../src/engine/incidents/packed-break.ts';
import type { BreakRecord } from '../../../src/model/break.ts';
import type { Push } from '../../../src/model/push.ts';
import { at, cut, livePush, many, refused, unpaid } from '../../incidents/story.ts';

function open() {
  const memory = new IncidentMemory();
  const book = new IncidentBook();
  memory.knowPushesSince({ default: 0 });
  return {
    memory,
    look(now: number, records: BreakRecord[] = [], pushes: Push[] = []) {
      memory.take(records, [], pushes, now);
      const { incidents, at: judgedAt, wakeAt } = memory.recluster(now);
      const turned = book.turn(incidents, judgedAt);
      memory.fold();
      return { ...turned, wakeAt };
    },
  };
}

describe('what keeps incidents', () => {
  it('counts an event of a clock that is a few seconds ahead at once, and one far ahead later', () => {
    const { look } = open();
    const soon = look(at(0), [unpaid({ stream: 'a', at: 8 })]);
    expect(soon.incidents).toMatchObject([{ state: 'open', startedAt: at(8), lostMs: 0 }]);
    const later = look(at(0), [unpaid({ stream: 'b', at: 300, domain: 'b.example.com' })]);
    expect(later.incidents).toHaveLength(1);
    expect(later.wakeAt).toBeLessThanOrEqual(at(300));
    expect(look(at(300)).incidents).toHaveLength(2);
    // Nobody waits for next year.
    expect(look(at(301), [unpaid({ stream: 'c', at: 86_400 * 365 })]).incidents).toHaveLength(2);
  });

  it('reports whether a batch can change incidents', () => {
    const { memory, look } = open();
    const now = at(0);
    const old = unpaid({ stream: 'old', at: -HISTORY_MS / 1_000 - 60 });
    const oldPush = { ...livePush('old', -HISTORY_MS / 1_000 - 90), endedAt: old.event.endedAt };
    const recent = unpaid({ stream: 'recent', at: -60 });
    expect(memory.take([old], [], [oldPush], now)).toBe(false);
    expect(look(now).incidents).toEqual([]);
    expect(memory.take([old, recent], [], [], now)).toBe(true);
    expect(look(now).incidents).toHaveLength(1);
    expect(memory.take([], ['unknown'], [], now)).toBe(false);
    expect(memory.take([], [recent.event.id], [], now)).toBe(true);
    expect(memory.take([], [], [{ ...oldPush, endedAt: null }], now)).toBe(true);
    expect(memory.take([], [], [oldPush], now)).toBe(true);
    expect(memory.take([], [], [oldPush], now)).toBe(false);
  });

  it('reads of packed breaks those that an open incident holds, and no others', () => {
    const { memory, look } = open();
    const day = 86_400;
    const lasting = unpaid({ stream: 'open', at: -60 });
    look(at(0), [lasting]);
    const old = unpaid({ stream: 'old', at: -2 * day });
    const packed = [packBreak(old), packBreak(lasting)];
    // A day later, both are history, but one of them is in an incident that is open still.
    expect(memory.needed(packed, at(day)).map(({ event }) => event.id)).toEqual([lasting.event.id]);
    expect(memory.needed(packed, at(-2 * day)).map(({ event }) => event.id)).toEqual([
      old.event.id,
      lasting.event.id,
    ]);
  });

  it('stands a clock that jumps back and forth', () => {
    const { look } = open();
    const records = many(5, (index) => unpaid({ stream: `room-${index}`, at: index }));
    const [first] = look(at(60), records).incidents;
    expect(look(at(-3_600))).toMatchObject({ incidents: [], changed: [] });
    const [again] = look(at(61)).incidents;
    expect(again).toMatchObject({ id: first?.id, state: 'open', streams: 5 });
    expect(look(at(-3_600), [cut({ stream: 'z', at: -3_601 })]).incidents).toHaveLength(1);
    expect(look(at(62)).incidents.map(({ id }) => id)).toContain(first?.id);
  });

  it('leaves out history that is read in, and goes on when a known break of long ago changes', () => {
    const { look, memory } = open();
    const now = at(0);
    const old = unpaid({ stream: 'a', at: -HISTORY_MS / 1_000 - 60 });
    expect(look(now, [old]).incidents).toEqual([]);
    expect(memory.size.records).toBe(0);
    const retried = refused({ stream: 'b', at: -60 });
    look(now, [retried]);
    const back = { ...retried, event: { ...retried.event, recoveredAt: at(HISTORY_MS / 1_000) } };
    expect(look(at(HISTORY_MS / 1_000 + 30), [back]).incidents).toMatchObject([
      { state: 'recovered', endedAt: at(HISTORY_MS / 1_000) },
    ]);
  });

  it('knows an end without a begin, a begin without an end, and a sequence that came before', () => {
    const { look } = open();
    const noBegin = cut({ stream: 'a', at: 0, wish: { event: { startedAt: null } } });
    expect(look(at(10), [noBegin]).incidents).toMatchObject([{ state: 'open', streams: 1 }]);
    const push = { ...livePush('b', -60), sequence: '7' };
    look(at(10), [], [push]);
    // The same number for another push of another stream, and for a later one of the same.
    const reused = { ...livePush('c', -50), sequence: '7' };
    const later = { ...livePush('b', 5), sequence: '7' };
    const { incidents } = look(at(20), [cut({ stream: 'c', at: 12, since: -50 })], [reused, later]);
    expect(incidents.map(({ scope }) => scope.value)).toEqual([
      'a.example.com/live/a',
      'a.example.com/live/c',
    ]);
  });

  const cutOff = (count: number) =>
    many(count, (index) => unpaid({ stream: `room-${index}`, at: (index % 600) / 10 }));

  it('tells 100,000 streams of one domain as one incident of which little is stored', {
    timeout: 300_000,
  }, () => {
    const { incidents, changed } = open().look(at(70), cutOff(100_000));
    // What is compared is small: a matcher would look through every outage.
    const figures = incidents.map(({ streams, streamsDown }) => ({ streams, streamsDown }));
    expect(figures).toEqual([{ streams: 100_000, streamsDown: 100_000 }]);
    expect(JSON.stringify(changed[0]).length).toBeLessThan(4_000);
  });

  it('forgets all of a storm when it is over', () => {
    const { look, memory } = open();
    const records = cutOff(2_000);
    expect(look(at(70), records).incidents.map(({ streams }) => streams)).toEqual([2_000]);
    expect(memory.size.records).toBe(2_000);
    const back = records.map(({ event, verdict }) => ({
      verdict,
      event: { ...event, recoveredAt: at(200) },
    }));
    look(at(300), back);
    expect(look(at(200 + 3_600)).incidents.map(({ state }) => state)).toEqual(['resolved']);
    expect(memory.size.records).toBe(0);
    expect(look(at(200 + 3_700)).incidents).toEqual([]);
  });
});
