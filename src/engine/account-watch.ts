import type { AccountHealth, AnswerError } from '../model/query.ts';
import type { Account } from './account.ts';
import type { ApiState } from './build-facts.ts';
import type { PollState } from './poller.ts';

/** Without a successful poll for this long, in ms, an account is blind. */
export const BLIND_AFTER_MS = 60_000;

/** How collection of one account is doing. Times are epoch ms UTC. */
export class AccountWatch {
  readonly #account: Account;
  readonly #startedAt: number;
  #lastPollAt: number | null = null;
  #lastCallbackAt: number | null = null;
  #error: AnswerError | null = null;
  #apiState: ApiState | undefined;

  constructor(account: Account, startedAt: number) {
    this.#account = account;
    this.#startedAt = startedAt;
  }

  /** What the API said last; undefined while it was never asked. */
  get apiState(): ApiState | undefined {
    return this.#apiState;
  }

  /** Takes note of a poll. */
  polled(state: PollState): void {
    this.#lastPollAt = state.lastPollAt ?? this.#lastPollAt;
    this.#error = state.error?.toAnswer() ?? null;
    this.#apiState = state.apiState ?? this.#apiState;
  }

  /** Takes note of an accepted callback. */
  calledBack(at: number): void {
    this.#lastCallbackAt = at;
  }

  /** The state now. */
  health(now: number): AccountHealth {
    return {
      account: this.#account.name,
      state: this.#state(now),
      lastPollAt: this.#lastPollAt,
      lastCallbackAt: this.#lastCallbackAt,
      error: this.#error,
    };
  }

  #state(now: number): AccountHealth['state'] {
    if (!this.#account.credentials) {
      return 'unverified';
    }
    if (now - (this.#lastPollAt ?? this.#startedAt) > BLIND_AFTER_MS) {
      return 'blind';
    }
    return this.#lastPollAt === null ? 'starting' : 'ok';
  }
}
