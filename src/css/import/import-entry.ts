import type { JournalEntry } from '../../model/break.ts';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { apiEntry } from '../api/api-entry.ts';
import type { StreamEventInfo } from '../api/css-client.ts';
import { callbackEntry, parseCallback } from '../callbacks/callback.ts';
import { nameForeignBody } from '../callbacks/foreign-body.ts';
import { hashContent } from '../hash-content.ts';
import type { PushKey } from '../push-url/push-url.ts';
import { readArrival } from '../read-arrival.ts';

/**
 * Makes the journal entry of one imported record: a callback body (its sign is not checked, because
 * users who may import are trusted), or a record of DescribeLiveStreamEventList, optionally with
 * `errcode` and `subErrcode`. The entry has the same key as the collected message, so events that were
 * collected or imported before are not counted twice.
 *
 * @param now - epoch ms UTC
 * @param pushKeys - push auth keys; whether txSecret matches one is derived before it is masked
 * @param secrets - callback keys, masked wherever they occur
 * @throws `BAD_EVENT` or `CALLBACK_*` naming what is wrong
 */
export function importEntry(
  account: string,
  value: unknown,
  now: number,
  pushKeys: readonly PushKey[],
  secrets: readonly string[] = [],
): JournalEntry {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw maskedError('BAD_EVENT', { problem: 'it must be a JSON object' });
  }
  const body = value as Record<string, unknown>;
  refuseLiveStream(body);
  refuseForeignBody(body);
  if ('diagnosis' in body && 'sources' in body) {
    throw maskedError('BAD_EVENT', {
      problem:
        'it is a break with its diagnosis (export --format breaks, or an export of an earlier version), which cannot be imported; export with --format jsonl',
    });
  }
  const entry =
    'event_type' in body
      ? callbackEntry(account, parseCallback(body), now, pushKeys, secrets)
      : apiEntry(account, body as unknown as StreamEventInfo, now);
  const arrival = readArrival(entry);
  if (arrival.kind === 'other' && arrival.problem !== undefined) {
    throw maskedError('BAD_EVENT', { problem: withoutPrefix(arrival.problem) });
  }
  return entry;
}

/** @throws `BAD_EVENT` for a row of DescribeLiveStreamOnlineList */
function refuseLiveStream(body: Record<string, unknown>): void {
  if ('PublishTimeList' in body) {
    throw maskedError('BAD_EVENT', {
      problem:
        'it is a stream that is live (PublishTimeList of DescribeLiveStreamOnlineList), so its push has no end',
    });
  }
}

/** @throws `CALLBACK_OF_OTHER_PRODUCT` for a callback of another product or kind, which has no `event_type` */
function refuseForeignBody(body: Record<string, unknown>): void {
  const what = 'event_type' in body || 'StopReason' in body ? null : nameForeignBody(body);
  if (what !== null) {
    throw maskedError('CALLBACK_OF_OTHER_PRODUCT', { what });
  }
}

/** The problem is the message of another BAD_EVENT error. Removes its prefix, or it would appear twice. */
function withoutPrefix(problem: string): string {
  return problem.replace(/^The event cannot be read: /, '');
}

/** An object with any of these fields is an API record or a line with a reason. */
const IDENTIFYING_FIELDS = [
  'StopReason',
  'StreamName',
  'reasonText',
  'bypassCode',
  'errcode',
] as const;

/**
 * Reads one event given by a person or a file: a record of DescribeLiveStreamEventList, a callback
 * body (its sign is not checked), `{"reasonText": "…"}`, `{"bypassCode": 6012}` or
 * `{"errcode": 18, "subErrcode": 501}`. Missing fields stay unknown.
 *
 * @param now - epoch ms UTC; used as the time of a line without one
 * @param pushKeys - push auth keys; whether the txSecret of a callback matches one is derived before it is masked
 * @throws `BAD_EVENT` or `CALLBACK_*` naming what is wrong
 */
export function parseEventLine(
  value: unknown,
  now = Date.now(),
  pushKeys: readonly PushKey[] = [],
): JournalEntry {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw maskedError('BAD_EVENT', { problem: 'it must be a JSON object' });
  }
  const body = value as Record<string, unknown>;
  refuseLiveStream(body);
  if ('event_type' in body) {
    return { ...callbackEntry('', parseCallback(body), now, pushKeys), source: 'file' };
  }
  if (!IDENTIFYING_FIELDS.some((name) => body[name] !== undefined && body[name] !== null)) {
    throw maskedError('BAD_EVENT', {
      problem: `it must have one of event_type, ${IDENTIFYING_FIELDS.join(', ')}`,
    });
  }
  const masked = maskSecrets(body);
  const entry: JournalEntry = {
    account: '',
    source: 'file',
    key: hashContent(masked),
    receivedAt: now,
    body: masked,
    derived: {},
  };
  // Throws now if a field has the wrong type, not later when the entry is processed.
  readArrival(entry);
  return entry;
}
