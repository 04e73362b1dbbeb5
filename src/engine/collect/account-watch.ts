import type { BreakRecord } from '../../model/break.ts';
import type { AnswerError } from '../../model/errors.ts';
import type { AccountHealth, BackfillProgress } from '../../model/health.ts';
import type { Store } from '../../store/store.ts';
import type { ApiState } from '../derive/derive-entries.ts';
import type { Account } from '../engine.ts';
import type { RecoveryNote } from './callback-recovery.ts';
import { afterCovered, type Coverage, gapsNow, readCoverage } from './coverage.ts';
import { MissedCallbacks, UnreportedBreaks } from './missed-callbacks.ts';
import type { PollState } from './poller.ts';

/** Without a successful poll for this long, in ms, an account is blind. */
export const BLIND_AFTER_MS = 60_000;
/** CSS repeats a callback 12 times, a minute apart; who was away for longer has missed some. */
const CALLBACKS_REPEATED_MS = 12 * 60_000;
const MAX_BREAKS_READ = 20_000;
/** After a restart, breaks of this long back, in ms, are looked up that no callback told of. */
const LOOKED_BACK_MS = 24 * 3_600_000;

/** What an earlier run has left. */
export interface WatchMemory {
  coverage: Coverage;
  /** Callbacks that did not come and were looked up, with the moment, epoch ms UTC. */
  lookedUp: readonly (readonly [key: string, at: number])[];
}

/** Keeps it for a later run. */
interface WatchSave {
  coverage: (coverage: Coverage) => void;
  lookedUp: (lookedUp: MissedCallbacks['lookedUp']) => void;
}

/** Reads what was stored; what is unusable is forgotten. */
function readLookedUp(stored: unknown): [string, number][] {
  return (Array.isArray(stored) ? stored : []).filter(
    (one) => Array.isArray(one) && typeof one[0] === 'string' && typeof one[1] === 'number',
  );
}

/** How collection of one account is doing. Times are epoch ms UTC. */
export class AccountWatch {
  readonly #account: Account;
  #startedAt: number;
  readonly #save: (coverage: Coverage) => void;
  readonly #missed: MissedCallbacks | undefined;
  /** Breaks that no callback told of, to be looked up; undefined where breaks do not come both ways. */
  readonly unreported: UnreportedBreaks | undefined;
  readonly #saveLookedUp: (lookedUp: MissedCallbacks['lookedUp']) => void;
  #isLookedUpNew = false;
  #found = 0;
  #recoveryError: AnswerError | null = null;
  #coverage: Coverage;
  #lastPollAt: number | null = null;
  /** The same as the poller told it. */
  #toldPollAt: number | null = null;
  #lastCallbackAt: number | null = null;
  #error: AnswerError | null = null;
  #apiState: ApiState | undefined;
  #backfill: BackfillProgress | null = null;

  /**
   * @param known - what an earlier run has left
   * @param save - keeps it for a later one
   */
  constructor(
    account: Account,
    startedAt: number,
    { coverage, lookedUp }: WatchMemory = { coverage: readCoverage(undefined), lookedUp: [] },
    save: Partial<WatchSave> = {},
  ) {
    this.#account = account;
    this.#startedAt = startedAt;
    this.#save = save.coverage ?? (() => undefined);
    this.#saveLookedUp = save.lookedUp ?? (() => undefined);
    const hasCallbacks = account.callbackKeys.length > 0;
    const since = hasCallbacks ? (coverage.callbacksSince ?? startedAt) : null;
    // What was never seen counts as missing from the start on.
    const seenAt = coverage.seenAt ?? startedAt;
    this.#coverage = { ...coverage, callbacksSince: since, seenAt };
    if (account.credentials && since !== null) {
      this.#missed = new MissedCallbacks(since, lookedUp);
      this.unreported = new UnreportedBreaks(since);
    }
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
    const keep = (name: string) => (value: unknown) =>
      void store.setState(`${name}:${account.name}`, value).catch(onError);
    const watch = new AccountWatch(
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
        range: { from: startedAt - LOOKED_BACK_MS, to: startedAt + BLIND_AFTER_MS },
        filters: { account: [account.name] },
        limit: MAX_BREAKS_READ,
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

  /**
   * Since when begins of pushes are known, epoch ms UTC: the list of live streams tells all, callbacks
   * only what came since; null when there is neither.
   */
  get pushesSince(): number | null {
    return this.#account.credentials ? 0 : this.#coverage.callbacksSince;
  }

  /** Takes note of a poll. */
  polled(state: PollState): void {
    if (state.lastPollAt !== null && state.lastPollAt !== this.#toldPollAt) {
      this.#toldPollAt = state.lastPollAt;
      this.#lastPollAt = state.lastPollAt;
      this.#see(state.lastPollAt, state.backfill?.done ?? true);
    }
    this.#backfill = state.backfill;
    this.#error = state.error?.toAnswer() ?? null;
    this.#apiState = state.apiState ?? this.#apiState;
  }

  /**
   * Takes note of an accepted callback.
   *
   * @param key - of its journal entry
   */
  calledBack(at: number, key: string): void {
    this.#lastCallbackAt = at;
    this.#missed?.notified(key);
  }

  /** Takes note of what CSS's records of callbacks told, before it goes to the journal. */
  recovered({ recovered, error }: RecoveryNote, at: number): void {
    this.#recoveryError = error?.toAnswer() ?? null;
    if (recovered.length > 0) {
      this.#missed?.recovered(recovered, at);
      this.#found += recovered.length;
      this.#isLookedUpNew = true;
    }
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
    this.unreported?.changed(event);
  }

  /** Takes note that an event is no more. */
  removed(id: string): void {
    this.#missed?.removed(id);
    this.unreported?.removed(id);
  }

  /** The state now. */
  health(now: number): AccountHealth {
    this.#followClock(now);
    return {
      account: this.#account.name,
      state: this.#state(now),
      lastPollAt: this.#lastPollAt,
      lastCallbackAt: this.#lastCallbackAt,
      missedCallbacks: this.#missed?.count(now) ?? null,
      recovery: this.unreported
        ? {
            waiting: this.unreported.size,
            found: this.#found,
            notFound: this.unreported.givenUp,
            error: this.#recoveryError,
          }
        : null,
      gaps: gapsNow(this.#coverage, now, this.#longestMs),
      backfill: this.#backfill,
      error: this.#error,
    };
  }

  /**
   * A clock that was set back must not let the last sight lie ahead: until it is passed again nobody
   * would be told of blindness.
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

  /** Without being seen for longer than this, breaks may be missed. */
  get #longestMs(): number {
    return this.#account.credentials ? BLIND_AFTER_MS : CALLBACKS_REPEATED_MS;
  }

  #see(at: number, isFilled: boolean): void {
    // The error of the polls before this one.
    const why = this.#error?.code;
    this.#coverage = afterCovered(this.#coverage, at, this.#longestMs, isFilled, why);
    this.#save(this.#coverage);
    if (this.#isLookedUpNew && this.#missed) {
      this.#isLookedUpNew = false;
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
    return this.#lastPollAt === null ? 'starting' : 'ok';
  }
}
