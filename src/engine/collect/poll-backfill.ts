import type { BreakwatchError } from '../../model/errors.ts';
import type { BackfillProgress } from '../../model/health.ts';
import { backoffMs } from '../../model/time.ts';
import { asBreakwatchError } from '../../secrets/masked-error.ts';
import type { EventListReader } from './poll-reader.ts';
import {
  DAY_MS,
  newestPart,
  OVERLAP_MS,
  type PollState,
  PollWindow,
  removeRange,
  wholeSecond,
} from './poll-state.ts';

/** The API keeps 60 days. We ask for an hour less, so that a window does not expire while it waits. */
const REACH_MS = 60 * DAY_MS - 3_600_000;
/** Maximum length of one window of the past, ms. */
const PART_MS = DAY_MS;
/** How late records may appear is not documented, so the last 3 hours are read again every hour. */
const REREAD_EVERY_MS = 3_600_000;
const REREAD_SPAN_MS = 3 * 3_600_000;
/**
 * The documentation does not say whether a window lists pushes by their start or by their end. Until
 * the API is seen to list them by their end, the last day is read again every minute. Otherwise long
 * pushes would be missed.
 */
const WIDE_REREAD_EVERY_MS = 60_000;
const WIDE_REREAD_SPAN_MS = DAY_MS;
/** Rereading may take at most one part in this many of the time. */
const REREAD_SHARE = 20;
const MAX_RETRY_MS = 60_000;
/** Part of the time between two polls that may be spent on reading the past. */
const SHARE = 0.6;
/** No estimate of the remaining time is made before this, ms. */
const ESTIMATE_AFTER_MS = 5_000;

/** The options of a {@link PollBackfill}. */
export interface PollBackfillOptions {
  /** Time between polls, s. */
  pollSeconds: number;
  /** The clock, epoch ms UTC. */
  now: () => number;
  reader: Pick<EventListReader, 'read'>;
  /** Stores the state for a later run. */
  save: (state: PollState) => Promise<void>;
  /** Cancels work in flight. */
  signal: AbortSignal;
}

/**
 * Reads the pending ranges of an account, newest first, in the time between polls: ranges that were
 * never read (back-fill), and ranges that are read again because records may have come late.
 */
export class PollBackfill {
  readonly #options: PollBackfillOptions;
  readonly #window = new PollWindow(PART_MS);
  #reading: AsyncGenerator<void, void> | undefined;
  #failures = 0;
  #failedAt = Number.NEGATIVE_INFINITY;
  /** Wait after the last failure, ms. */
  #retryMs = 0;
  #error: BreakwatchError | null = null;
  #rereadAt: number;
  #rereadBeganAt: number | undefined;
  /** When this run began the current back-fill, and how much was left at that time. */
  #runStart: { to: number; at: number; leftMs: number } | undefined;

  /** @param now - when polling begins, epoch ms UTC */
  constructor(options: PollBackfillOptions, now: number) {
    this.#options = options;
    this.#rereadAt = now + WIDE_REREAD_EVERY_MS;
  }

  /** The error of the last attempt to read the past; null if it succeeded. */
  get error(): BreakwatchError | null {
    return this.#error;
  }

  /** Adds the last hours to the pending ranges when it is time to read them again. */
  planReread(state: PollState, now: number): void {
    if (state.pending.length === 0 && now >= this.#rereadAt) {
      const span = state.listsByEnd ? REREAD_SPAN_MS : WIDE_REREAD_SPAN_MS;
      state.pending = [{ from: now - span, to: now - OVERLAP_MS }];
      state.isReread = true;
      this.#rereadBeganAt = now;
    }
  }

  /** Continues to read until its share of the time is used. Never throws. */
  async read(state: PollState): Promise<void> {
    const { now, pollSeconds, signal } = this.#options;
    const sinceFailure = now() - this.#failedAt;
    if (sinceFailure >= 0 && sinceFailure < this.#retryMs) {
      return;
    }
    const until = performance.now() + pollSeconds * 1_000 * SHARE;
    this.#reading ??= this.#readPending(state);
    try {
      do {
        const { done } = await this.#reading.next();
        if (done) {
          this.#reading = undefined;
          this.#error = null;
          return;
        }
      } while (performance.now() < until);
    } catch (thrown) {
      this.#reading = undefined;
      if (!signal.aborted) {
        this.#failedAt = now();
        this.#failures += 1;
        const backoff = { firstMs: pollSeconds * 1_000, maxMs: MAX_RETRY_MS };
        this.#retryMs = backoffMs(backoff, this.#failures);
        this.#error = asBreakwatchError(thrown);
      }
    }
  }

  /** Returns the progress of the back-fill; null if there was none. */
  progress(state: PollState | undefined): BackfillProgress | null {
    if (!state?.backfill) {
      return null;
    }
    const { from, to } = state.backfill;
    const newest = state.isReread ? undefined : state.pending.at(-1);
    if (!newest) {
      this.#runStart = undefined;
      return { from, to, doneUntil: from, remainingMs: 0, etaMs: 0, done: true };
    }
    const remainingMs = state.pending.reduce((sum, range) => sum + range.to - range.from, 0);
    return {
      from,
      to,
      doneUntil: newest.to,
      remainingMs,
      etaMs: this.#estimate(to, remainingMs),
      done: false,
    };
  }

  /** Estimates the remaining time, ms, from the speed of this run. */
  #estimate(to: number, leftMs: number): number | null {
    const at = this.#options.now();
    if (this.#runStart?.to !== to || leftMs > this.#runStart.leftMs) {
      this.#runStart = { to, at, leftMs };
    }
    const readMs = this.#runStart.leftMs - leftMs;
    const tookMs = at - this.#runStart.at;
    return readMs > 0 && tookMs >= ESTIMATE_AFTER_MS
      ? Math.round((tookMs / readMs) * leftMs)
      : null;
  }

  /** Reads all pending ranges part by part. A part is removed once it is read completely. */
  async *#readPending(state: PollState): AsyncGenerator<void, void> {
    const { now, reader, save } = this.#options;
    for (;;) {
      const reach = wholeSecond(now()) - REACH_MS;
      state.pending = removeRange(state.pending, { from: 0, to: reach });
      const part = newestPart(state.pending, this.#window.ms);
      if (!part) {
        state.isReread = false;
        this.#finishReread(state, now());
        await save(state);
        return;
      }
      try {
        yield* reader.read(part, state);
      } catch (thrown) {
        this.#window.failed(part);
        throw thrown;
      }
      this.#window.succeeded();
      this.#failures = 0;
      state.pending = removeRange(state.pending, part);
      await save(state);
    }
  }

  /** Plans the next reread once no range is pending. */
  #finishReread(state: PollState, now: number): void {
    if (this.#rereadBeganAt !== undefined) {
      const minMs = state.listsByEnd ? REREAD_EVERY_MS : WIDE_REREAD_EVERY_MS;
      this.#rereadAt = now + Math.max(minMs, REREAD_SHARE * (now - this.#rereadBeganAt));
      this.#rereadBeganAt = undefined;
    }
  }
}
