import type { CssClient } from '../../css/api/index.ts';
import type { JournalEntry } from '../../model/break.ts';
import type { BreakwatchError } from '../../model/errors.ts';
import type { BackfillProgress } from '../../model/health.ts';
import { asBreakwatchError } from '../../secrets/masked-error.ts';
import type { Store } from '../../store/store.ts';
import type { ApiState } from '../derive/derive-entries.ts';
import { PollBackfill } from './poll-backfill.ts';
import { EventListReader, OnlineListReader } from './poll-reader.ts';
import {
  addUnread,
  newPollState,
  OVERLAP_MS,
  type PollState,
  PollWindow,
  readPollState,
  wholeSecond,
} from './poll-state.ts';

/** The status of polling one account, reported after each poll. */
export interface PollStatus {
  /** When the last successful poll ended, epoch ms UTC; null before the first. */
  lastPollAt: number | null;
  /** When the list of live streams was last read, epoch ms UTC; null before the first time. */
  liveListAt: number | null;
  /** The error of the poll or of a part of it; null if everything succeeded. */
  error: BreakwatchError | null;
  /** The account state that the API reported; absent if this poll does not show it. */
  apiState?: ApiState;
  /** How long the poll took, ms. */
  durationMs: number;
  /** Null before the first poll has planned it. */
  backfill: BackfillProgress | null;
  /** Number of records since the start that could not be read as events and were skipped. */
  unreadable: number;
}

/** The options of a {@link PollAccount}. */
export interface PollAccountOptions {
  /** Breakwatch's name of the account. */
  account: string;
  client: CssClient;
  /** Stores the {@link PollState} under `poll:<account>`. */
  store: Pick<Store, 'getState' | 'setState'>;
  /** Time between polls, s. */
  pollSeconds: number;
  /** How far back the first poll reaches, ms. The API keeps 60 days. */
  backfillMs: number;
  /** The clock, epoch ms UTC. */
  now: () => number;
  /** Stores new entries; resolves once they are on disk. */
  accept: (entries: JournalEntry[]) => Promise<void>;
  onStatus: (state: PollStatus) => void;
}

/** A longer gap, ms, is read in the background, so that current events come first. */
const MAX_CATCH_UP_MS = 30 * 60_000;
/**
 * The API refuses a window that ends in its future. If it refuses one, this machine's clock may be
 * ahead, so later windows end earlier. A clock that is off by more than 5 minutes fails the signature
 * check anyway.
 */
const FIRST_LAG_MS = 15_000;
const MAX_LAG_MS = 5 * 60_000;

const API_STATES: Partial<Record<BreakwatchError['code'], ApiState>> = {
  CSS_CREDENTIALS: 'credentials',
  CSS_PERMISSION: 'permission',
  CSS_ACCOUNT_STOPPED: 'stopped',
  CSS_UNREACHABLE: 'unreachable',
  CSS_BAD_ANSWER: 'unreachable',
};

/**
 * Polls one account: first the recent ends, once a minute the live pushes, and in the remaining time
 * the pending ranges of the past, newest first.
 */
export class PollAccount {
  readonly #options: PollAccountOptions;
  readonly #signal: AbortSignal;
  readonly #reader: EventListReader;
  readonly #online: OnlineListReader;
  readonly #backfill: PollBackfill;
  readonly #window = new PollWindow(Number.POSITIVE_INFINITY);
  #state: PollState | undefined;
  #resumeAt = Number.NEGATIVE_INFINITY;
  #lastPollAt: number | null = null;
  #lagMs = 0;

  /** @param signal - cancels work in flight */
  constructor(options: PollAccountOptions, signal: AbortSignal) {
    const { now, pollSeconds } = options;
    this.#options = options;
    this.#signal = signal;
    this.#reader = new EventListReader(options, signal);
    this.#online = new OnlineListReader(options, this.#reader, signal);
    this.#backfill = new PollBackfill(
      { now, pollSeconds, signal, reader: this.#reader, save: (state) => this.#save(state) },
      wholeSecond(now()),
    );
  }

  /** Polls once and reports the status. Never throws. After an abort it reports nothing. */
  async poll(): Promise<void> {
    const { now, onStatus } = this.#options;
    const startedAt = performance.now();
    let error: BreakwatchError | null = null;
    let apiState: ApiState | undefined;
    let isRead = false;
    try {
      this.#state ??= await this.#loadState();
      error = await this.#online.read(this.#state);
      await this.#readRecent(this.#state);
      this.#lastPollAt = now();
      apiState = 'ok';
      isRead = true;
    } catch (thrown) {
      error = asBreakwatchError(thrown);
      apiState = API_STATES[error.code];
      if (error.code === 'CSS_BAD_REQUEST') {
        this.#lagMs = Math.min(MAX_LAG_MS, Math.max(FIRST_LAG_MS, this.#lagMs * 2));
      }
    }
    if (this.#signal.aborted) {
      return;
    }
    onStatus({
      lastPollAt: this.#lastPollAt,
      liveListAt: this.#online.readAt,
      error: error ?? this.#backfill.error,
      ...(apiState ? { apiState } : {}),
      durationMs: performance.now() - startedAt,
      backfill: this.#backfill.progress(this.#state),
      unreadable: this.#reader.unreadable,
    });
    if (isRead) {
      await this.#backfill.read(this.#state as PollState);
    }
  }

  async #loadState(): Promise<PollState> {
    const { account, store, now, backfillMs } = this.#options;
    const cursor = wholeSecond(now());
    const oldest = cursor - backfillMs;
    const known = readPollState(await store.getState(`poll:${account}`));
    if (!known) {
      const state = newPollState(cursor, oldest);
      addUnread(state, { from: oldest, to: cursor - OVERLAP_MS });
      return state;
    }
    if (oldest < known.oldest) {
      addUnread(known, { from: oldest, to: known.oldest });
      known.oldest = oldest;
    }
    return known;
  }

  #save(state: PollState): Promise<void> {
    const { account, store } = this.#options;
    return store.setState(`poll:${account}`, state);
  }

  /** Reads the events since the last poll and moves the cursor. */
  async #readRecent(state: PollState): Promise<void> {
    const to = wholeSecond(this.#options.now() - this.#lagMs);
    if (to - state.cursor > MAX_CATCH_UP_MS) {
      addUnread(state, { from: state.cursor - OVERLAP_MS, to: to - OVERLAP_MS });
      state.cursor = to;
      await this.#save(state);
    }
    // After the clock was set back, do not ask for the future.
    const start = Math.min(state.cursor, to) - OVERLAP_MS;
    // Continue a failed poll where it stopped. Otherwise no poll would finish while the API is unreliable.
    let from = this.#resumeAt > start && this.#resumeAt < to ? this.#resumeAt : start;
    do {
      const range = { from, to: Math.min(from + this.#window.ms, to) };
      try {
        for await (const _page of this.#reader.read(range, state)) {
          // The reader passes each page on while it reads.
        }
      } catch (thrown) {
        this.#window.failed(range);
        throw thrown;
      }
      this.#window.succeeded();
      from = range.to;
      this.#resumeAt = from;
    } while (from < to);
    this.#resumeAt = Number.NEGATIVE_INFINITY;
    state.cursor = to;
    this.#backfill.planReread(state, to);
    await this.#save(state);
  }
}
