import type { BreakwatchError } from '../../model/errors.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import type { TimeRange } from '../../store/store.ts';
import { cut } from './parse-fields.ts';

/** The range when a caller names none: the last 24 hours. */
export const DEFAULT_RANGE_MS = 24 * 60 * 60_000;

const DIGITS = /^-?\d+$/;
const ISO_8601 =
  /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;
/** Numbers between these would be days of 1970 as ms, but recent years as seconds. */
const SECONDS_FROM = 1e9;
const SECONDS_TO = 1e11;
const LARGEST_TIME = 8.64e15;

/**
 * Reads one time: epoch ms as number or digits, or ISO 8601. A time without a zone is UTC.
 *
 * @param field - its name in the error
 * @returns epoch ms UTC; undefined when absent (undefined, null or an empty text)
 * @throws `BAD_TIME_RANGE`
 */
export function parseTime(value: unknown, field: string): number | undefined {
  if (value === undefined || value === null || value === '') {
    return undefined;
  }
  if (typeof value === 'number' || (typeof value === 'string' && DIGITS.test(value))) {
    const time = Number(value);
    if (!Number.isFinite(time) || Math.abs(time) > LARGEST_TIME) {
      throw bad(`${field} is no time: ${value}`);
    }
    if (time >= SECONDS_FROM && time < SECONDS_TO) {
      throw bad(`${field} looks like epoch seconds; give milliseconds, ${time * 1000}`);
    }
    return Math.trunc(time);
  }
  if (typeof value === 'string' && ISO_8601.test(value)) {
    const zoned = /T.*(?:Z|[+-]\d{2}:?\d{2})$/.test(value) || !value.includes('T');
    const time = Date.parse((zoned ? value : `${value}Z`).replace(',', '.'));
    if (!Number.isNaN(time)) {
      return time;
    }
  }
  const shown = typeof value === 'string' ? `"${cut(value, 40)}"` : typeof value;
  throw bad(`${field} is ${shown}, neither ISO 8601 nor epoch milliseconds`);
}

/**
 * Reads a range. Without `to` it ends now, without `from` it begins 24 hours before its end.
 *
 * @param now - epoch ms UTC
 * @throws `BAD_TIME_RANGE`
 */
export function parseTimeRange(from: unknown, to: unknown, now: number): TimeRange {
  const end = parseTime(to, 'to') ?? now;
  const start = parseTime(from, 'from') ?? end - DEFAULT_RANGE_MS;
  if (start >= end) {
    throw bad(
      `from (${new Date(start).toISOString()}) is not before to (${new Date(end).toISOString()})`,
    );
  }
  return { from: start, to: end };
}

function bad(problem: string): BreakwatchError {
  return maskedError('BAD_TIME_RANGE', { problem });
}
