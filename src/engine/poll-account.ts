import { apiEntry, onlineEntries } from '../css/api-entry.ts';
import type { CssClient } from '../css/css-client.ts';
import { parseCssTime } from '../css/css-time.ts';
import type { StreamEventInfo } from '../css/stream-event-info.ts';
import { asBreakwatchError, type BreakwatchError } from '../model/errors.ts';
import type { JournalEntry } from '../model/journal-entry.ts';
import type { Store, TimeRange } from '../store/store.ts';
import type { ApiState } from './build-facts.ts';
import { type PollMemory, readPollMemory } from './poll-memory.ts';
import { addRange, newestPart, removeRange } from './poll-ranges.ts';
import { PollRecentKeys } from './poll-recent-keys.ts';
import { PollStride } from './poll-stride.ts';

/** How far reading of the past has come. Times are epoch ms UTC. */
export interface BackfillProgress {
  /** The range that is being read, or was read last. */
  from: number;
  to: number;
  /** How much of it is still to be read, ms. */
  remainingMs: number;
  done: boolean;
}

/** How polling of one account is doing, told after each poll. */
export interface PollState {
  /** When the last successful poll ended, epoch ms UTC; null when there was none yet. */
  lastPollAt: number | null;
  /** Why the poll failed, or what of it failed; null when all went well. */
  error: BreakwatchError | null;
  /** What the API says of the account; absent when the poll tells nothing of that. */
  apiState?: ApiState;
  /** How long the poll took. */
  durationMs: number;
  /** Null until the first poll knows what to read. */
  backfill: BackfillProgress | null;
  /** Records since the start that were no events and were passed over. */
  unreadable: number;
}

/** What polling one account needs. */
export interface PollAccountOptions {
  /** Breakwatch's name of the account. */
  account: string;
  client: CssClient;
  /** Keeps where polling is, under `poll:<account>`. */
  store: Pick<Store, 'getState' | 'setState'>;
  /** Time between polls, s. */
  pollSeconds: number;
  /** How far back the first poll reaches, ms; at most 60 days are there. */
  backfillMs: number;
  /** The clock, epoch ms UTC. */
  now: () => number;
  /** Takes new entries and resolves once they are on disk. */
  accept: (entries: JournalEntry[]) => Promise<void>;
  onState: (state: PollState) => void;
}

/** Each poll reads this far back before the last one, as records may appear late. */
export const OVERLAP_MS = 10 * 60_000;
/** A gap longer than this is read in the background, so that what happens now is seen first. */
const LONGEST_CATCH_UP_MS = 30 * 60_000;
const DAY_MS = 86_400_000;
/** The API reaches 60 days back; a little less, so that a window does not fall off while it waits. */
const REACH_MS = 60 * DAY_MS - 3_600_000;
/** The background reads a day at a time. */
const PART_MS = DAY_MS;
const ONLINE_EVERY_MS = 60_000;
/** How late records may be is not documented, so the last hours are read again every hour. */
const SECOND_LOOK_EVERY_MS = 3_600_000;
const SECOND_LOOK_MS = 3 * 3_600_000;
/**
 * Whether a window lists pushes by their start or their end is not documented. Until it is seen
 * that the end counts, a whole day is read again and again, or long pushes would be missed.
 */
const WIDE_LOOK_EVERY_MS = 60_000;
const WIDE_LOOK_MS = DAY_MS;
/** A look that took long is repeated less often: it may take this part of the time. */
const LOOK_SHARE = 20;
const BACKFILL_RETRY_MS = 60_000;
/** Part of the time between polls that the background may take after each. */
const BACKFILL_SHARE = 0.6;
/**
 * The API refuses a window that ends after its own now. When it refuses one, this machine's clock
 * may be ahead, so later windows end earlier; by more than 5 minutes no signature is taken.
 */
const FIRST_LAG_MS = 15_000;
const MOST_LAG_MS = 5 * 60_000;
const MAX_RECENT_KEYS = 50_000;
const MAX_ENTRIES_AT_ONCE = 500;
const DEFAULT_APP = 'live';
const MAX_APPS = 50;

