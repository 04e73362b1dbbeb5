import type { CssClient } from '../../css/api/index.ts';
import type { JournalEntry } from '../../model/break.ts';
import type { BreakwatchError } from '../../model/errors.ts';
import type { BackfillProgress } from '../../model/health.ts';
import { asBreakwatchError } from '../../secrets/masked-error.ts';
import type { Store } from '../../store/store.ts';
import type { ApiState } from '../derive/derive-entries.ts';
import {
  addUnread,
  newPollMemory,
  OVERLAP_MS,
  type PollMemory,
  PollStride,
  readPollMemory,
  wholeSecond,
} from './poll-memory.ts';
import { PollOnline } from './poll-online.ts';
import { PollPast } from './poll-past.ts';
import { PollReader } from './poll-reader.ts';

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

/** A gap longer than this is read in the background, so that what happens now is seen first. */
const MAX_CATCH_UP_MS = 30 * 60_000;
/**
 * The API refuses a window that ends after its own now. When it refuses one, this machine's clock
 * may be ahead, so later windows end earlier; by more than 5 minutes no signature is taken.
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
 * Polls one account: what ended lately, once a minute what is live, and, in the time that is left,
 * what is still to be read of the past, newest first.
 */
export class PollAccount {
  readonly #options: PollAccountOptions;
  readonly #signal: AbortSignal;
  readonly #reader: PollReader;
  readonly #online: PollOnline;
  readonly #past: PollPast;
  readonly #stride = new PollStride(Number.POSITIVE_INFINITY);
  #memory: PollMemory | undefined;
  #resumeAt = Number.NEGATIVE_INFINITY;
  #lastPollAt: number | null = null;
  #lagMs = 0;

  /** @param signal - ends everything in hand */
  constructor(options: PollAccountOptions, signal: AbortSignal) {
    const { now, pollSeconds } = options;
    this.#options = options;
    this.#signal = signal;
    this.#reader = new PollReader(options, signal);
    this.#online = new PollOnline(options, this.#reader, signal);
    this.#past = new PollPast(
      { now, pollSeconds, signal, reader: this.#reader, save: (memory) => this.#save(memory) },
      wholeSecond(now()),
    );
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
      error = await this.#online.read(this.#memory);
      await this.#readRecent(this.#memory);
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
    onState({
      lastPollAt: this.#lastPollAt,
      error: error ?? this.#past.error,
      ...(apiState ? { apiState } : {}),
      durationMs: performance.now() - begun,
      backfill: this.#past.progress(this.#memory),
      unreadable: this.#reader.unreadable,
    });
    if (isRead) {
      await this.#past.read(this.#memory as PollMemory);
    }
  }

  async #begin(): Promise<PollMemory> {
    const { account, store, now, backfillMs } = this.#options;
    const cursor = wholeSecond(now());
    const oldest = cursor - backfillMs;
    const known = readPollMemory(await store.getState(`poll:${account}`));
    if (!known) {
      const memory = newPollMemory(cursor, oldest);
      addUnread(memory, { from: oldest, to: cursor - OVERLAP_MS });
      return memory;
    }
    if (oldest < known.oldest) {
      addUnread(known, { from: oldest, to: known.oldest });
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
    if (to - memory.cursor > MAX_CATCH_UP_MS) {
      addUnread(memory, { from: memory.cursor - OVERLAP_MS, to: to - OVERLAP_MS });
      memory.cursor = to;
      await this.#save(memory);
    }
    // A clock that was set back must not ask for what has not happened yet.
    const begin = Math.min(memory.cursor, to) - OVERLAP_MS;
    // A poll that failed half-way is taken up where it stopped, or a bad API would let none end.
    let from = this.#resumeAt > begin && this.#resumeAt < to ? this.#resumeAt : begin;
    do {
      const range = { from, to: Math.min(from + this.#stride.ms, to) };
      try {
        for await (const _page of this.#reader.read(range, memory)) {
          // Each page is handed on while it is read.
        }
      } catch (thrown) {
        this.#stride.failed(range);
        throw thrown;
      }
      this.#stride.succeeded();
      from = range.to;
      this.#resumeAt = from;
    } while (from < to);
    this.#resumeAt = Number.NEGATIVE_INFINITY;
    memory.cursor = to;
    this.#past.planLook(memory, to);
    await this.#save(memory);
  }
}
