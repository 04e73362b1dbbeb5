import { formatSpan } from '../../model/time.ts';
import type { Language } from '../../model/vocabulary.ts';

/** Formats a number as usual in a language, e.g. `48,120`. */
export function formatCount(count: number, language: Language): string {
  return new Intl.NumberFormat(language).format(count);
}

/** Formats the length of a time range, e.g. `1 h` or `7 d`. A day is `24 h`: "1 d" could mean today. */
export function formatRange(hours: number, language: Language): string {
  return hours === 24
    ? formatSpan(2 * 3_600_000, language).replace('2', '24')
    : formatSpan(hours * 3_600_000, language);
}

/**
 * Formats the UTC offset of the shown times, e.g. `UTC+8`.
 *
 * @param at - epoch ms; the offset depends on it where clocks change in summer
 */
export function formatOffset(timeZone: 'browser' | 'utc', at: number): string {
  const minutes = timeZone === 'utc' ? 0 : -new Date(at).getTimezoneOffset();
  if (minutes === 0) {
    return 'UTC';
  }
  const hours = Math.trunc(Math.abs(minutes) / 60);
  const rest = Math.abs(minutes) % 60;
  const sign = minutes < 0 ? '−' : '+';
  return `UTC${sign}${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
}
