import type { JournalEntry } from '../../model/break.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { callbackEntry, parseCallback } from '../callbacks/callback.ts';
import { printCssTime } from '../css-time.ts';
import type { PushKey } from '../push-url/push-url.ts';
import type { ApiCaller } from './api-caller.ts';

/** CSS keeps its records of callbacks for 14 days (source: API document 267/51328). */
export const RECORDS_KEPT_MS = 14 * 86_400_000;
/** One question may span a day at most (same source). */
export const RECORDS_SPAN_MS = 86_400_000;

const ACTION = 'DescribeCallbackRecordsList';
/** The document gives no limit, so a modest size: a question seldom has more answers. */
const PAGE_SIZE = 20;
/** A stream with more interruptions than this within the span is asked for no further. */
const MAX_PAGES = 50;
const INTERRUPTION = 0;

/** Keys of the account. */
export interface AccountKeys {
  /** To tell whether a txSecret fits, before it is masked. */
  pushKeys: readonly PushKey[];
  /** Masked wherever they stand. */
  callbackKeys: readonly string[];
}

/** Which records are wanted. */
export interface CallbackRecordSearch {
  /** StreamName; CSS takes it literally, on every domain and AppName. */
  stream: string;
  /** Epoch ms UTC; at most {@link RECORDS_SPAN_MS} before `to`. */
  from: number;
  to: number;
}

/**
 * Asks CSS which interruption callbacks it made of a stream, delivered or not, and makes of each
 * the journal entry that it would have become had it come by itself: with the same key, so that
 * what does come later is a repetition of it. It needs no sign, as the API's answer is proof enough.
 *
 * @param account - Breakwatch's name of it
 * @param receivedAt - epoch ms UTC
 * @returns the entries; a record that can not be read is left out and counted
 * @throws `CSS_*`; the signal's reason when it aborts
 */
export async function readCallbackRecords(
  caller: ApiCaller,
  account: string,
  { stream, from, to }: CallbackRecordSearch,
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
    const bad = (problem: string) =>
      maskedError('CSS_BAD_ANSWER', {
        account,
        action: ACTION,
        endpoint: caller.endpoint,
        problem,
      });
    const records = answer?.DataInfoList ?? [];
    if (!Array.isArray(records)) {
      throw bad('DataInfoList is not a list');
    }
    total = typeof answer?.TotalNum === 'number' && records.length > 0 ? answer.TotalNum : 0;
    for (const record of records) {
      const entry = entryOf(record, account, receivedAt, keys);
      if (entry) {
        // A repeated callback may stand there once for each try.
        entries.set(entry.key, entry);
      } else {
        unreadable += 1;
      }
    }
  }
  return { entries: [...entries.values()], unreadable };
}

/** The callback as it was sent stands in `Request`, as text. */
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
