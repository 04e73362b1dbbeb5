import { createHash } from 'node:crypto';
import type { StreamKey } from '../../model/break.ts';
import type { LocalizedText } from '../../model/localized-text.ts';
import { hashContent } from '../hash-content.ts';

/** Event type of push exception callbacks. */
const PUSH_EXCEPTION = 321;

/** One kind of exception in a report. */
export interface ReportedException {
  /** Epoch ms UTC. */
  at: number;
  type: number;
  /** CSS's description of the type; null when it sent none. */
  description: LocalizedText | null;
  count: number;
  detail: string | null;
}

type Stream = Pick<StreamKey, 'domain' | 'app' | 'stream'>;

const TIME_DIGITS = 13;

/** A time as part of a key, padded so that keys sort by it. */
function timePart(at: number): string {
  return String(Math.max(0, Math.floor(at))).padStart(TIME_DIGITS, '0');
}

function streamPart({ domain, app, stream }: Stream): string {
  return createHash('sha256')
    .update(JSON.stringify([domain, app, stream]))
    .digest('hex')
    .slice(0, 20);
}

/**
 * The journal key of a push exception report: stream, time and a hash of the content, so that reports
 * of one stream and time can be found by key. Reports have no id; a repeated one has the same content.
 *
 * @param body - the callback's body, masked
 * @returns null for other callbacks, and for a report without a stream or time
 */
export function pushExceptionKey(body: Record<string, unknown>): string | null {
  const { t: _t, sign: _sign, ...content } = body;
  if (Number(content.event_type) !== PUSH_EXCEPTION) {
    return null;
  }
  const { domain, path, stream_id: stream, data_time: at } = content;
  if (typeof stream !== 'string' || typeof domain !== 'string' || typeof path !== 'string') {
    return null;
  }
  const time = Number(at);
  if (!Number.isSafeInteger(time) || time <= 0 || String(time).length > TIME_DIGITS) {
    return null;
  }
  const where = streamPart({ domain, app: path, stream });
  return `${PUSH_EXCEPTION}:${where}:${timePart(time)}:${hashContent(content)}`;
}

/**
 * The range of keys of a stream's reports between two times.
 *
 * @param from - epoch ms UTC
 * @param to - epoch ms UTC, excluded
 */
export function pushExceptionKeys(
  stream: Stream,
  from: number,
  to: number,
): { from: string; to: string } {
  const head = `${PUSH_EXCEPTION}:${streamPart(stream)}:`;
  return { from: head + timePart(from), to: head + timePart(to) };
}

function wholeOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/**
 * Reads the exceptions in a report and leaves out what it cannot read (fields: documents 267/84046
 * and 267/53310).
 *
 * @param body - the callback's body
 */
export function readPushExceptions(body: Record<string, unknown>): ReportedException[] {
  const reportedAt = wholeOf(body.data_time);
  const list = Array.isArray(body.abnormal_event) ? body.abnormal_event : [];
  return list.flatMap((given: unknown): ReportedException[] => {
    const event = (given ?? {}) as Record<string, unknown>;
    const type = wholeOf(event.type);
    // The documents show a list; an edition of 2025 also shows a single object.
    const details = [event.detail ?? []].flat() as (Record<string, unknown> | null)[];
    const at = wholeOf(details[0]?.occur_time) ?? reportedAt;
    if (type === null || at === null) {
      return [];
    }
    const en = textOf(event.type_desc_en);
    const zh = textOf(event.type_desc_cn);
    return [
      {
        at,
        type,
        description: en || zh ? { en: en ?? (zh as string), ...(zh ? { zh } : {}) } : null,
        count: wholeOf(event.count) ?? Math.max(1, details.length),
        detail: textOf(details[0]?.desc),
      },
    ];
  });
}
