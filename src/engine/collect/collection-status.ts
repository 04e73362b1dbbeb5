import type { BreakRecord } from '../../model/break.ts';
import type { AnswerError } from '../../model/errors.ts';
import { type AccountHealth, type BackfillProgress, needsFix } from '../../model/health.ts';
import type { Store } from '../../store/store.ts';
import type { ApiState } from '../derive/derive-entries.ts';
import type { Account } from '../engine.ts';
import type { RecoveryStatus } from './callback-recovery.ts';
import { afterCovered, type Coverage, gapsNow, readCoverage } from './coverage.ts';
import { CallbackLookups, MissedCallbacks } from './missed-callbacks.ts';
import type { PollStatus } from './poll-account.ts';

/** An account is blind when the last successful poll is older than this, ms. */
export const BLIND_AFTER_MS = 60_000;
/** CSS sends a callback up to 12 times, a minute apart. A longer downtime, ms, may miss some. */
const CALLBACKS_REPEATED_MS = 12 * 60_000;
const MAX_BREAKS_READ = 20_000;
/** After a restart, breaks of the last day that have no callback are looked up again, ms. */
const LOOKBACK_MS = 24 * 3_600_000;

/** What an earlier run stored. */
export interface StoredCollectionStatus {
  coverage: Coverage;
  /** Missed callbacks that were looked up, and when, epoch ms UTC. */
  lookedUp: readonly (readonly [key: string, at: number])[];
}

/** Store it for a later run. */
interface SaveCollectionStatus {
  coverage: (coverage: Coverage) => void;
  lookedUp: (lookedUp: MissedCallbacks['lookedUp']) => void;
}

/** Checks what was stored and drops unusable entries. */
function readLookedUp(stored: unknown): [string, number][] {
  return (Array.isArray(stored) ? stored : []).filter(
    (one) => Array.isArray(one) && typeof one[0] === 'string' && typeof one[1] === 'number',
  );
}

/** The status of collection for one account: polls, callbacks and gaps. Times are epoch ms UTC. */
export class CollectionStatus {
  readonly #account: Account;
  #startedAt: number;
  readonly #save: (coverage: Coverage) => void;
  readonly #missed: MissedCallbacks | undefined;
  /** Breaks whose callback must be looked up; undefined unless the account has both polls and callbacks. */
  readonly lookups: CallbackLookups | undefined;
  readonly #saveLookedUp: (lookedUp: MissedCallbacks['lookedUp']) => void;
  #hasNewLookups = false;
  #found = 0;
  #recoveryError: AnswerError | null = null;
  #coverage: Coverage;
  #lastPollAt: number | null = null;
  /** The same as the poller reported it, not corrected when the clock is set back. */
  #reportedPollAt: number | null = null;
  #lastCallbackAt: number | null = null;
  /** By field: the number of callbacks whose value was left out. The names are those that we read. */
  readonly #unreadableFields = new Map<string, number>();
  #error: AnswerError | null = null;
  #apiState: ApiState | undefined;
  #liveListAt: number | null = null;
  #backfill: BackfillProgress | null = null;

  /**
   * @param stored - from an earlier run
   * @param save - stores the status for a later run
   */
  constructor(
    account: Account,
    startedAt: number,
    { coverage, lookedUp }: StoredCollectionStatus = {
      coverage: readCoverage(undefined),
      lookedUp: [],
    },
    save: Partial<SaveCollectionStatus> = {},
  ) {
    this.#account = account;
    this.#startedAt = startedAt;
    this.#save = save.coverage ?? (() => undefined);
    this.#saveLookedUp = save.lookedUp ?? (() => undefined);
    const hasCallbacks = account.callbackKeys.length > 0;
    const since = hasCallbacks ? (coverage.callbacksSince ?? startedAt) : null;
    // Before the first observation, the account counts as missing since the start.
    const seenAt = coverage.seenAt ?? startedAt;
    this.#coverage = { ...coverage, callbacksSince: since, seenAt };
    if (account.credentials && since !== null) {
      this.#missed = new MissedCallbacks(since, lookedUp);
      this.lookups = new CallbackLookups(since);
    }
    this.callbacksPossible(startedAt);
  }

  /**
   * Creates the status of an account from what an earlier run stored.
   *
   * @param onError - called when the status cannot be stored
   * @throws `STORE_FAILED`
   */
  static async open(
    account: Account,
    store: Store,
    startedAt: number,
    onError: (thrown: unknown) => void,
  ): Promise<CollectionStatus> {
    const keep = (name: string) => (value: unknown) =>
      void store.setState(`${name}:${account.name}`, value).catch(onError);
    const watch = new CollectionStatus(
      account,
      startedAt,
      {
        coverage: readCoverage(await store.getState(`coverage:${account.name}`)),
        lookedUp: readLookedUp(await store.getState(`recovered:${account.name}`)),
      },
      { coverage: keep('coverage'), lookedUp: keep('recovered') },
    );
    if (watch.#missed) {
      const known = await store.findBreaks({
        range: { from: startedAt - LOOKBACK_MS, to: startedAt + BLIND_AFTER_MS },
        filters: { account: [account.name] },
        limit: MAX_BREAKS_READ,
      });
      for (const record of known) {
        watch.breakChanged(record);
      }
    }
    return watch;
  }

  /** The account state that the API reported last; undefined before the first answer. */
  get apiState(): ApiState | undefined {
    return this.#apiState;
  }