const API_STATES: Partial<Record<BreakwatchError['code'], ApiState>> = {
  CSS_CREDENTIALS: 'credentials',
  CSS_PERMISSION: 'permission',
  CSS_ACCOUNT_STOPPED: 'stopped',
  CSS_UNREACHABLE: 'unreachable',
  CSS_BAD_ANSWER: 'unreachable',
};

/**
 * Polls one account: what ended lately, once a minute what is live, and, in the time that is left,
 * what is still to be read of the past, newest first.
 */
export class PollAccount {
  readonly #options: PollAccountOptions;
  readonly #signal: AbortSignal;
  readonly #recent = new PollRecentKeys(MAX_RECENT_KEYS);
  #memory: PollMemory | undefined;
  #online = new Set<string>();
  #onlineAt = Number.NEGATIVE_INFINITY;
  #lookAt = Number.POSITIVE_INFINITY;
  #lookBeganAt: number | undefined;
  #resumeAt = Number.NEGATIVE_INFINITY;
  readonly #recentStride = new PollStride(Number.POSITIVE_INFINITY);
  readonly #pastStride = new PollStride(PART_MS);
  #pastFailures = 0;
  #past: AsyncGenerator<void, void> | undefined;
  #pastFailedAt = Number.NEGATIVE_INFINITY;
  #pastError: BreakwatchError | null = null;
  #span: TimeRange | null = null;
  #lastPollAt: number | null = null;
  #unreadable = 0;
  #lagMs = 0;

  /** @param signal - ends everything in hand */
  constructor(options: PollAccountOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  /** Polls once and tells the state. Never throws; after an abort it tells nothing. */
  async poll(): Promise<void> {
    const { now, onState } = this.#options;
    const begun = performance.now();
    let error: BreakwatchError | null = null;
    let apiState: ApiState | undefined;
    let isRead = false;
    try {
      this.#memory ??= await this.#begin();
      error = await this.#readOnline(this.#memory);
      await this.#readRecent(this.#memory);
      this.#lastPollAt = now();
      apiState = 'ok';
      isRead = true;
    } catch (thrown) {
      error = asBreakwatchError(thrown);
      apiState = API_STATES[error.code];
      if (error.code === 'CSS_BAD_REQUEST') {
        this.#lagMs = Math.min(MOST_LAG_MS, Math.max(FIRST_LAG_MS, this.#lagMs * 2));
      }
    }
    if (this.#signal.aborted) {
      return;
    }
    onState({
      lastPollAt: this.#lastPollAt,
      error: error ?? this.#pastError,
      ...(apiState ? { apiState } : {}),
      durationMs: performance.now() - begun,
      backfill: this.#progress(),
      unreadable: this.#unreadable,
    });
    if (isRead) {
      await this.#readPast();
    }
  }

  async #begin(): Promise<PollMemory> {
    const { account, store, now, backfillMs } = this.#options;
    const cursor = wholeSecond(now());
    const oldest = cursor - backfillMs;
    const known = readPollMemory(await store.getState(`poll:${account}`));
    this.#lookAt = cursor + WIDE_LOOK_EVERY_MS;
    if (!known) {
      return {
        cursor,
        pending: addRange([], { from: oldest, to: cursor - OVERLAP_MS }),
        oldest,
        listsByEnd: false,
        listsAllApps: false,
        apps: [],
      };
    }
    if (oldest < known.oldest) {
      known.pending = addRange(known.pending, { from: oldest, to: known.oldest });
      known.oldest = oldest;
    }
    return known;
  }

