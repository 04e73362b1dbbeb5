import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownOperator } from '../../../src/diagnosis/operators/own-operators.ts';
import {
  parseTimeOfDay,
  parseWeekdays,
  timeOf,
  WEEKDAYS,
} from '../../../src/diagnosis/operators/time-window.ts';

const compareOf = (name: string) =>
  ownOperator(name)?.compare as (fact: unknown, value: unknown) => boolean;
const atTimeOfDay = compareOf('atTimeOfDay');
const onWeekday = compareOf('onWeekday');

const HOUR = 3_600_000;

/** The n-th Sunday of a month (from 1; -1: the last one), 0:00 UTC. Months from 0. */
function sunday(year: number, month: number, n: number): number {
  if (n > 0) {
    const first = new Date(Date.UTC(year, month, 1)).getUTCDay();
    return Date.UTC(year, month, 1 + ((7 - first) % 7) + (n - 1) * 7);
  }
  const last = new Date(Date.UTC(year, month + 1, 0));
  return last.getTime() - last.getUTCDay() * 24 * HOUR;
}

/** Offsets by the laws of each zone, since 2008, in hours. They use no zone data. */
const LAWS: Record<string, (at: number, year: number) => number> = {
  UTC: () => 0,
  'Asia/Shanghai': () => 8,
  'Asia/Kolkata': () => 5.5,
  // From the second Sunday of March, 2:00, to the first Sunday of November, 2:00 summer time.
  'America/New_York': (at, year) =>
    at >= sunday(year, 2, 2) + 7 * HOUR && at < sunday(year, 10, 1) + 6 * HOUR ? -4 : -5,
  // From the last Sunday of March to that of October, 1:00 UTC.
  'Europe/Berlin': (at, year) =>
    at >= sunday(year, 2, -1) + HOUR && at < sunday(year, 9, -1) + HOUR ? 2 : 1,
  // South of the equator: from the first Sunday of October, 2:00, to that of April, 3:00 summer time.
  'Australia/Sydney': (at, year) =>
    at >= sunday(year, 3, 1) - 8 * HOUR && at < sunday(year, 9, 1) - 8 * HOUR ? 10 : 11,
  // By half an hour, at 2:00 local time.
  'Australia/Lord_Howe': (at, year) =>
    at >= sunday(year, 3, 1) - 9 * HOUR && at < sunday(year, 9, 1) - 8.5 * HOUR ? 10.5 : 11,
};

function localOf(zone: string, at: number): { clock: string; day: string } {
  const law = LAWS[zone] as (typeof LAWS)[string];
  const local = new Date(at + law(at, new Date(at).getUTCFullYear()) * HOUR);
  return {
    clock: local.toISOString().slice(11, 16),
    day: WEEKDAYS[local.getUTCDay()] as string,
  };
}

const clock = fc
  .tuple(fc.nat(23), fc.nat(59))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
const zone = fc.constantFrom(...Object.keys(LAWS));
const year = fc.integer({ min: 2010, max: 2026 });
/** Times of which many are within hours of a change of the clocks. */
const moment = fc.oneof(
  fc.integer({ min: Date.UTC(2010, 0, 2), max: Date.UTC(2026, 11, 30) }),
  fc
    .tuple(year, fc.constantFrom(2, 3, 9, 10), fc.constantFrom(1, 2, -1), fc.nat(28 * HOUR))
    .map(([inYear, month, n, shift]) => sunday(inYear, month, n) - 12 * HOUR + shift),
);

describe('times against the laws of zones', () => {
  it('gives the same time of day', () => {
    let inside = 0;
    fc.assert(
      fc.property(zone, clock, clock, moment, (inZone, from, to, at) => {
        fc.pre(from !== to);
        const now = localOf(inZone, at).clock;
        const expected = from < to ? from <= now && now < to : from <= now || now < to;
        inside += expected ? 1 : 0;
        expect(atTimeOfDay(at, `${from}-${to} ${inZone}`), `${inZone} ${at}`).toBe(expected);
        expect(atTimeOfDay(new Date(at).toISOString(), `${from}-${to} ${inZone}`)).toBe(expected);
      }),
      { numRuns: 20_000 },
    );
    expect(inside).toBeGreaterThan(5_000);
  });

  it('gives the same day of the week', () => {
    fc.assert(
      fc.property(zone, fc.nat(6), fc.nat(6), moment, (inZone, first, last, at) => {
        const { day } = localOf(inZone, at);
        const days = Array.from({ length: 7 }, (_none, step) => WEEKDAYS[(first + step) % 7]);
        const expected = days.slice(0, ((last - first + 7) % 7) + 1).includes(day as never);
        const value = `${WEEKDAYS[first]}-${WEEKDAYS[last]} ${inZone}`;
        expect(onWeekday(at, value), `${value} ${at}`).toBe(expected);
      }),
      { numRuns: 20_000 },
    );
  });
});

