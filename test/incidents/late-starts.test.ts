import { describe, expect, it } from 'vitest';
import { isToldLate, LateStarts } from '../../src/incidents/late-starts.ts';
import type { StreamPast } from '../../src/incidents/walk-stream.ts';
import { at, livePush } from './story.ts';

describe('starts that are told late', () => {
  it('are awaited between start and telling, and are new only once', () => {
    const starts = new LateStarts();
    expect(starts.add('b1', at(100), at(500))).toBe(true);
    expect(starts.add('b1', at(100), at(500))).toBe(false);
    expect([100, 101, 500, 501].map((moment) => starts.isAwaited(at(moment)))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(starts.add('b1', at(90), at(500))).toBe(true);
    starts.forgetBefore(at(500));
    expect(starts.isAwaited(at(300))).toBe(true);
    starts.forgetBefore(at(501));
    expect(starts.isAwaited(at(300))).toBe(false);
    starts.add('b2', at(100), at(500));
    starts.delete('b2');
    expect(starts.isAwaited(at(300))).toBe(false);
  });

  it('are kept up to a bound, the latest ones', () => {
    const starts = new LateStarts();
    for (let number = 0; number <= 10_000; number++) {
      starts.add(`b${number}`, at(number), at(number + 1));
    }
    expect(starts.isAwaited(at(0.5))).toBe(false);
    expect(starts.isAwaited(at(1.5))).toBe(true);
  });
});

describe('whether a start is told late', () => {
  const past = (changes: Partial<StreamPast>): StreamPast => ({
    stream: { account: 'default', domain: 'a.example.com', app: 'live', stream: 'room' },
    at: at(1_000),
    spans: [],
    places: [],
    lastBreakAt: at(10),
    lastRefusalAt: Number.NEGATIVE_INFINITY,
    lastDownAt: at(40),
    ...changes,
  });
  const isLate = (startedAt: number, known: Partial<StreamPast>, reported = [] as number[]) =>
    isToldLate(
      { startedAt: at(startedAt), knownAt: at(2_000) },
      {
        past: past(known),
        reported: reported.map((start) => livePush('room', start)),
        settledUntil: at(900),
      },
    );
  const live = (start: number) => ({
    start: at(start),
    end: null,
    reportedEnd: null,
    knownAt: at(start),
  });

  it('is so within an outage that was folded, and before the last break', () => {
    expect(isLate(30, {})).toBe(true);
    expect(isLate(5, {})).toBe(true);
    expect(isLate(12.5, { lastDownAt: at(11) })).toBe(false);
  });

  it('is not so for the recovery itself, which two sources tell up to two seconds apart', () => {
    expect(isLate(40, {})).toBe(false);
    expect(isLate(39, {})).toBe(false);
    expect(isLate(38, {})).toBe(false);
    expect(isLate(37, {})).toBe(true);
  });

  it('is not so when it was known or reported, unless it lies within an outage', () => {
    const broken = { lastBreakAt: at(60) };
    expect(isLate(50, broken)).toBe(true);
    expect(isLate(50, { ...broken, spans: [live(49)] })).toBe(false);
    expect(isLate(50, broken, [51])).toBe(false);
    expect(isLate(50, { ...broken, spans: [live(47)] }, [53])).toBe(true);
    expect(isLate(30, { spans: [live(29)] }, [31])).toBe(true);
  });

  it('is so when a try was refused since, known or not', () => {
    expect(isLate(100, { lastRefusalAt: at(200), spans: [live(100)] })).toBe(true);
    expect(isLate(300, { lastRefusalAt: at(200) })).toBe(false);
  });

  it('is so when a break told it before the settled windows ended', () => {
    const told = { startedAt: at(500), knownAt: at(900) };
    expect(isToldLate(told, { past: past({}), reported: [], settledUntil: at(900) })).toBe(true);
    expect(isToldLate(told, { past: undefined, reported: [], settledUntil: at(899) })).toBe(false);
  });
});
