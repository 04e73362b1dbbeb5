/** Counts calls that are being answered, so that an end of the process can wait for them. */
export class CallsInHand {
  #count = 0;
  #closed = false;
  #whenNone: (() => void)[] = [];

  /** Whether no new calls are taken. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Does the work of one call. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#count += 1;
    try {
      return await work();
    } finally {
      this.#count -= 1;
      if (this.#count === 0) {
        for (const resolve of this.#whenNone.splice(0)) {
          resolve();
        }
      }
    }
  }

  /** Takes no more calls and waits for those in hand. */
  async drain(): Promise<void> {
    this.#closed = true;
    if (this.#count > 0) {
      await new Promise<void>((resolve) => this.#whenNone.push(resolve));
    }
  }
}
