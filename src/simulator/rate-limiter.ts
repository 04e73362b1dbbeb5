import { ApiError } from './api-error.ts';

/** Counts calls of each action by the second, as the API does for a whole account. */
export class RateLimiter {
  readonly #limits: Record<string, number>;
  readonly #counts = new Map<string, { second: number; calls: number }>();

  /** @param limits calls a second by action; an action not named has none */
  constructor(limits: Record<string, number>) {
    this.#limits = limits;
  }

  /**
   * Counts one call at `now` (ms since the epoch).
   *
   * @throws ApiError RequestLimitExceeded beyond the action's limit
   */
  take(action: string, now: number): void {
    const limit = this.#limits[action];
    if (limit === undefined) return;
    const second = Math.floor(now / 1000);
    const count = this.#counts.get(action);
    if (!count || count.second !== second) {
      this.#counts.set(action, { second, calls: 1 });
      return;
    }
    count.calls += 1;
    if (count.calls > limit) {
      throw new ApiError(
        'RequestLimitExceeded',
        `Your current request times equals to \`${count.calls}\` in a second, which exceeds the frequency limit \`${limit}\` for a second. Please reduce the frequency of calls.`,
      );
    }
  }
}
