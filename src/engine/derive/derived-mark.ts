import type { AnswerError, BreakwatchError } from '../../model/errors.ts';

/** A backlog longer than this is a storm: waiting for it would make every view slow. */
const MAX_BEHIND = 500;
const MAX_WAIT_MS = 2_000;

/**
 * How far deriving has come behind the journal. Whoever was told that a callback is kept expects to
 * see it in the next answer, so answers wait a moment for what is only just journalled.
 */
export class DerivedMark {
  #journalled = 0;
  #derived = 0;
  #error: AnswerError | null = null;
  #waiting = new Set<() => void>();
  readonly #mostWaitMs: number;

  /** @param maxWaitMs - nobody waits for longer */
  constructor(maxWaitMs = MAX_WAIT_MS) {
    this.#mostWaitMs = maxWaitMs;
  }

  /** Takes note of a new entry's place in the journal. */
  journalled(seq: number): void {
    this.#journalled = Math.max(this.#journalled, seq);
  }

  /** Takes note of the place up to which all is derived. */
  derived(cursor: number): void {
    this.#derived = Math.max(this.#derived, cursor);
    this.#error = null;
    for (const check of [...this.#waiting]) {
      check();
    }
  }

  /** How many entries are not derived yet, and why it does not go on; null when it does. */
  get health(): { behind: number; error: AnswerError | null } {
    const behind = Math.max(0, this.#journalled - this.#derived);
    // A thread that was replaced and finds nothing to do tells nothing.
    return { behind, error: behind > 0 ? this.#error : null };
  }

  /** Takes note that deriving has failed: until it goes on, nobody waits for it. */
  failed(error: BreakwatchError): void {
    this.#error = error.toAnswer();
    for (const check of [...this.#waiting]) {
      check();
    }
  }

  /** Resolves when all that is journalled now is derived, or at once or soon when that takes long. */
  caughtUp(): Promise<void> {
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
      const timer = setTimeout(done, this.#mostWaitMs);
      this.#waiting.add(check);
    });
  }
}
