import type { BreakRecord } from '../model/break-record.ts';
import type { AccountHealth, AnswerError, BackfillProgress } from '../model/query.ts';
import type { Store } from '../store/store.ts';
import type { Account } from './account.ts';
import type { ApiState } from './build-facts.ts';
import { afterSight, type Coverage, gapsNow, readCoverage } from './coverage.ts';
import { MISSED_WINDOW_MS, MissedCallbacks } from './missed-callbacks.ts';
import type { PollState } from './poller.ts';

/** Without a successful poll for this long, in ms, an account is blind. */
export const BLIND_AFTER_MS = 60_000;
/** CSS repeats a callback 12 times, a minute apart; who was away for longer has missed some. */
const CALLBACKS_REPEATED_MS = 12 * 60_000;
const MOST_BREAKS_READ = 20_000;

/** How collection of one account is doing. Times are epoch ms UTC. */
export class AccountWatch {
  readonly #account: Account;
  readonly #startedAt: number;
  readonly #save: (coverage: Coverage) => void;
  readonly #missed: MissedCallbacks | undefined;
  #coverage: Coverage;
  #lastPollAt: number | null = null;
  #lastCallbackAt: number | null = null;
  #error: AnswerError | null = null;
  #apiState: ApiState | undefined;
  #backfill: BackfillProgress | null = null;

  /**
   * @param coverage - what an earlier run has left
   * @param save - keeps it for a later one
   */
  constructor(
    account: Account,
    startedAt: number,
    coverage: Coverage = readCoverage(undefined),
    save: (coverage: Coverage) => void = () => undefined,
  ) {
    this.#account = account;
    this.#startedAt = startedAt;
    this.#save = save;
    const hasCallbacks = account.callbackKeys.length > 0;
    const since = hasCallbacks ? (coverage.callbacksSince ?? startedAt) : null;
    this.#coverage = { ...coverage, callbacksSince: since };
    this.#missed = account.credentials && since !== null ? new MissedCallbacks(since) : undefined;
    this.listening(startedAt);
  }

  /**
   * Opens the watch of an account as an earlier run left it.
   *
   * @param onError - told when coverage can not be kept
   * @throws `STORE_FAILED`
   */
  static async open(
    account: Account,
    store: Store,
    startedAt: number,
    onError: (thrown: unknown) => void,
  ): Promise<AccountWatch> {
    const name = `coverage:${account.name}`;
    const watch = new AccountWatch(
      account,
      startedAt,
      readCoverage(await store.getState(name)),
      (coverage) => void store.setState(name, coverage).catch(onError),
    );
    if (watch.#missed) {
      const known = await store.findBreaks({
        range: { from: startedAt - MISSED_WINDOW_MS, to: startedAt + BLIND_AFTER_MS },
        filters: { account: [account.name] },
        limit: MOST_BREAKS_READ,
      });
      for (const record of known) {
        watch.derived(record);
      }
    }
    return watch;
  }

  /** What the API said last; undefined while it was never asked. */
  get apiState(): ApiState | undefined {
    return this.#apiState;
  }

  /** Takes note of a poll. */
  polled(state: PollState): void {
    if (state.lastPollAt !== null && state.lastPollAt !== this.#lastPollAt) {
      this.#lastPollAt = state.lastPollAt;
      this.#see(state.lastPollAt, state.backfill?.done ?? true);
    }
    this.#backfill = state.backfill;
    this.#error = state.error?.toAnswer() ?? null;
    this.#apiState = state.apiState ?? this.#apiState;
  }

  /** Takes note of an accepted callback. */
  calledBack(at: number): void {
    this.#lastCallbackAt = at;
  }

  /** Takes note that callbacks can come in; to be called every minute or so. */
  listening(at: number): void {
    if (!this.#account.credentials) {
      this.#see(at, false);
    }
  }

  /** Takes note of an event, new or changed. */
  derived({ event }: Pick<BreakRecord, 'event'>): void {
    this.#missed?.changed(event);
  }

  /** Takes note that an event is no more. */
  removed(id: string): void {
    this.#missed?.removed(id);
  }

  /** The state now. */
  health(now: number): AccountHealth {
    return {
      account: this.#account.name,
      state: this.#state(now),
      lastPollAt: this.#lastPollAt,
      lastCallbackAt: this.#lastCallbackAt,
      missedCallbacks: this.#missed?.count(now) ?? null,
      gaps: gapsNow(this.#coverage, now, this.#longestMs),
      backfill: this.#backfill,
      error: this.#error,
    };
  }

  /** Without being seen for longer than this, breaks may be missed. */
  get #longestMs(): number {
    return this.#account.credentials ? BLIND_AFTER_MS : CALLBACKS_REPEATED_MS;
  }

  #see(at: number, isFilled: boolean): void {
    this.#coverage = afterSight(this.#coverage, at, this.#longestMs, isFilled);
    this.#save(this.#coverage);
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
