import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isWithin,
  type MuteEntry,
  mutedAt,
  NO_MUTE_INTERVALS,
  nextChange,
  type WeeklyInterval,
} from '../../src/model/mute-intervals.ts';
import { instantOf, isTimeZone, localTime } from '../../src/model/time.ts';

const utc = (text: string) => Date.parse(`${text}Z`);
const HOUR = 3_600_000;

describe('instantOf', () => {
  it.each([
    ['Asia/Shanghai', '2026-11-22T02:00', '2026-11-21T18:00'],
    ['America/New_York', '2026-07-01T12:00', '2026-07-01T16:00'],
    // Skipped: as long after the gap's begin as it would have been.
    ['America/New_York', '2026-03-08T02:30', '2026-03-08T07:30'],
    ['Asia/Kathmandu', '2026-01-01T00:00', '2025-12-31T18:15'],
  ])('%s %s is %s UTC', (zone, local, moment) => {
    expect(new Date(instantOf(utc(local), zone, 'earlier')).toISOString()).toBe(
      new Date(utc(moment)).toISOString(),
    );
  });

  it('returns the earlier or the later instant of a local time that occurs twice', () => {
    const twice = utc('2026-11-01T01:30');
    expect(instantOf(twice, 'America/New_York', 'earlier')).toBe(utc('2026-11-01T05:30'));
    expect(instantOf(twice, 'America/New_York', 'later')).toBe(utc('2026-11-01T06:30'));
  });

  it('is the inverse of localTime, except for local times that occur twice', () => {
    const zones = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Tokyo'];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: utc('2020-01-01T00:00'), max: utc('2035-01-01T00:00') }),
        (zone, at) => {
          const local = localTime(at, zone);
          expect([instantOf(local, zone, 'earlier'), instantOf(local, zone, 'later')]).toContain(
            at,
          );
        },
      ),
    );
  });

  it('knows which names are time zones', () => {
    expect(['Asia/Shanghai', 'UTC', 'Asia/Shanghi', ''].map(isTimeZone)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('weekly intervals', () => {
  const night: WeeklyInterval = { days: [6], from: 23 * 60, to: 60, timeZone: 'Europe/Berlin' };

  it('can end on the next day', () => {
    // Saturday 21 November 2026, 23:00 to Sunday 01:00 in Berlin.
    expect(isWithin(night, utc('2026-11-21T21:59:59'))).toBe(false);
    expect(isWithin(night, utc('2026-11-21T22:00'))).toBe(true);
    expect(isWithin(night, utc('2026-11-21T23:59:59'))).toBe(true);
    expect(isWithin(night, utc('2026-11-22T00:00'))).toBe(false);
  });

  it('follow local time when daylight saving time starts and ends', () => {
    const morning = (timeZone: string): WeeklyInterval => ({
      days: [7],
      from: 60,
      to: 4 * 60,
      timeZone,
    });
    // 29 March 2026 has no 02:00 to 03:00 in Berlin, 25 October has it twice.
    const spring = morning('Europe/Berlin');
    expect(nextChange(spring, utc('2026-03-29T00:00'))).toBe(utc('2026-03-29T02:00'));
    expect(isWithin(spring, utc('2026-03-29T01:59'))).toBe(true);
    expect(nextChange(spring, utc('2026-10-24T23:00'))).toBe(utc('2026-10-25T03:00'));
    expect(isWithin(spring, utc('2026-10-25T02:59'))).toBe(true);
  });

  it('last 24 hours when they end at the minute at which they start', () => {
    const always = { days: [1, 2, 3, 4, 5, 6, 7], from: 0, to: 0, timeZone: 'UTC' };
    expect(isWithin(always, utc('2026-11-21T23:59:59.999'))).toBe(true);
    expect(isWithin(always, utc('2026-11-22T00:00'))).toBe(true);
  });

  it('change at the next change, and not before', () => {
    const times = fc.record({
      days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      from: fc.integer({ min: 0, max: 1_439 }),
      to: fc.integer({ min: 0, max: 1_439 }),
      timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Shanghai'),
    });
    const moments = fc.integer({ min: utc('2026-01-01T00:00'), max: utc('2027-01-01T00:00') });
    fc.assert(
      fc.property(times, moments, fc.double({ min: 0, max: 1, noNaN: true }), (when, at, part) => {
        const change = nextChange(when, at);
        expect(change).not.toBeNull();
        const before = Math.floor(at + ((change as number) - at - 1) * part);
        expect(isWithin(when, before)).toBe(isWithin(when, at));
      }),
    );
  });
});

describe('mutedAt', () => {
  const NOW = utc('2026-11-21T20:00');
  const stream = { account: 'default', domain: 'push.example.com', app: 'live', stream: 'show' };
  const show: MuteEntry = {
    kind: 'expected',
    name: 'evening show',
    where: { stream: ['show*'] },
    when: { days: [6], from: 19 * 60, to: 22 * 60, timeZone: 'UTC' },
  };
  const ask = (entries: MuteEntry[], now: number, brokeAt: number[], of = stream) =>
    mutedAt({ ...NO_MUTE_INTERVALS, entries }, now)(of, brokeAt);

  it('does not mute a break while the stream is expected to be live', () => {
    expect(ask([show], NOW, [NOW - HOUR / 2])).toBeNull();
  });

  it('mutes a break from before or after the interval without a later attempt', () => {
    expect(ask([show], NOW - 2 * HOUR, [NOW - 2 * HOUR])).toBe('evening show');
    expect(ask([show], NOW + 3 * HOUR, [NOW])).toBe('evening show');
    expect(ask([show], NOW, [NOW - 5 * HOUR])).toBe('evening show');
    // It broke in the afternoon, and its encoder was refused when the show began.
    expect(ask([show], NOW, [NOW - 5 * HOUR, NOW - HOUR])).toBeNull();
  });

  it('does not mute a stream without a schedule', () => {
    expect(ask([show], NOW + 3 * HOUR, [NOW], { ...stream, stream: 'other' })).toBeNull();
  });

  it('expects the stream to be live in each of several schedules', () => {
    const morning = {
      ...show,
      when: { ...(show.when as WeeklyInterval), from: 6 * 60, to: 9 * 60 },
    };
    expect(ask([morning, show], NOW, [NOW])).toBeNull();
  });

  it('mutes everything in maintenance', () => {
    const when = { from: NOW - HOUR, to: NOW + HOUR };
    const move: MuteEntry = { kind: 'maintenance', name: 'move', where: { app: ['l*'] }, when };
    expect(ask([show, move], NOW, [NOW])).toBe('move');
    expect(ask([show, move], NOW + HOUR, [NOW + HOUR])).toBeNull();
  });
});
