/** What is to be closed one day: the last opened first. */
export class CloseInTurn {
  readonly #ends: (() => unknown)[] = [];
  #closing: Promise<void> | undefined;

  /** Adds what ends something that was opened just now. */
  add(end: () => unknown): void {
    this.#ends.push(end);
  }

  /** Closes all, also when one fails to. A second call waits for the first. @throws what the first that failed threw */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const end of this.#ends.splice(0).reverse()) {
      try {
        await end();
      } catch (thrown) {
        failures.push(thrown);
      }
    }
    if (failures.length > 0) {
      throw failures[0];
    }
  }
}
