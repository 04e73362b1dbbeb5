import { maskedError } from '../../secrets/masked-error.ts';
import { printCssTime } from '../css-time.ts';
import type { ConsoleColumn, ConsoleColumns } from './console-header.ts';

/**
 * Converts a row of a CSV export to a record of DescribeLiveStreamEventList, with `errcode` and
 * `subErrcode` if the row has them.
 *
 * @param offsetMs - UTC offset of times without a zone. The console writes the viewer's local time.
 * @throws `BAD_EVENT` naming the field
 */
export function readConsoleRow(
  fields: readonly string[],
  { indexes, width }: ConsoleColumns,
  offsetMs: number,
): Record<string, unknown> {
  if (fields.length > width) {
    bad(`the line has ${fields.length} fields, but the first line has ${width}`);
  }
  const cell = (column: ConsoleColumn): string | undefined => {
    const index = indexes[column];
    // Exports put ' before text that a spreadsheet would read as a formula.
    const text =
      index === undefined ? '' : (fields[index] ?? '').trim().replace(/^'(?=[=+\-@＝＋－＠])/, '');
    return text === '' || text === '-' ? undefined : text;
  };
  const time = (column: 'start' | 'end', label: string): string | undefined => {
    const text = cell(column);
    if (text === undefined) {
      return undefined;
    }
    const moment = readTime(text, offsetMs);
    return moment === null
      ? bad(`${label} must be a time such as 2026-03-14 20:00:00`)
      : printCssTime(moment);
  };
  const [errcode, subErrcode] = readCode(cell('errcode'), cell('subErrcode'));
  const milliseconds = cell('durationMs');
  const duration =
    milliseconds !== undefined && /^\d{1,13}$/.test(milliseconds)
      ? Math.round(Number(milliseconds) / 1_000)
      : readDuration(cell('duration'));
  const record = {
    DomainName: cell('domain'),
    AppName: cell('app'),
    StreamName: cell('stream') ?? bad('StreamName is empty'),
    StreamStartTime: time('start', 'the start time'),
    StreamEndTime: time('end', 'the end time') ?? bad('the end time of the push is empty'),
    StopReason: cell('reason'),
    Duration: duration,
    ClientIp: cell('clientIp'),
    Resolution: cell('resolution'),
    errcode,
    subErrcode,
  };
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

function bad(problem: string): never {
  throw maskedError('BAD_EVENT', { problem });
}

const TIME =
  /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/i;

/** @returns epoch ms UTC; null when the text is not a time */
function readTime(text: string, offsetMs: number): number | null {
  const found = TIME.exec(text);
  if (!found) {
    return null;
  }
  const [year, month, day, hour, minute, second, fractionDigits] = found
    .slice(1, 8)
    .map((one) => Number(one ?? 0)) as [number, number, number, number, number, number, number];
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(time);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || hour > 23 || minute > 59) {
    return null;
  }
  const fractionMs = found[7] === undefined ? 0 : fractionDigits * 10 ** (3 - found[7].length);
  return time + fractionMs - (found[8] === undefined ? offsetMs : zoneOf(found[8]));
}

function zoneOf(zone: string): number {
  const found = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  return found
    ? (found[1] === '-' ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3])) * 60_000
    : 0;
}

/** @returns seconds; undefined when the text is not a duration, because start and end also give it */
function readDuration(text: string | undefined): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  const seconds = /^(\d{1,9})(?:\.\d+)?\s*(?:s|sec|seconds?|秒|초)?$/i.exec(text);
  if (seconds) {
    return Number(seconds[1]);
  }
  const clock = /^(?:(\d{1,4}):)?(\d{1,2}):(\d{2})$/.exec(text);
  if (clock) {
    return Number(clock[1] ?? 0) * 3_600 + Number(clock[2]) * 60 + Number(clock[3]);
  }
  const words =
    /^(?:(\d+)\s*(?:h|小时|時間|시간))?\s*(?:(\d+)\s*(?:m|min|分钟?|분))?\s*(?:(\d+)\s*(?:s|秒|초))?$/i.exec(
      text,
    );
  return words?.slice(1).some((one) => one !== undefined)
    ? Number(words[1] ?? 0) * 3_600 + Number(words[2] ?? 0) * 60 + Number(words[3] ?? 0)
    : undefined;
}

/** Reads `18/501`, or 18 and 501 from two columns. */
function readCode(
  code: string | undefined,
  sub: string | undefined,
): [number | undefined, number | undefined] {
  const found = /^(\d{1,9})(?:[/-](\d{1,4}))?$/.exec(code ?? '');
  const number = (text: string | undefined) =>
    text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
  return [number(found?.[1]), number(found?.[2] ?? sub)];
}