describe('daylight saving', () => {
  const value = '02:00-03:00 Europe/Berlin';
  it.each([
    ['the hour that spring leaves out', '2026-03-29T00:30:00Z', false],
    ['the minute after it', '2026-03-29T01:00:00Z', false],
    ['the first of two such hours in autumn', '2026-10-25T00:30:00Z', true],
    ['the second of them', '2026-10-25T01:30:00Z', true],
    ['after both', '2026-10-25T02:00:00Z', false],
    ['an ordinary day in summer', '2026-07-01T00:30:00Z', true],
    ['an ordinary day in winter', '2026-01-10T01:59:59.999Z', true],
    ['the end, which does not belong to it', '2026-01-10T02:00:00Z', false],
  ])('%s', (_name, at, expected) => {
    expect(atTimeOfDay(at, value)).toBe(expected);
  });
});

describe('timeOf', () => {
  it.each<[unknown, number | undefined]>([
    [1_767_225_600_000, 1_767_225_600_000],
    ['2026-01-01T08:00+08:00', 1_767_225_600_000],
    ['2026-01-01T00:00:00.000Z', 1_767_225_600_000],
    ['2026-01-01', undefined],
    ['2026-01-01T00:00:00', undefined],
    ['2026-13-01T00:00:00Z', undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    [8.64e15, undefined],
    [-1, undefined],
    [true, undefined],
    [undefined, undefined],
    [null, undefined],
    [{}, undefined],
  ])('reads %j', (fact, at) => {
    expect(timeOf(fact)).toBe(at);
    expect(atTimeOfDay(fact, '00:00-00:01 UTC')).toBe(at !== undefined);
  });
});

describe('values', () => {
  it.each([
    [
      '22:00-06:00',
      '"22:00-06:00" must be two times and a time zone, such as "22:00-06:00 Asia/Shanghai"',
    ],
    [
      '22:00-06:00 Asia/Shanghia',
      'there is no time zone "Asia/Shanghia"; did you mean "Asia/Shanghai"?',
    ],
    [
      '22:00-06:00 +08:00',
      'there is no time zone "+08:00"; use a name such as Asia/Shanghai or UTC',
    ],
    [
      '22:00-06:00 Moon/Base',
      'there is no time zone "Moon/Base"; use a name such as Asia/Shanghai or UTC',
    ],
    [
      '6:00-8:00 UTC',
      '"6:00-8:00 UTC" must be two times and a time zone, such as "22:00-06:00 Asia/Shanghai"',
    ],
    [
      '24:00-06:00 UTC',
      '"24:00-06:00 UTC" must be two times and a time zone, such as "22:00-06:00 Asia/Shanghai"',
    ],
    [
      '22:00-24:30 UTC',
      '"22:00-24:30 UTC" must be two times and a time zone, such as "22:00-06:00 Asia/Shanghai"',
    ],
    ['06:00-06:00 UTC', '"06:00-06:00 UTC" has no end: the two times are the same'],
  ])('refuses the time of day %s', (text, problem) => {
    expect(parseTimeOfDay(text)).toEqual({ problem });
  });

  it.each([
    [
      'Mon-Fri',
      '"Mon-Fri" must be days and a time zone, such as "Mon-Fri Asia/Shanghai" or "Sat,Sun UTC"',
    ],
    ['Monday UTC', 'there is no day "Monday"; did you mean "Mon"?'],
    ['mon UTC', 'there is no day "mon"; did you mean "Mon"?'],
    ['Mon-Wed-Fri UTC', 'there is no day "Mon-Wed-Fri"; did you mean "Mon"?'],
    ['1-5 UTC', 'there is no day "1"; use Sun, Mon, Tue, Wed, Thu, Fri, Sat'],
  ])('refuses the days %s', (text, problem) => {
    expect(parseWeekdays(text)).toEqual({ problem });
  });

  it('takes lists, ranges over Sunday and the end of the day', () => {
    const at = (day: number) => Date.UTC(2026, 10, day, 12);
    // 2026-11-01 is a Sunday.
    const held = [1, 2, 3, 4, 5, 6, 7].filter((day) => onWeekday(at(day), 'Fri-Mon,Wed UTC'));
    expect(held).toEqual([1, 2, 4, 6, 7]);
    expect(atTimeOfDay(Date.UTC(2026, 10, 1, 23, 59), '22:00-24:00 UTC')).toBe(true);
    expect(atTimeOfDay(Date.UTC(2026, 10, 1, 0, 0), '22:00-24:00 UTC')).toBe(false);
  });
});