  /**
   * The time since which starts of pushes are known, epoch ms UTC. The list of live pushes has all of
   * them; callbacks have only those since they are configured. Null without both.
   */
  get pushesSince(): number | null {
    return this.#account.credentials ? 0 : this.#coverage.callbacksSince;
  }

  /** When the list of live streams was last read, epoch ms UTC; null when it was not. */
  get liveListAt(): number | null {
    return this.#liveListAt;
  }

  /** Records a poll. */
  polled(state: PollStatus): void {
    this.#liveListAt = state.liveListAt;
    if (state.lastPollAt !== null && state.lastPollAt !== this.#reportedPollAt) {
      this.#reportedPollAt = state.lastPollAt;
      this.#lastPollAt = state.lastPollAt;
      this.#markSeen(state.lastPollAt, state.backfill?.done ?? true);
    }
    this.#backfill = state.backfill;
    this.#error = state.error?.toAnswer() ?? null;
    this.#apiState = state.apiState ?? this.#apiState;
  }

  /**
   * Records an accepted callback.
   *
   * @param at - epoch ms UTC
   * @param key - the key of its journal entry
   * @param unreadable - names of its fields that were left out
   */
  callbackAccepted(at: number, key: string, unreadable: readonly string[] = []): void {
    this.#lastCallbackAt = at;
    for (const field of unreadable) {
      this.#unreadableFields.set(field, (this.#unreadableFields.get(field) ?? 0) + 1);
    }
    this.#missed?.callbackArrived(key);
  }

  /**
   * Records when a callback arrived that was derived, maybe at another server.
   *
   * @param at - epoch ms UTC; times before the start are ignored, as imports have them
   */
  callbackDerived(at: number): void {
    if (at >= this.#startedAt && at > (this.#lastCallbackAt ?? 0)) {
      this.#lastCallbackAt = at;
    }
  }

  /** Records callbacks that were found in CSS's records. Call it before they are journalled. */
  callbacksRecovered({ recovered: callbacksRecovered, error }: RecoveryStatus, at: number): void {
    this.#recoveryError = error?.toAnswer() ?? null;
    if (callbacksRecovered.length > 0) {
      this.#missed?.recovered(callbacksRecovered, at);
      this.#found += callbacksRecovered.length;
      this.#hasNewLookups = true;
    }
  }

  /** Records that callbacks can arrive. Call it about once a minute. */
  callbacksPossible(at: number): void {
    if (!this.#account.credentials) {
      this.#markSeen(at, false);
    }
  }

  /** Records a new or changed break. */
  breakChanged({ event }: Pick<BreakRecord, 'event'>): void {
    this.#missed?.changed(event);
    this.lookups?.changed(event);
  }

  /** Records that a break no longer exists. */
  breakRemoved(id: string): void {
    this.#missed?.removed(id);
    this.lookups?.removed(id);
  }

  /** Returns the state at a time, epoch ms UTC. */
  health(now: number): AccountHealth {
    this.#followClock(now);
    return {
      account: this.#account.name,
      state: this.#state(now),
      callbacks: this.#account.callbackKeys.length > 0,
      lastPollAt: this.#lastPollAt,
      lastCallbackAt: this.#lastCallbackAt,
      missedCallbacks: this.#missed?.count(now) ?? null,
      unreadableFields: [...this.#unreadableFields].map(([field, count]) => ({ field, count })),
      recovery: this.lookups
        ? {
            waiting: this.lookups.size,
            found: this.#found,
            notFound: this.lookups.notFound,
            error: this.#recoveryError,
          }
        : null,
      gaps: gapsNow(this.#coverage, now, this.#maxUnseenMs),
      backfill: this.#backfill,
      error: this.#error,
    };
  }

  /**
   * After the clock was set back, moves times that are in the future to now. Otherwise a blind account
   * would not be reported until the clock reaches them.
   */
  #followClock(now: number): void {
    this.#startedAt = Math.min(this.#startedAt, now);
    if (this.#lastPollAt !== null) {
      this.#lastPollAt = Math.min(this.#lastPollAt, now);
    }
    const { seenAt } = this.#coverage;
    if (seenAt !== null && seenAt > now) {
      this.#coverage = { ...this.#coverage, seenAt: now };
    }
  }

  /** Breaks may be missed if the account is not seen for longer than this, ms. */
  get #maxUnseenMs(): number {
    return this.#account.credentials ? BLIND_AFTER_MS : CALLBACKS_REPEATED_MS;
  }

  #markSeen(at: number, isFilled: boolean): void {
    // The error of the polls before this one explains the gap.
    const why = this.#error?.code;
    this.#coverage = afterCovered(this.#coverage, at, this.#maxUnseenMs, isFilled, why);
    this.#save(this.#coverage);
    if (this.#hasNewLookups && this.#missed) {
      this.#hasNewLookups = false;
      this.#saveLookedUp(this.#missed.lookedUp);
    }
  }

  #state(now: number): AccountHealth['state'] {
    if (!this.#account.credentials) {
      return 'unverified';
    }
    if (now - (this.#lastPollAt ?? this.#startedAt) > BLIND_AFTER_MS) {
      return 'blind';
    }
    if (this.#lastPollAt !== null) {
      return 'ok';
    }
    // Waiting does not make a wrong key right.
    return needsFix(this.#error) ? 'blind' : 'starting';
  }
}
