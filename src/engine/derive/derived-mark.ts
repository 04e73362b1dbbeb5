/** A backlog longer than this is a storm: waiting for it would make every view slow. */
const MOST_BEHIND = 500;
const MOST_WAIT_MS = 2_000;

/**
 * How far deriving has come behind the journal. Whoever was told that a callback is kept expects to
 * see it in the next answer, so answers wait a moment for what is only just journalled.
 */
export class DerivedMark {
  #journalled = 0;
  #derived = 0;
  #isFailing = false;
  #waiting = new Set<() => void>();
  readonly #mostWaitMs: number;

  /** @param mostWaitMs - nobody waits for longer */
  constructor(mostWaitMs = MOST_WAIT_MS) {
    this.#mostWaitMs = mostWaitMs;
  }

  /** Takes note of a new entry's place in the journal. */
  journalled(seq: number): void {
    this.#journalled = Math.max(this.#journalled, seq);
  }

  /** Takes note of the place up to which all is derived. */
  derived(cursor: number): void {
    this.#derived = Math.max(this.#derived, cursor);
    this.#isFailing = false;
    for (const check of [...this.#waiting]) {
      check();
    }
  }

  /** Takes note that deriving has failed: until it goes on, nobody waits for it. */
  failed(): void {
    this.#isFailing = true;
    for (const check of [...this.#waiting]) {
      check();
    }
  }

  /** Resolves when all that is journalled now is derived, or at once or soon when that takes long. */
  caughtUp(): Promise<void> {
    const target = this.#journalled;
    const behind = target - this.#derived;
    if (behind <= 0 || behind > MOST_BEHIND || this.#isFailing) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve();
      };
      const check = () => {
        if (this.#derived >= target || this.#isFailing) {
          done();
        }
      };
      const timer = setTimeout(done, this.#mostWaitMs);
      this.#waiting.add(check);
    });
  }
}
