import {
  apiEntry,
  type CssClient,
  onlineEntries,
  type StreamEventInfo,
} from '../../css/api/index.ts';
import { parseCssTime } from '../../css/css-time.ts';
import type { JournalEntry } from '../../model/break.ts';
import type { BreakwatchError } from '../../model/errors.ts';
import { asBreakwatchError } from '../../secrets/masked-error.ts';
import type { TimeRange } from '../../store/store.ts';
import { addUnread, OVERLAP_MS, type PollState, wholeSecond } from './poll-state.ts';

const MAX_RECENT_KEYS = 50_000;
const MAX_BATCH = 500;
/** The API lists this AppName in a request without AppName. */
const DEFAULT_APP = 'live';

/** The options of an {@link EventListReader}. */
export interface EventListReaderOptions {
  account: string;
  client: Pick<CssClient, 'streamEvents'>;
  /** The clock, epoch ms UTC. */
  now: () => number;
  /** Stores new entries; resolves once they are on disk. */
  accept: (entries: JournalEntry[]) => Promise<void>;
}

/** Reads the event list of one account and passes on new entries. */
export class EventListReader {
  readonly #options: EventListReaderOptions;
  readonly #signal: AbortSignal;
  readonly #recent = new RecentKeys(MAX_RECENT_KEYS);
  #unreadable = 0;

  /** @param signal - cancels work in flight */
  constructor(options: EventListReaderOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  /** Number of records since the start that could not be read as events and were skipped. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /**
   * Reads a range, yielding after each page.
   *
   * @param state - gets what the answers show about the API
   * @throws `CSS_*`; errors of `accept`; the signal's reason
   */
  async *read(range: TimeRange, state: PollState): AsyncGenerator<void, void> {
    const { client } = this.#options;
    for (const app of [undefined, ...state.apps]) {
      if (app !== undefined && state.listsAllApps) {
        return;
      }
      for await (const page of client.streamEvents({ ...range, app }, this.#signal)) {
        noteApiBehaviour(page, range, app, state);
        await this.#passOn(page);
        yield;
      }
    }
  }

  /** Passes entries on in batches. */
  async accept(entries: readonly JournalEntry[]): Promise<void> {
    for (let index = 0; index < entries.length; index += MAX_BATCH) {
      this.#signal.throwIfAborted();
      await this.#options.accept(entries.slice(index, index + MAX_BATCH));
    }
  }

  async #passOn(page: readonly StreamEventInfo[]): Promise<void> {
    const { account, now } = this.#options;
    const entries: JournalEntry[] = [];
    for (const info of page) {
      try {
        entries.push(apiEntry(account, info, now()));
      } catch {
        // One unreadable record must not stop the others.
        this.#unreadable += 1;
      }
    }
    const fresh = this.#recent.unknown(entries);
    await this.accept(fresh);
    this.#recent.remember(entries);
  }
}

/** Notes how the API behaves where its documentation does not say. */
function noteApiBehaviour(
  page: readonly StreamEventInfo[],
  range: TimeRange,
  app: string | undefined,
  state: PollState,
): void {
  for (const { AppName, StreamStartTime, StreamEndTime } of page) {
    if (app === undefined && AppName && AppName !== DEFAULT_APP) {
      state.listsAllApps = true;
    }
    const startedAt = parseCssTime(StreamStartTime);
    const endedAt = parseCssTime(StreamEndTime);
    if (startedAt !== null && endedAt !== null) {
      const isInside = endedAt >= range.from && endedAt <= range.to;
      state.listsByEnd ||= isInside && startedAt < range.from;
    }
  }
}

/**
 * Remembers the keys of entries that were passed on recently, so that overlapping windows do not send
 * the same entries to the journal again. If a key is forgotten, the journal drops the duplicate.
 */
export class RecentKeys {
  readonly #limit: number;
  readonly #keys = new Set<string>();

  /** @param limit - maximum number of keys; the oldest are forgotten first */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Returns the entries whose key is not remembered. */
  unknown(entries: readonly JournalEntry[]): JournalEntry[] {
    return entries.filter((entry) => !this.#keys.has(entry.key));
  }

  /** Remembers entries. Call it once the journal has them. */
  remember(entries: readonly JournalEntry[]): void {
    for (const { key } of entries) {
      this.#keys.delete(key);
      this.#keys.add(key);
    }
    for (const key of this.#keys) {
      if (this.#keys.size <= this.#limit) {
        break;
      }
      this.#keys.delete(key);
    }
  }
}

/** Time between two reads of the online list, ms. */
const ONLINE_EVERY_MS = 60_000;
const MAX_APPS = 50;

/** The options of an {@link OnlineListReader}. */
export interface OnlineListReaderOptions {
  account: string;
  client: Pick<CssClient, 'onlineStreams'>;
  backfillMs: number;
  /** The clock, epoch ms UTC. */
  now: () => number;
}

/** Reads the list of live pushes of one account once a minute and passes on new ones. */
export class OnlineListReader {
  readonly #options: OnlineListReaderOptions;
  readonly #reader: Pick<EventListReader, 'accept'>;
  readonly #signal: AbortSignal;
  #known = new Set<string>();
  #readAt = Number.NEGATIVE_INFINITY;

  /**
   * @param reader - passes on new entries
   * @param signal - cancels work in flight
   */
  constructor(
    options: OnlineListReaderOptions,
    reader: Pick<EventListReader, 'accept'>,
    signal: AbortSignal,
  ) {
    this.#options = options;
    this.#reader = reader;
    this.#signal = signal;
  }

  /** When the list was last read and all of it was stored, epoch ms UTC; null before the first time. */
  get readAt(): number | null {
    return Number.isFinite(this.#readAt) ? this.#readAt : null;
  }

  /**
   * Reads the list if the last time was a minute ago or more.
   *
   * @returns the error of the request, so that the event list can still be read; null for none
   * @throws the signal's reason
   */
  async read(state: PollState): Promise<BreakwatchError | null> {
    const { account, client, now } = this.#options;
    const at = now();
    if (at - this.#readAt < ONLINE_EVERY_MS && at >= this.#readAt) {
      return null;
    }
    try {
      const streams = await client.onlineStreams(this.#signal);
      const entries = streams.flatMap((stream) => onlineEntries(account, stream, at));
      await this.#reader.accept(entries.filter((entry) => !this.#known.has(entry.key)));
      this.#known = new Set(entries.map((entry) => entry.key));
      this.#addApps(
        streams.map((stream) => stream.app),
        state,
        at,
      );
      this.#readAt = at;
      return null;
    } catch (thrown) {
      this.#signal.throwIfAborted();
      return asBreakwatchError(thrown);
    }
  }

  /** Adds AppNames that are new, and plans to read their past. */
  #addApps(apps: readonly string[], state: PollState, at: number): void {
    const known = new Set([DEFAULT_APP, '', ...state.apps]);
    const fresh = [...new Set(apps)].filter((app) => !known.has(app));
    if (fresh.length === 0 || state.listsAllApps) {
      return;
    }
    state.apps = [...state.apps, ...fresh].slice(0, MAX_APPS);
    const from = Math.max(state.oldest, at - this.#options.backfillMs);
    addUnread(state, { from, to: wholeSecond(at) - OVERLAP_MS });
  }
}
