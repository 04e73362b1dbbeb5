import { localTime } from '../../model/zoned-time.ts';

/** A moment as cards and rules write it: `2026-03-01 12:00:05 UTC`, seconds or not, or ISO 8601. */
const MOMENT = /\b(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d(?::\d\d)?) UTC\b|T(\d\d:\d\d:\d\d)(?:\.\d+)?Z)/g;
const MINUTE_MS = 60_000;

/**
 * Writes moments within a text as clocks of a time zone show them, e.g. `2026-03-01 20:00:05 UTC+8`.
 *
 * @param timeZone - IANA name; UTC when absent, which leaves the text as it is
 */
export function inTimeZone(text: string, timeZone?: string): string {
  return timeZone === undefined || timeZone === 'UTC'
    ? text
    : text.replace(MOMENT, (all, day: string, time?: string, iso?: string) => {
        const at = Date.parse(`${day}T${time ?? iso}Z`);
        if (Number.isNaN(at)) {
          return all;
        }
        const local = localTime(at, timeZone);
        const shown = new Date(local).toISOString().replace('T', ' ');
        return `${shown.slice(0, time?.length === 5 ? 16 : 19)} ${printOffset(local - at)}`;
      });
}

/** `UTC+8`, `UTC+5:30`, `UTC-3`, `UTC`. */
function printOffset(offsetMs: number): string {
  const minutes = Math.abs(Math.round(offsetMs / MINUTE_MS));
  const rest = minutes % 60;
  const sign = minutes === 0 ? '' : offsetMs < 0 ? '-' : '+';
  const hours = minutes === 0 ? '' : String(Math.floor(minutes / 60));
  return `UTC${sign}${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
}
