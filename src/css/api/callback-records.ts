import type { JournalEntry } from '../../model/break.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { callbackEntry, parseCallback } from '../callbacks/callback.ts';
import { printCssTime } from '../css-time.ts';
import type { PushKey } from '../push-url/push-url.ts';
import type { ApiCaller } from './api-caller.ts';

/** CSS keeps its records of callbacks for 14 days (source: API document 267/51328). */
export const RECORDS_RETENTION_MS = 14 * 86_400_000;
/** Maximum time range of a query: one day (same source). */
export const MAX_RECORDS_SPAN_MS = 86_400_000;

const ACTION = 'DescribeCallbackRecordsList';
/** The maximum page size is not documented. Few queries have more records than this. */
const PAGE_SIZE = 20;
/** Later pages of a query are not read. */
const MAX_PAGES = 50;
const INTERRUPTION = 0;

/** Secret keys of an account. */
export interface AccountKeys {
  /** For checking txSecret before it is masked. */
  pushKeys: readonly PushKey[];
  /** Masked wherever they occur. */
  callbackKeys: readonly string[];
}

/** Selects callback records. */
export interface CallbackRecordQuery {
  /** StreamName, on any domain and AppName. It is not a pattern. */
  stream: string;
  /** Epoch ms UTC; at most {@link MAX_RECORDS_SPAN_MS} before `to`. */
  from: number;
  to: number;
}

/**
 * Reads from CSS the interruption callbacks of a stream, delivered or not, as journal entries. An
 * entry has the same key as if the callback had been received, so a callback that arrives later is a
 * duplicate. The sign is not checked, because the record comes from the API.
 *
 * @param account - account name
 * @param receivedAt - epoch ms UTC
 * @returns the entries, and the number of records that cannot be read
 * @throws `CSS_*`; the signal's reason when it aborts
 */
export async function readCallbackRecords(
  caller: ApiCaller,
  account: string,
  { stream, from, to }: CallbackRecordQuery,
  receivedAt: number,
  keys: AccountKeys,
  signal?: AbortSignal,
): Promise<{ entries: JournalEntry[]; unreadable: number }> {
  const entries = new Map<string, JournalEntry>();
  let unreadable = 0;
  for (let page = 1, total = 1; page <= MAX_PAGES && (page - 1) * PAGE_SIZE < total; page += 1) {
    const params = {
      StreamName: stream,
      StartTime: printCssTime(from),
      EndTime: printCssTime(to),
      EventType: INTERRUPTION,
      PageNum: page,
      PageSize: PAGE_SIZE,
    };
    const answer = await caller.call(ACTION, params, signal);
    const badAnswer = (problem: string) =>
      maskedError('CSS_BAD_ANSWER', {
        account,
        action: ACTION,
        endpoint: caller.endpoint,
        problem,
      });
    const records = answer?.DataInfoList ?? [];
    if (!Array.isArray(records)) {
      throw badAnswer('DataInfoList is not a list');
    }
    total = typeof answer?.TotalNum === 'number' && records.length > 0 ? answer.TotalNum : 0;
    for (const record of records) {
      const entry = entryOf(record, account, receivedAt, keys);
      if (entry) {
        // The list may have a repeated callback once for each try.
        entries.set(entry.key, entry);
      } else {
        unreadable += 1;
      }
    }
  }
  return { entries: [...entries.values()], unreadable };
}

/** `Request` is the body of the callback, as JSON text. */
function entryOf(
  record: unknown,
  account: string,
  receivedAt: number,
  { pushKeys, callbackKeys }: AccountKeys,
): JournalEntry | null {
  const request = (record as { Request?: unknown } | null)?.Request;
  try {
    const message = parseCallback(JSON.parse(String(request)));
    return message.eventType === INTERRUPTION
      ? callbackEntry(account, message, receivedAt, pushKeys, callbackKeys)
      : null;
  } catch {
    return null;
  }
}
