import type { BreakwatchError } from '../model/errors.ts';
import { maskSecrets } from '../secrets/mask-secrets.ts';
import { maskedError } from '../secrets/masked-error.ts';
import type { TimeRange } from '../store/store.ts';

/** The default range: the last 24 hours. */
const DEFAULT_RANGE_MS = 24 * 60 * 60_000;

const DIGITS = /^-?\d+$/;

const ISO_8601 =
  /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/** Numbers in this range are probably epoch seconds: as ms they are in the years 1970 to 1973. */
const SECONDS_FROM = 1e9;

const SECONDS_TO = 1e11;

const MAX_TIME_MS = 8.64e15;

/**
 * Reads one time: epoch ms as a number or as digits, or ISO 8601. A time without a zone is UTC.
 *
 * @param field - name of the field in the error
 * @returns epoch ms UTC; undefined when absent (undefined, null or an empty string)
 * @throws `BAD_TIME_RANGE`
 */
export function parseTime(value: unknown, field: string): number | undefined {
  if (value === undefined || value === null || value === '') {
    return undefined;
  }
  if (typeof value === 'number' || (typeof value === 'string' && DIGITS.test(value))) {
    const time = Number(value);
    if (!Number.isFinite(time) || Math.abs(time) > MAX_TIME_MS) {
      throw bad(`${field} must be a time; got ${value}`);
    }
    if (time >= SECONDS_FROM && time < SECONDS_TO) {
      throw bad(`${field} looks like epoch seconds; use milliseconds: ${time * 1000}`);
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
  // Masked before it is shortened, because half a secret would not be recognized.
  const shown = typeof value === 'string' ? `"${maskSecrets(value).slice(0, 40)}"` : typeof value;
  throw bad(`${field} must be ISO 8601 or epoch milliseconds; got ${shown}`);
}

/**
 * Reads a range. Without `to` it ends now; without `from` it starts 24 hours before its end.
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
