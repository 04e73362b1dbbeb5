import type { TimeRange } from '../../store/store.ts';

/** Less than this, in ms, is not worth a window of its own. */
const MIN_MS = 15_000;
const SECOND_MS = 1_000;

/**
 * How much time one window should cover. Reading a window of many pages fails as a whole when one
 * page does, so with an API that often fails only small windows are ever read to their end: each
 * failure makes them smaller, each success larger again.
 */
export class PollStride {
  readonly #most: number;
  #ms: number;

  /** @param max - length of a window while all goes well, ms */
  constructor(max: number) {
    this.#most = max;
    this.#ms = max;
  }

  /** Length of the next window, whole seconds in ms. */
  get ms(): number {
    return this.#ms;
  }

  /** Takes note that a window could not be read. */
  failed({ from, to }: TimeRange): void {
    const quarter = Math.floor((to - from) / 4 / SECOND_MS) * SECOND_MS;
    this.#ms = Math.min(this.#ms, Math.max(MIN_MS, quarter));
  }

  /** Takes note that a window was read to its end. */
  succeeded(): void {
    this.#ms = Math.min(this.#most, this.#ms * 2);
  }
}
