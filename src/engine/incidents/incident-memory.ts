import { AccountMemory } from '../../incidents/account-memory.ts';
import type { Settled } from '../../incidents/cut-windows.ts';
import type { FoldContext } from '../../incidents/fold-context.ts';
import { compareStarts } from '../../incidents/incident-order.ts';
import { mergePushes } from '../../incidents/live-pushes.ts';
import { INCIDENT_OPTIONS } from '../../incidents/options.ts';
import { createRecordStripper } from '../../incidents/strip-record.ts';
import type { BreakRecord } from '../../model/break.ts';
import type { Chain, Incident } from '../../model/incident.ts';
import type { Push } from '../../model/push.ts';
import { HISTORY_MS, type PackedBreak, unpackBreak } from './packed-break.ts';

/** The clock of CSS may be ahead of ours by this, in ms; later breaks have to wait. */
const AHEAD_MS = 10_000;
/** Breaks further in the future than this, in ms, are ignored. */
const FUTURE_MS = 10 * 60_000;
/** Interval, in ms, at which lost time is updated while a stream is down. */
const LASTING_MS = 60_000;

/** Decisions of earlier groupings by account, as stored in JSON. */
export type SettledAccounts = Record<string, Settled>;

/** Current incidents, and when they change without a new event. */
export interface Reclustered {
  /** Moment of grouping, epoch ms UTC. */
  at: number;
  /** Oldest first. */
  incidents: Incident[];
  /** Epoch ms UTC; null when nothing is open. */
  wakeAt: number | null;
}

/** An account whose folded breaks are out of date. */
export interface StaleAccount {
  account: string;
  /** From when on its breaks have to be read from the store again, epoch ms UTC. */
  from: number;
}

/** What the memory holds, for metrics. */
export interface MemorySize {
  records: number;
  pushes: number;
  /** Streams of which only the last place and live pushes are held. */
  streams: number;
}

/** Default context: no alerts, no names. */
const NO_ALERTS: FoldContext = {
  thresholdOf: () => null,
  isName: () => false,
  options: INCIDENT_OPTIONS,
};

/**
 * Holds recent breaks and pushes of current incidents in memory, and totals of older ones, and groups
 * them. The order of arrival does not matter: a change of what is in the totals makes an account stale,
 * and its breaks are then read from the store again.
 */
export class IncidentMemory {
  readonly #context: FoldContext;
  #strip = createRecordStripper();
  readonly #accounts = new Map<string, AccountMemory>();
  #pushesSince: Readonly<Record<string, number | null>> = {};

  constructor(context: FoldContext = NO_ALERTS) {
    this.#context = context;
  }

  get size(): MemorySize {
    const size: MemorySize = { records: 0, pushes: 0, streams: 0 };
    for (const account of this.#accounts.values()) {
      const { records, pushes, streams } = account.size;
      size.records += records;
      size.pushes += pushes;
      size.streams += streams;
    }
    return size;
  }

  /** Sets since when collection knows the starts of pushes, by account, epoch ms UTC. */
  knowPushesSince(since: Readonly<Record<string, number | null>>): void {
    this.#pushesSince = since;
    for (const [name, account] of this.#accounts) {
      account.knowPushesSince(since[name] ?? null);
    }
  }

  /** Restores the decisions of an earlier run. */
  settle(accounts: SettledAccounts): void {
    for (const [account, settled] of Object.entries(accounts)) {
      this.#of(account).settled = settled;
    }
  }

