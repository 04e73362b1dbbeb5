import type { DataFrame, DataQueryResponse } from '@grafana/data';
import { BehaviorSubject, NEVER, Observable, of } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LiveTail, liveTail } from '../../../src/grafana/frontend/live-tail.ts';

/** An answer as the backend gives it: breaks by id, the newest first, and the place to ask from next. */
function answer(ids: string[], place: number, refId = 'A'): DataQueryResponse {
  const frame = {
    refId,
    meta: { custom: { place } },
    fields: [{ name: 'id', type: 'string', config: {}, values: ids }],
    length: ids.length,
  };
  return { data: [frame] };
}

const idsOf = (frame: DataFrame | undefined) => frame?.fields[0]?.values ?? [];

describe('liveTail', () => {
  let visible: BehaviorSubject<boolean>;
  /** Places of each question. */
  let asked: Record<string, number>[];
  let shown: LiveTail[];
  /** The answers to come; when there is none, nothing is new. */
  let answers: (DataQueryResponse | Observable<DataQueryResponse>)[];
  let place: number;

  beforeEach(() => {
    vi.useFakeTimers();
    visible = new BehaviorSubject(true);
    [asked, shown, answers, place] = [[], [], [], 0];
  });
  afterEach(() => vi.useRealTimers());

  const follow = () =>
    liveTail({
      visible,
      ask(places) {
        asked.push(Object.fromEntries(places));
        const given = answers.shift() ?? answer([], place);
        return given instanceof Observable ? given : of(given);
      },
    }).subscribe((one) => shown.push(one));
  const pass = (ms: number) => vi.advanceTimersByTime(ms);
  const last = () => shown.at(-1) as LiveTail;

  it('asks every two seconds for what was stored after the last place', () => {
    answers = [answer(['b', 'a'], 2), answer(['c'], 3)];
    place = 3;
    const tail = follow();
    expect(asked).toEqual([{}]);
    pass(1_999);
    expect(asked).toHaveLength(1);
    pass(1);
    pass(4_000);
    expect(asked).toEqual([{}, { A: 2 }, { A: 3 }, { A: 3 }]);
    tail.unsubscribe();
  });

  it('shows a break that came late, and one that two answers bring once', () => {
    answers = [answer(['b', 'a'], 2), answer(['late', 'b'], 3)];
    const tail = follow();
    pass(2_000);
    expect(idsOf(last().frames[0])).toEqual(['late', 'b', 'a']);
    tail.unsubscribe();
  });

  it('loses none when more arrive while it asks: each answer begins where the last one was read', () => {
    const stored: string[] = [];
    const tail = liveTail({
      visible,
      ask(places) {
        const from = places.get('A') ?? 0;
        const before = stored.length;
        // One is stored between the reading of the place and that of the breaks.
        stored.push(`break-${stored.length}`);
        return of(answer(stored.slice(from).reverse(), before));
      },
    }).subscribe((one) => shown.push(one));
    pass(60_000);
    tail.unsubscribe();
    expect([...idsOf(last().frames[0])].reverse()).toEqual(stored);
  });

  it('keeps the newest 1,000 lines', () => {
    const ids = (from: number, count: number) =>
      Array.from({ length: count }, (_one, index) => `break-${from - index}`);
    answers = [answer(ids(900, 900), 900), answer(ids(1_200, 300), 1_200)];
    const tail = follow();
    pass(2_000);
    expect(idsOf(last().frames[0])).toEqual(ids(1_200, 1_000));
    expect(last().frames[0]?.length).toBe(1_000);
    tail.unsubscribe();
  });

  it('shows nothing again while nothing is new, but the first answer twice', () => {
    answers = [answer(['a'], 1)];
    place = 1;
    const tail = follow();
    pass(60_000);
    expect(asked.length).toBeGreaterThan(20);
    expect(shown).toHaveLength(2);
    tail.unsubscribe();
  });

  it('keeps its lines after an error, says why, and waits longer each time, at most 30 s', () => {
    const failed: DataQueryResponse = { data: [], errors: [{ message: 'Cannot reach it.' }] };
    answers = [answer(['a'], 1), ...Array.from({ length: 6 }, () => failed), answer(['b'], 2)];
    const tail = follow();
    pass(2_000);
    const waits = [4_000, 8_000, 16_000, 30_000, 30_000, 30_000];
    for (const [index, wait] of waits.entries()) {
      expect(last().problem).toEqual({ message: 'Cannot reach it.', retryMs: wait });
      expect(idsOf(last().frames[0])).toEqual(['a']);
      expect(asked).toHaveLength(index + 2);
      pass(wait - 1);
      expect(asked).toHaveLength(index + 2);
      pass(1);
    }
    expect(last().problem).toBeUndefined();
    expect(idsOf(last().frames[0])).toEqual(['b', 'a']);
    expect(asked.at(-1)).toEqual({ A: 1 });
    tail.unsubscribe();
  });

  it('asks nothing while the tab is hidden, and catches up when it is shown', () => {
    answers = [answer(['a'], 1), answer(['c', 'b'], 3)];
    const tail = follow();
    visible.next(false);
    pass(3_600_000);
    expect(asked).toHaveLength(1);
    visible.next(true);
    expect(asked).toHaveLength(2);
    expect(idsOf(last().frames[0])).toEqual(['c', 'b', 'a']);
    tail.unsubscribe();
  });

  it('asks one question at a time, and ends with the one in flight', () => {
    let ended = 0;
    answers = [
      new Observable(() => () => {
        ended += 1;
      }),
    ];
    const tail = follow();
    pass(60_000);
    visible.next(false);
    visible.next(true);
    expect(asked).toHaveLength(1);
    tail.unsubscribe();
    expect(ended).toBe(1);
    pass(60_000);
    expect(asked).toHaveLength(1);
  });

  it('asks nothing after it has ended', () => {
    const tail = follow();
    tail.unsubscribe();
    pass(60_000);
    expect(asked).toHaveLength(1);
  });

  it('begins again when the store has fewer breaks than before, and repeats no line', () => {
    answers = [answer(['b', 'a'], 9), answer([], 1), answer(['c', 'a'], 2)];
    const tail = follow();
    pass(4_000);
    expect(asked).toEqual([{}, { A: 9 }, { A: 0 }]);
    expect(idsOf(last().frames[0])).toEqual(['c', 'b', 'a']);
    tail.unsubscribe();
  });

  it('follows several queries at once', () => {
    const both = (a: DataQueryResponse, b: DataQueryResponse) => ({ data: [...a.data, ...b.data] });
    answers = [
      both(answer(['a'], 1), answer(['x'], 1, 'B')),
      both(answer([], 2), answer(['y'], 2, 'B')),
      NEVER,
    ];
    const tail = follow();
    pass(4_000);
    expect(last().frames.map(idsOf)).toEqual([['a'], ['y', 'x']]);
    expect(asked.at(-1)).toEqual({ A: 2, B: 2 });
    tail.unsubscribe();
  });
});
