import type { AnswerError, BreakwatchError } from '../../model/errors.ts';

/** Requests do not wait for a longer backlog. Otherwise every view would be slow during a storm. */
const MAX_BEHIND = 500;
const MAX_WAIT_MS = 2_000;

/**
 * How far deriving has followed the journal. Once a callback is acknowledged, its sender expects to see
 * it in the next answer, so answers wait a moment until new entries are derived.
 */
export class DeriveProgress {
  #journalled = 0;
  #derived = 0;
  #error: AnswerError | null = null;
  #waiting = new Set<() => void>();
  readonly #maxWaitMs: number;

  /** @param maxWaitMs - maximum time that an answer waits, ms */
  constructor(maxWaitMs = MAX_WAIT_MS) {
    this.#maxWaitMs = maxWaitMs;
  }

  /** Records the seq of a new journal entry. */
  journalled(seq: number): void {
    this.#journalled = Math.max(this.#journalled, seq);
  }

  /** Records the seq up to which everything is derived. */
  derived(cursor: number): void {
    this.#derived = Math.max(this.#derived, cursor);
    this.#error = null;
    for (const check of [...this.#waiting]) {
      check();
    }
  }

  /** The number of entries that are not derived yet, and the error that stops deriving; null for none. */
  get health(): { behind: number; error: AnswerError | null } {
    const behind = Math.max(0, this.#journalled - this.#derived);
    // A replaced thread that finds no entries reports nothing, so the error may be out of date.
    return { behind, error: behind > 0 ? this.#error : null };
  }

  /** Records that deriving failed. Answers do not wait until it works again. */
  failed(error: BreakwatchError): void {
    this.#error = error.toAnswer();
    for (const check of [...this.#waiting]) {
      check();
    }
  }

  /** Resolves when everything up to a new entry is derived, however long that takes. */
  untilDerivedTo(seq: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const check = () => {
      if (this.#derived >= seq) {
        this.#waiting.delete(check);
        resolve();
      }
    };
    this.#waiting.add(check);
    check();
    return promise;
  }

  /** Resolves when all entries up to the newest one that is known now are derived; never before one is known. */
  untilAllDerived(): Promise<void> {
    return this.#journalled > 0 ? this.untilDerivedTo(this.#journalled) : new Promise(() => {});
  }

  /** Resolves when all entries journalled so far are derived, or earlier if that takes too long. */
  untilDerived(): Promise<void> {
    const target = this.#journalled;
    const behind = target - this.#derived;
    if (behind <= 0 || behind > MAX_BEHIND || this.#error) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve();
      };
      const check = () => {
        if (this.#derived >= target || this.#error) {
          done();
        }
      };
      const timer = setTimeout(done, this.#maxWaitMs);
      this.#waiting.add(check);
    });
  }
}
