import type { BreakwatchError } from '../../model/errors.ts';
import type { BackfillProgress } from '../../model/health.ts';
import { asBreakwatchError } from '../../secrets/masked-error.ts';
import {
  DAY_MS,
  newestPart,
  OVERLAP_MS,
  type PollMemory,
  PollStride,
  removeRange,
  wholeSecond,
} from './poll-memory.ts';
import type { PollReader } from './poll-reader.ts';

/** The API reaches 60 days back; a little less, so that a window does not fall off while it waits. */
const REACH_MS = 60 * DAY_MS - 3_600_000;
/** The past is read a day at a time. */
const PART_MS = DAY_MS;
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
const RETRY_MS = 60_000;
/** Part of the time between polls that reading the past may take after each. */
const SHARE = 0.6;
/** Sooner than this, in ms, nobody can say how long the rest will take. */
const ESTIMATE_AFTER_MS = 5_000;

/** What reading the past needs. */
export interface PollPastOptions {
  /** Time between polls, s. */
  pollSeconds: number;
  /** The clock, epoch ms UTC. */
  now: () => number;
  reader: Pick<PollReader, 'read'>;
  /** Keeps the memory for a later run. */
  save: (memory: PollMemory) => Promise<void>;
  /** Ends everything in hand. */
  signal: AbortSignal;
}

/**
 * Reads what an account's memory has pending, newest first, in the time that polls leave: what was
 * never read (back-fill), and what is looked at once more because records may have come late.
 */
export class PollPast {
  readonly #options: PollPastOptions;
  readonly #stride = new PollStride(PART_MS);
  #reading: AsyncGenerator<void, void> | undefined;
  #failures = 0;
  #failedAt = Number.NEGATIVE_INFINITY;
  #error: BreakwatchError | null = null;
  #lookAt: number;
  #lookBeganAt: number | undefined;
  /** When this run began with the back-fill in hand, and how much was left of it then. */
  #pace: { to: number; at: number; leftMs: number } | undefined;

  /** @param now - when polling begins, epoch ms UTC */
  constructor(options: PollPastOptions, now: number) {
    this.#options = options;
    this.#lookAt = now + WIDE_LOOK_EVERY_MS;
  }

  /** Why the past could not be read the last time it was tried. */
  get error(): BreakwatchError | null {
    return this.#error;
  }

  /** Puts a part of the past on the list again when it is time for another look. */
  planLook(memory: PollMemory, now: number): void {
    if (memory.pending.length === 0 && now >= this.#lookAt) {
      const span = memory.listsByEnd ? SECOND_LOOK_MS : WIDE_LOOK_MS;
      memory.pending = [{ from: now - span, to: now - OVERLAP_MS }];
      memory.isLook = true;
      this.#lookBeganAt = now;
    }
  }

  /** Reads on until its share of time is over. Never throws. */
  async read(memory: PollMemory): Promise<void> {
    const { now, pollSeconds, signal } = this.#options;
    const sinceFailure = now() - this.#failedAt;
    const wait = Math.min(RETRY_MS, pollSeconds * 500 * 2 ** this.#failures);
    if (sinceFailure >= 0 && sinceFailure < wait) {
      return;
    }
    const until = performance.now() + pollSeconds * 1_000 * SHARE;
    this.#reading ??= this.#readPending(memory);
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
        this.#error = asBreakwatchError(thrown);
      }
    }
  }

  /** How far back-fill has come; null when there was none. */
  progress(memory: PollMemory | undefined): BackfillProgress | null {
    if (!memory?.backfill) {
      return null;
    }
    const { from, to } = memory.backfill;
    const newest = memory.isLook ? undefined : memory.pending.at(-1);
    if (!newest) {
      this.#pace = undefined;
      return { from, to, doneUntil: from, remainingMs: 0, etaMs: 0, done: true };
    }
    const remainingMs = memory.pending.reduce((sum, range) => sum + range.to - range.from, 0);
    return {
      from,
      to,
      doneUntil: newest.to,
      remainingMs,
      etaMs: this.#estimate(to, remainingMs),
      done: false,
    };
  }

  /** How long the rest takes if it goes on as it went in this run. */
  #estimate(to: number, leftMs: number): number | null {
    const at = this.#options.now();
    if (this.#pace?.to !== to || leftMs > this.#pace.leftMs) {
      this.#pace = { to, at, leftMs };
    }
    const readMs = this.#pace.leftMs - leftMs;
    const tookMs = at - this.#pace.at;
    return readMs > 0 && tookMs >= ESTIMATE_AFTER_MS
      ? Math.round((tookMs / readMs) * leftMs)
      : null;
  }

  /** Reads all that is pending, part by part; a part is struck off once it is read whole. */
  async *#readPending(memory: PollMemory): AsyncGenerator<void, void> {
    const { now, reader, save } = this.#options;
    for (;;) {
      const reach = wholeSecond(now()) - REACH_MS;
      memory.pending = removeRange(memory.pending, { from: 0, to: reach });
      const part = newestPart(memory.pending, this.#stride.ms);
      if (!part) {
        memory.isLook = false;
        this.#endLook(memory, now());
        await save(memory);
        return;
      }
      try {
        yield* reader.read(part, memory);
      } catch (thrown) {
        this.#stride.failed(part);
        throw thrown;
      }
      this.#stride.succeeded();
      this.#failures = 0;
      memory.pending = removeRange(memory.pending, part);
      await save(memory);
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
}
