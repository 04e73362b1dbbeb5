/** Far enough from the limits of `Date` for every time zone; the year 9999. */
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
    // Names are case-insensitive, so requests could otherwise fill the memory with spellings.
    if (formats.size >= MAX_FORMATS) {
      formats.clear();
    }
    formats.set(timeZone, format);
  }
  return format;
}

/** Whether a text is an IANA time zone that this runtime knows. */
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
 * The wall-clock time of a time zone, written as epoch ms as if it were UTC.
 *
 * @param at - epoch ms UTC
 */
export function localTime(at: number, timeZone: string): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(at)) {
    parts[type] = Number(value);
  }
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((at % 1_000) + 1_000) % 1_000);
}

/**
 * The instant at which a time zone shows a wall-clock time. A time that occurs twice, at the end of
 * daylight saving time, is the earlier or the later one as asked. A time that is skipped, at its
 * start, counts on from the start of the gap.
 *
 * @param local - in the form of `localTime`
 * @returns epoch ms UTC
 */
export function momentOf(local: number, timeZone: string, which: 'earlier' | 'later'): number {
  const DAY_MS = 86_400_000;
  const offsetAt = (at: number) => localTime(at, timeZone) - at;
  const before = offsetAt(local - DAY_MS);
  const after = offsetAt(local + DAY_MS);
  const fitting = [local - before, local - after].filter((at) => localTime(at, timeZone) === local);
  if (fitting.length === 0) {
    return local - before;
  }
  return which === 'earlier' ? Math.min(...fitting) : Math.max(...fitting);
}

/**
 * Writes an instant as date and time with its distance from UTC, e.g. `2026-03-01 20:00:05 UTC+8`.
 *
 * @param at - epoch ms UTC
 * @param timeZone - IANA name; UTC when absent
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

/** `UTC+8`, `UTC+5:30`, `UTC-3`, `UTC`. */
function formatOffset(offsetMs: number): string {
  const minutes = Math.abs(Math.round(offsetMs / 60_000));
  if (minutes === 0) {
    return 'UTC';
  }
  const rest = minutes % 60;
  const hours = `${offsetMs < 0 ? '-' : '+'}${Math.floor(minutes / 60)}`;
  return `UTC${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
}
