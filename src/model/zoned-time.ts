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
    formats.set(timeZone, format);
  }
  return format;
}

/** Tells whether a text is an IANA time zone that this runtime knows. */
export function isTimeZone(text: string): boolean {
  try {
    formatOf(text);
    return true;
  } catch {
    return false;
  }
}

/** The time zone of this machine, UTC when it tells none. */
export function machineTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

/**
 * What clocks of a time zone show at a moment, written as epoch ms as if that were UTC.
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
 * The moment at which clocks of a time zone show a time. One that they show twice is the earlier or
 * the later as asked; one that they skip is as long after the gap's begin as it would have been.
 *
 * @param local - as `localTime` gives it
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
