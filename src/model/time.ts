import type { Language } from './vocabulary.ts';

/** End of the year 9999: far enough from the limits of `Date` for every time zone. */
const MAX_TIME_MS = 253_402_300_799_000;

const MAX_FORMATS = 1_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    // Names ignore letter case, so requests with other spellings could fill the memory.
    if (formats.size >= MAX_FORMATS) {
      formats.clear();
    }
    formats.set(timeZone, format);
  }
  return format;
}

/** Whether a text is the name of an IANA time zone that this runtime knows. */
export function isTimeZone(text: string): boolean {
  try {
    formatOf(text);
    return true;
  } catch {
    return false;
  }
}

/** The time zone of this machine; UTC when the runtime knows none. */
export function machineTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

/**
 * Returns the local time in a time zone, as epoch ms as if it were UTC.
 *
 * @param at - epoch ms UTC
 */
export function localTime(at: number, timeZone: string): number {
  // The default, and much faster than a formatter.
  if (timeZone === 'UTC') {
    return at;
  }
  const parts: Record<string, number> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(at)) {
    parts[type] = Number(value);
  }
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((at % 1_000) + 1_000) % 1_000);
}

/**
 * Converts a local time to UTC. A local time that occurs twice, at the end of daylight saving time, becomes
 * the earlier or the later instant, as `which` says. A local time that is skipped, at the start of daylight
 * saving time, is converted with the offset before the change.
 *
 * @param local - in the form of `localTime`
 * @returns epoch ms UTC
 */
export function instantOf(local: number, timeZone: string, which: 'earlier' | 'later'): number {
  const DAY_MS = 86_400_000;
  const offsetAt = (at: number) => localTime(at, timeZone) - at;
  const before = offsetAt(local - DAY_MS);
  const after = offsetAt(local + DAY_MS);
  const candidates = [local - before, local - after].filter(
    (at) => localTime(at, timeZone) === local,
  );
  if (candidates.length === 0) {
    return local - before;
  }
  return which === 'earlier' ? Math.min(...candidates) : Math.max(...candidates);
}

/**
 * Prints an instant with its offset from UTC, e.g. `2026-03-01 20:00:05 UTC+8`.
 *
 * @param at - epoch ms UTC
 * @param timeZone - IANA name; UTC when absent
 * @returns `?` beyond the year 9999
 */
export function formatTime(at: number, timeZone = 'UTC'): string {
  if (!(Math.abs(at) <= MAX_TIME_MS)) {
    return '?';
  }
  const second = Math.floor(at / 1_000) * 1_000;
  const local = localTime(second, timeZone);
  const shown = new Date(local).toISOString().replace('T', ' ').replace('.000Z', '');
  return `${shown} ${formatOffset(local - second)}`;
}

/** Prints an offset: `UTC+8`, `UTC+5:30`, `UTC-3`, `UTC`. */
function formatOffset(offsetMs: number): string {
  const minutes = Math.abs(Math.round(offsetMs / 60_000));
  if (minutes === 0) {
    return 'UTC';
  }
  const rest = minutes % 60;
  const hours = `${offsetMs < 0 ? '-' : '+'}${Math.floor(minutes / 60)}`;
  return `UTC${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
}

/** Units from day to second as they follow a number. */
const UNITS: Record<Language, readonly [string, string, string, string]> = {
  en: [' d', ' h', ' min', ' s'],
  zh: [' 天', ' 小时', ' 分', ' 秒'],
  ja: [' 日', ' 時間', ' 分', ' 秒'],
  ko: ['일', '시간', '분', '초'],
};

const DAY_S = 86_400;
/** Mean length in the Gregorian calendar, s. */
const MONTH_S = (365.2425 * DAY_S) / 12;

/** Years and months as people say them. */
const LONG_SPANS: Record<Language, (years: number, months: number) => string[]> = {
  en: (years, months) => [plural(years, 'year'), plural(months, 'month')],
  zh: (years, months) => [`${years} 年`, `${months} 个月`],
  ja: (years, months) => [`${years} 年`, `${months} か月`],
  ko: (years, months) => [`${years}년`, `${months}개월`],
};

function plural(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** A duration as a number of each unit, from day to second, without those that are 0. */
function unitsOf(seconds: number, language: Language): { text: string; index: number }[] {
  const amounts = [
    Math.floor(seconds / DAY_S),
    Math.floor((seconds % DAY_S) / 3_600),
    Math.floor((seconds % 3_600) / 60),
    Math.round((seconds % 60) * 1_000) / 1_000,
  ];
  return amounts
    .map((amount, index) => ({ amount, text: `${amount}${UNITS[language][index]}`, index }))
    .filter(({ amount }) => amount > 0);
}

/**
 * Prints a duration in at most two units, e.g. `41 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`; from a year on
 * `7 years 11 months`.
 *
 * @param ms - a negative duration counts as 0
 */
export function formatSpan(ms: number, language: Language = 'en'): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const months = Math.floor(seconds / MONTH_S);
  if (months >= 12) {
    const rest = months % 12;
    return LONG_SPANS[language](Math.floor(months / 12), rest)
      .slice(0, rest === 0 ? 1 : 2)
      .join(' ');
  }
  const [first, ...more] = unitsOf(seconds, language);
  if (first === undefined) {
    return `0${UNITS[language][3]}`;
  }
  const second = more.find(({ index }) => index === first.index + 1);
  return second ? `${first.text} ${second.text}` : first.text;
}

/**
 * Prints a number of seconds to the millisecond: 90 is `1 min 30 s`, and -3661.5 is `-1 h 1 min 1.5 s`. From a year
 * on, years and months do.
 */
export function formatSeconds(seconds: number, language: Language): string {
  const length = Math.abs(seconds);
  if (!(length >= 0.001 && length < Number.MAX_SAFE_INTEGER)) {
    return `${seconds}${UNITS[language][3]}`;
  }
  const span =
    length < 12 * MONTH_S
      ? unitsOf(length, language)
          .map(({ text }) => text)
          .join(' ')
      : formatSpan(length * 1_000, language);
  return `${seconds < 0 ? '-' : ''}${span}`;
}

/** Prints a time limit or a step in English: `50 ms`, `10 s`, `2 min`. */
export function formatMs(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : formatSeconds(ms / 1_000, 'en');
}

/**
 * Prints a duration in minutes: with one decimal below ten minutes, else without.
 */
export function formatMinutes(ms: number): string {
  const minutes = ms / 60_000;
  return minutes < 10 ? String(Math.round(minutes * 10) / 10) : String(Math.round(minutes));
}

const DURATION = /^(\d{1,6})([smhd])$/;

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Parses a duration of a rule, such as `30s`, `5m`, `2h` or `1d`.
 *
 * @returns ms; undefined when the text is not a duration
 */
export function parseDuration(text: string): number | undefined {
  const [, count = '', unit = ''] = DURATION.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  return unitMs === undefined ? undefined : Number(count) * unitMs;
}

/** Limits of the wait between retries, in ms. */
export interface Backoff {
  firstMs: number;
  maxMs: number;
}

/**
 * Computes the wait before the next retry, in ms. It doubles with each failure. A random part of up to half
 * of it is removed, so that callers that failed together do not retry together.
 *
 * @param failures - number of consecutive failures, from 1
 * @param random - from 0 to 1
 */
export function backoffMs(
  { firstMs, maxMs }: Backoff,
  failures: number,
  random: number = Math.random(),
): number {
  const whole = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return whole * (0.5 + random / 2);
}