  #save(memory: PollMemory): Promise<void> {
    const { account, store } = this.#options;
    return store.setState(`poll:${account}`, memory);
  }

  /** Reads what ended since the last poll, and moves the cursor. */
  async #readRecent(memory: PollMemory): Promise<void> {
    const to = wholeSecond(this.#options.now() - this.#lagMs);
    if (to - memory.cursor > LONGEST_CATCH_UP_MS) {
      const from = memory.cursor - OVERLAP_MS;
      memory.pending = addRange(memory.pending, { from, to: to - OVERLAP_MS });
      memory.cursor = to;
      await this.#save(memory);
    }
    // A clock that was set back must not ask for what has not happened yet.
    const begin = Math.min(memory.cursor, to) - OVERLAP_MS;
    // A poll that failed half-way is taken up where it stopped, or a bad API would let none end.
    let from = this.#resumeAt > begin && this.#resumeAt < to ? this.#resumeAt : begin;
    do {
      const range = { from, to: Math.min(from + this.#recentStride.ms, to) };
      try {
        for await (const _page of this.#read(range, memory)) {
          // Each page is handed on while it is read.
        }
      } catch (thrown) {
        this.#recentStride.failed(range);
        throw thrown;
      }
      this.#recentStride.succeeded();
      from = range.to;
      this.#resumeAt = from;
    } while (from < to);
    this.#resumeAt = Number.NEGATIVE_INFINITY;
    memory.cursor = to;
    this.#planLook(memory, to);
    await this.#save(memory);
  }

  /** Puts a part of the past on the list again when it is time for another look. */
  #planLook(memory: PollMemory, now: number): void {
    if (memory.pending.length === 0 && now >= this.#lookAt) {
      const span = memory.listsByEnd ? SECOND_LOOK_MS : WIDE_LOOK_MS;
      memory.pending = addRange([], { from: now - span, to: now - OVERLAP_MS });
      this.#lookBeganAt = now;
    }
  }

  /** Plans the next look once all that was pending is read. */
  #endLook(memory: PollMemory, now: number): void {
    if (this.#lookBeganAt !== undefined) {
      const least = memory.listsByEnd ? SECOND_LOOK_EVERY_MS : WIDE_LOOK_EVERY_MS;
      this.#lookAt = now + Math.max(least, LOOK_SHARE * (now - this.#lookBeganAt));
      this.#lookBeganAt = undefined;
    }
  }

  /** Reads a range, yielding after each page. */
  async *#read(range: TimeRange, memory: PollMemory): AsyncGenerator<void, void> {
    const { client } = this.#options;
    for (const app of [undefined, ...memory.apps]) {
      if (app !== undefined && memory.listsAllApps) {
        return;
      }
      for await (const page of client.streamEvents({ ...range, app }, this.#signal)) {
        this.#learn(page, range, app, memory);
        await this.#hand(page);
        yield;
      }
    }
  }

  /** Takes note of what the documents leave open. */
  #learn(
    page: readonly StreamEventInfo[],
    range: TimeRange,
    app: string | undefined,
    memory: PollMemory,
  ): void {
    for (const { AppName, StreamStartTime, StreamEndTime } of page) {
      if (app === undefined && AppName && AppName !== DEFAULT_APP) {
        memory.listsAllApps = true;
      }
      const startedAt = parseCssTime(StreamStartTime);
      const endedAt = parseCssTime(StreamEndTime);
      if (startedAt !== null && endedAt !== null) {
        const isInside = endedAt >= range.from && endedAt <= range.to;
        memory.listsByEnd ||= isInside && startedAt < range.from;
      }
    }
  }

  async #hand(page: readonly StreamEventInfo[]): Promise<void> {
    const { account, now } = this.#options;
    const entries: JournalEntry[] = [];
    for (const info of page) {
      try {
        entries.push(apiEntry(account, info, now()));
      } catch {
        // One strange record must not hide all others.
        this.#unreadable += 1;
      }
    }
    const fresh = this.#recent.unknown(entries);
    await this.#accept(fresh);
    this.#recent.remember(entries);
  }

  async #accept(entries: readonly JournalEntry[]): Promise<void> {
    for (let index = 0; index < entries.length; index += MAX_ENTRIES_AT_ONCE) {
      this.#signal.throwIfAborted();
      await this.#options.accept(entries.slice(index, index + MAX_ENTRIES_AT_ONCE));
    }
  }

  /**
   * Once a minute, hands on which pushes are live.
   *
   * @returns what went wrong; the event list is worth a try even so
   */
  async #readOnline(memory: PollMemory): Promise<BreakwatchError | null> {
    const { account, client, now } = this.#options;
    const at = now();
    if (at - this.#onlineAt < ONLINE_EVERY_MS && at >= this.#onlineAt) {
      return null;
    }
    try {
      const streams = await client.onlineStreams(this.#signal);
      const entries = streams.flatMap((stream) => onlineEntries(account, stream, at));
      await this.#accept(entries.filter((entry) => !this.#online.has(entry.key)));
      this.#online = new Set(entries.map((entry) => entry.key));
      this.#learnApps(
        streams.map((stream) => stream.app),
        memory,
        at,
      );
      this.#onlineAt = at;
      return null;
    } catch (thrown) {
      this.#signal.throwIfAborted();
      return asBreakwatchError(thrown);
    }
  }

  /** An AppName that was never asked for has a past to be read. */
  #learnApps(apps: readonly string[], memory: PollMemory, at: number): void {
    const known = new Set([DEFAULT_APP, '', ...memory.apps]);
    const fresh = [...new Set(apps)].filter((app) => !known.has(app));
    if (fresh.length === 0 || memory.listsAllApps) {
      return;
    }
    memory.apps = [...memory.apps, ...fresh].slice(0, MAX_APPS);
    const from = Math.max(memory.oldest, at - this.#options.backfillMs);
    memory.pending = addRange(memory.pending, { from, to: wholeSecond(at) - OVERLAP_MS });
  }

  /** Reads on in the past until its share of time is over. */
  async #readPast(): Promise<void> {
    const { now, pollSeconds } = this.#options;
    const memory = this.#memory as PollMemory;
    const sinceFailure = now() - this.#pastFailedAt;
    const wait = Math.min(BACKFILL_RETRY_MS, pollSeconds * 500 * 2 ** this.#pastFailures);
    if (sinceFailure >= 0 && sinceFailure < wait) {
      return;
    }
    const until = performance.now() + pollSeconds * 1_000 * BACKFILL_SHARE;
    this.#past ??= this.#readPending(memory);
    try {
      do {
        const { done } = await this.#past.next();
        if (done) {
          this.#past = undefined;
          this.#pastError = null;
          return;
        }
      } while (performance.now() < until);
    } catch (thrown) {
      this.#past = undefined;
      if (!this.#signal.aborted) {
        this.#pastFailedAt = now();
        this.#pastFailures += 1;
        this.#pastError = asBreakwatchError(thrown);
      }
    }
  }

  /** Reads all that is pending, part by part; a part is struck off once it is read whole. */
  async *#readPending(memory: PollMemory): AsyncGenerator<void, void> {
    for (;;) {
      const reach = wholeSecond(this.#options.now()) - REACH_MS;
      memory.pending = removeRange(memory.pending, { from: 0, to: reach });
      const part = newestPart(memory.pending, this.#pastStride.ms);
      if (!part) {
        this.#endLook(memory, this.#options.now());
        await this.#save(memory);
        return;
      }
      try {
        yield* this.#read(part, memory);
      } catch (thrown) {
        this.#pastStride.failed(part);
        throw thrown;
      }
      this.#pastStride.succeeded();
      this.#pastFailures = 0;
      memory.pending = removeRange(memory.pending, part);
      await this.#save(memory);
    }
  }

  #progress(): BackfillProgress | null {
    const pending = this.#memory?.pending;
    const first = pending?.[0];
    const last = pending?.at(-1);
    if (!pending) {
      return null;
    }
    if (!first || !last) {
      return this.#span && { ...this.#span, remainingMs: 0, done: true };
    }
    this.#span = {
      from: Math.min(this.#span?.from ?? first.from, first.from),
      to: Math.max(this.#span?.to ?? last.to, last.to),
    };
    const remainingMs = pending.reduce((sum, { from, to }) => sum + to - from, 0);
    return { ...this.#span, remainingMs, done: false };
  }
}

function wholeSecond(time: number): number {
  return Math.floor(time / 1_000) * 1_000;
}
