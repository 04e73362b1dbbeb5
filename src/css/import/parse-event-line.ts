import type { JournalEntry } from '../../model/journal-entry.ts';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { callbackEntry } from '../callbacks/callback-entry.ts';
import { parseCallback } from '../callbacks/parse-callback.ts';
import { hashContent } from '../hash-content.ts';
import { readArrival } from '../read-arrival.ts';

/** Fields any one of which makes an object a record of the API or a line with a reason. */
const TELLING = ['StopReason', 'StreamName', 'reasonText', 'bypassCode', 'errcode'] as const;

/**
 * Reads one event that a person or a file gives: a record of DescribeLiveStreamEventList, a
 * callback body (its sign is not checked), `{"reasonText": "…"}`, `{"bypassCode": 6012}` or
 * `{"errcode": 18, "subErrcode": 501}`. What is missing stays unknown.
 *
 * @param now - epoch ms UTC, stands for the time of a line that gives none
 * @throws `BAD_EVENT` or `CALLBACK_*` naming what is wrong
 */
export function parseEventLine(value: unknown, now = Date.now()): JournalEntry {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw maskedError('BAD_EVENT', { problem: 'it is no JSON object' });
  }
  const body = value as Record<string, unknown>;
  if ('event_type' in body) {
    return { ...callbackEntry('', parseCallback(body), now, []), source: 'file' };
  }
  if (!TELLING.some((name) => body[name] !== undefined && body[name] !== null)) {
    throw maskedError('BAD_EVENT', {
      problem: `it has none of event_type, ${TELLING.join(', ')}`,
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
  // A field of a wrong kind is told here and not later.
  readArrival(entry);
  return entry;
}
