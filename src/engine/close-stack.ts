/** Closes what was opened, in reverse order. */
export class CloseStack {
  readonly #closers: (() => unknown)[] = [];
  #closing: Promise<void> | undefined;

  /** Adds a function that closes what was just opened. */
  add(close: () => unknown): void {
    this.#closers.push(close);
  }

  /**
   * Closes everything, even if one fails. A second call waits for the first.
   *
   * @throws the first error
   */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#closers.splice(0).reverse()) {
      try {
        await close();
      } catch (thrown) {
        failures.push(thrown);
      }
    }
    if (failures.length > 0) {
      throw failures[0];
    }
  }
}
