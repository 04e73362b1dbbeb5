import type { JournalEntry } from '../../model/journal-entry.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { apiEntry } from '../api/api-entry.ts';
import type { StreamEventInfo } from '../api/stream-event-info.ts';
import { callbackEntry } from '../callbacks/callback-entry.ts';
import { parseCallback } from '../callbacks/parse-callback.ts';
import type { PushKey } from '../push-url/push-url.ts';
import { readArrival } from '../read-arrival.ts';

/** Clocks may differ; what lies further ahead is a time misread. */
const AHEAD_MS = 24 * 3_600_000;

/**
 * Makes the journal entry of one imported record: a callback body (its sign is not asked for, whoever
 * may import is trusted), or a record of DescribeLiveStreamEventList, also with `errcode` and
 * `subErrcode`. It gets the key that the same message has when it comes by itself, so what was
 * collected, or imported before, is not counted twice.
 *
 * @param now - epoch ms UTC
 * @param pushKeys - to tell whether a txSecret fits, before it is masked
 * @param secrets - callback keys, masked wherever they stand
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
    throw maskedError('BAD_EVENT', { problem: 'it is no JSON object' });
  }
  const body = value as Record<string, unknown>;
  const entry =
    'event_type' in body
      ? callbackEntry(account, parseCallback(body), now, pushKeys, secrets)
      : apiEntry(account, body as unknown as StreamEventInfo, now);
  const arrival = readArrival(entry);
  if (arrival.kind === 'other' && arrival.problem !== undefined) {
    throw maskedError('BAD_EVENT', { problem: withoutPrefix(arrival.problem) });
  }
  if (arrival.kind === 'end' && arrival.event.endedAt > now + AHEAD_MS) {
    throw maskedError('BAD_EVENT', { problem: 'its end lies in the future' });
  }
  return entry;
}

/** The problem is the message of an error of the same code. */
function withoutPrefix(problem: string): string {
  return problem.replace(/^This is no event that Breakwatch knows: /, '');
}