  /** Decisions that a later run needs to find the same incidents. */
  get settled(): SettledAccounts {
    return Object.fromEntries(
      [...this.#accounts].flatMap(([name, { settled }]) => (settled ? [[name, settled]] : [])),
    );
  }

  /** Accounts whose folded breaks are out of date. */
  get stale(): StaleAccount[] {
    return [...this.#accounts].flatMap(([account, { staleFrom, startedAt }]) =>
      staleFrom < Number.POSITIVE_INFINITY
        ? [
            {
              account,
              from: Math.max(0, Math.min(startedAt, staleFrom > 0 ? staleFrom : startedAt)),
            },
          ]
        : [],
    );
  }

  /** Marks everything that is folded as out of date. */
  markStale(): void {
    for (const account of this.#accounts.values()) {
      account.markStale(Number.NEGATIVE_INFINITY);
    }
  }

  /** Forgets the breaks of an account, to {@link load} them again. */
  reset(account: string): void {
    this.#of(account).reset();
  }

  /** Forgets the breaks of all accounts. */
  resetAll(): void {
    for (const account of this.#accounts.values()) {
      account.reset();
    }
  }

  /** Returns those of some packed breaks that {@link take} would not leave out. @param now - epoch ms UTC */
  needed(packed: readonly PackedBreak[], now: number): BreakRecord[] {
    return packed.flatMap(([id, name, endedAt, json]) => {
      const account = this.#of(name);
      return endedAt >= historyOf(account, now) || account.has(id) ? [unpackBreak(json)] : [];
    });
  }

  /**
   * Adds new and changed breaks and pushes, and deletes removed ones.
   *
   * @returns whether the next grouping may find other incidents; false for a batch that is all history
   */
  take(
    records: readonly BreakRecord[],
    removed: readonly string[],
    pushes: readonly Push[],
    now: number,
  ): boolean {
    let hasChanged = false;
    for (const id of removed) {
      for (const account of this.#accounts.values()) {
        hasChanged ||= account.has(id);
        account.remove(id);
      }
    }
    for (const record of records) {
      const { id, endedAt, account: name } = record.event;
      const account = this.#of(name);
      if (record.verdict.outcome === 'ended' || endedAt > now + FUTURE_MS) {
        hasChanged ||= account.has(id);
        account.remove(id);
      } else if (endedAt >= historyOf(account, now) || account.has(id)) {
        hasChanged = true;
        account.take(this.#strip(record));
      }
    }
    for (const push of pushes) {
      if (push.endedAt === null || push.endedAt >= now - HISTORY_MS) {
        hasChanged = true;
        this.#of(push.account).takePush(push);
      } else {
        hasChanged = this.#of(push.account).removePush(push) || hasChanged;
      }
    }
    return hasChanged;
  }

  /**
   * Adds what the store held, oldest first, and folds what is settled by then.
   *
   * @param upTo - all breaks that ended before this time are added, epoch ms UTC
   */
  load(records: readonly BreakRecord[], pushes: readonly Push[], upTo: number): void {
    const changed = new Set<AccountMemory>();
    for (const push of pushes) {
      this.#of(push.account).takePush(push);
    }
    for (const record of records) {
      if (record.verdict.outcome !== 'ended') {
        const account = this.#of(record.event.account);
        account.take(this.#strip(record));
        changed.add(account);
      }
    }
    for (const account of changed) {
      account.advance(upTo);
    }
  }

  /** Returns the pushes that are live as far as known. */
  livePushes(now: number): Push[] {
    const pushes = [...this.#accounts.values()].flatMap((account) => [...account.pushes]);
    return mergePushes(
      pushes.filter(({ endedAt }) => endedAt === null),
      now,
    );
  }

  /** Groups everything in memory. Call {@link fold} after it. */
  recluster(now: number): Reclustered {
    let latest = now;
    let next = Number.POSITIVE_INFINITY;
    for (const account of this.#accounts.values()) {
      for (const { event } of account.records) {
        if (event.endedAt > now + AHEAD_MS) {
          next = Math.min(next, event.endedAt);
        } else {
          latest = Math.max(latest, event.endedAt);
        }
      }
    }
    const incidents = [...this.#accounts.values()].flatMap((account) => account.recluster(latest));
    incidents.sort(compareStarts);
    const wakeAt = incidents.reduce(
      (soonest, incident) => Math.min(soonest, this.#turnOf(incident, latest)),
      next,
    );
    return { at: latest, incidents, wakeAt: Number.isFinite(wakeAt) ? wakeAt : null };
  }

  /**
   * Folds what the last grouping settled, and forgets what no event can change any more. It takes about as long as a
   * grouping, so it has a step of its own: alerts need not wait for it. An account that has changed since then is
   * folded after its next grouping.
   */
  fold(): void {
    for (const account of this.#accounts.values()) {
      account.fold();
    }
  }

  #of(name: string): AccountMemory {
    let account = this.#accounts.get(name);
    if (!account) {
      account = new AccountMemory(this.#context);
      account.knowPushesSince(this.#pushesSince[name] ?? null);
      this.#accounts.set(name, account);
    }
    return account;
  }

  /** Returns when an incident changes without a new event, epoch ms UTC. */
  #turnOf({ state, holdUntil, chains }: Incident, now: number): number {
    if (state === 'recovered') {
      return holdUntil ?? Number.POSITIVE_INFINITY;
    }
    if (state !== 'open') {
      return Number.POSITIVE_INFINITY;
    }
    let next = now + LASTING_MS;
    for (const chain of chains) {
      const givenUp = lastTry(chain) + this.#context.options.giveUpMs;
      if (chain.endedAt === null && givenUp > now) {
        next = Math.min(next, givenUp);
      }
    }
    return next;
  }
}

/** Breaks of an account that ended before this are history, unless they are held; epoch ms UTC. */
function historyOf({ startedAt }: AccountMemory, now: number): number {
  return Math.min(now - HISTORY_MS, startedAt);
}

function lastTry({ breaks, startedAt }: Chain): number {
  return breaks.at(-1)?.event.endedAt ?? startedAt;
}
