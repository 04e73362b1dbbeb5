import { nearestName } from '../../model/errors.ts';
import { isTimeZone } from '../../model/time.ts';
import { type LocalTime, ZoneClock } from './zone-clock.ts';

/** Names of the days of the week, from 0 for Sunday. */
export const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

/** A time of day or days of the week, in one zone. */
export interface TimeWindow {
  clock: ZoneClock;
  /** Minutes of the day at which the window begins or ends. */
  edges: readonly number[];
  contains(local: LocalTime): boolean;
}

/** What is wrong with a text that should be a window. */
export interface WindowProblem {
  problem: string;
}

const DAY_MINUTES = 24 * 60;
const TIME_FORM = 'two times and a time zone, such as "22:00-06:00 Asia/Shanghai"';
const DAYS_FORM = 'days and a time zone, such as "Mon-Fri Asia/Shanghai" or "Sat,Sun UTC"';
/** Names only, because not every runtime knows offsets such as +08:00. */
const ZONE_NAME = /^[A-Za-z][A-Za-z_]*(?:\/[A-Za-z0-9_+-]+)*$/;

/** Clocks by zone. There are about 600 zones, so this needs no bound. */
const clocks = new Map<string, ZoneClock>();

function clockOf(zone: string): ZoneClock | WindowProblem {
  const known = clocks.get(zone);
  if (known) {
    return known;
  }
  if (ZONE_NAME.test(zone) && isTimeZone(zone)) {
    const clock = new ZoneClock(zone);
    clocks.set(zone, clock);
    return clock;
  }
  const meant = nearestName(zone, ['UTC', ...Intl.supportedValuesOf('timeZone')]);
  const hint = meant ? `did you mean "${meant}"?` : 'use a name such as Asia/Shanghai or UTC';
  return { problem: `there is no time zone "${zone}"; ${hint}` };
}

/** Reads a window before a zone, such as `22:00-06:00 Asia/Shanghai`. */
function parseWindow(
  text: string,
  form: string,
  read: (head: string) => Omit<TimeWindow, 'clock'> | WindowProblem | undefined,
): TimeWindow | WindowProblem {
  const [, head, zone] = /^(\S+) +(\S+)$/.exec(text) ?? [];
  const part = head === undefined ? undefined : read(head);
  if (part === undefined || zone === undefined) {
    return { problem: `"${text}" must be ${form}` };
  }
  if ('problem' in part) {
    return part;
  }
  const clock = clockOf(zone);
  return 'problem' in clock ? clock : { clock, ...part };
}

/** Minute of the day of `HH:MM`, up to `24:00`. */
function minuteOf(text: string): number | undefined {
  const [, hours, minutes] = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(text) ?? [];
  const minute = Number(hours) * 60 + Number(minutes);
  return minute <= DAY_MINUTES ? minute : undefined;
}

/**
 * Reads a time of day, such as `22:00-06:00 Asia/Shanghai`. The first minute belongs to it, the last does
 * not. It may cross midnight.
 */
export function parseTimeOfDay(text: string): TimeWindow | WindowProblem {
  return parseWindow(text, TIME_FORM, (head) => {
    const [from, to, ...more] = head.split('-').map(minuteOf);
    if (from === undefined || to === undefined || more.length > 0 || from === DAY_MINUTES) {
      return undefined;
    }
    if (from === to || (from === 0 && to === DAY_MINUTES)) {
      return { problem: `"${text}" has no end: the two times are the same` };
    }
    return {
      edges: [from, to % DAY_MINUTES],
      contains: ({ minute }) =>
        from < to ? minute >= from && minute < to : minute >= from || minute < to,
    };
  });
}

function daysOf(part: string): number[] | WindowProblem {
  const names = part.split('-');
  const ends = names.map((name) => (WEEKDAYS as readonly string[]).indexOf(name));
  const unknown = names[ends.indexOf(-1)];
  if (unknown !== undefined || ends.length > 2) {
    const day = unknown ?? part;
    const meant = nearestName(day, [...WEEKDAYS]) ?? WEEKDAYS.find((one) => day.startsWith(one));
    const hint = meant ? `did you mean "${meant}"?` : `use ${WEEKDAYS.join(', ')}`;
    return { problem: `there is no day "${day}"; ${hint}` };
  }
  const [from = 0, to = from] = ends;
  return Array.from({ length: ((to - from + 7) % 7) + 1 }, (_none, step) => (from + step) % 7);
}

/** Reads days of the week, such as `Mon-Fri Asia/Shanghai` or `Sat,Sun UTC`. A range may cross the end of the week. */
export function parseWeekdays(text: string): TimeWindow | WindowProblem {
  return parseWindow(text, DAYS_FORM, (head) => {
    const days = new Set<number>();
    for (const part of head.split(',')) {
      const found = daysOf(part);
      if ('problem' in found) {
        return found;
      }
      for (const day of found) {
        days.add(day);
      }
    }
    return { edges: [0], contains: ({ weekday }) => days.has(weekday) };
  });
}

/** A time in ISO 8601 with a zone. */
export const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/;
/** The first time of which the zone data is exact: before, offsets had seconds. 1972-01-01. */
const EARLIEST_MS = 63_072_000_000;
/** The last time that a Date can hold, less a day for the offset. */
const LATEST_MS = 8.64e15 - 86_400_000;

/**
 * The time in a fact: epoch ms UTC, or a text in ISO 8601 with a zone.
 *
 * @returns undefined unless it is a time from 1972 on
 */
export function timeOf(fact: unknown): number | undefined {
  const at =
    typeof fact === 'string' && ISO_TIME.test(fact)
      ? Date.parse(fact)
      : typeof fact === 'number'
        ? fact
        : Number.NaN;
  return at >= EARLIEST_MS && at <= LATEST_MS ? at : undefined;
}
