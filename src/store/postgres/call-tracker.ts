import { BreakwatchError } from '../../model/errors.ts';

/** Lets a store finish the calls that came before it was closed: one may need several statements. */
export class CallTracker {
  readonly #running = new Set<Promise<unknown>>();
  #isClosed = false;

  /** The same methods, whose calls are waited for. All return promises. */
  track<Methods extends object>(methods: Methods): Methods {
    const tracked = Object.entries(methods).map(([name, method]) => [
      name,
      (...given: unknown[]) => this.#run(() => method(...given)),
    ]);
    return Object.fromEntries(tracked);
  }

  /** Refuses calls from now on with `STORE_FAILED`, and resolves when those before have ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#running);
  }

  async #run<T>(call: () => Promise<T>): Promise<T> {
    if (this.#isClosed) {
      throw new BreakwatchError('STORE_FAILED', { problem: 'the store is closed' });
    }
    const running = call();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }
}
