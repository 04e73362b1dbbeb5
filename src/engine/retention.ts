import { readArrival } from '../css/read-arrival.ts';
import type { BreakPosition, BreakRecord, JournalEntry } from '../model/break.ts';
import type { AnswerError, BreakwatchError } from '../model/errors.ts';
import type { RetentionHealth } from '../model/health.ts';
import type { Source } from '../model/vocabulary.ts';
import { asBreakwatchError, maskedError } from '../secrets/masked-error.ts';
import type { Purged, PurgeRequest, Store } from '../store/store.ts';
import type { PurgeExport } from './purge-export/purge-export.ts';

const DAY_MS = 86_400_000;
/** The first purge waits this long, ms, so that it does not disturb the start and its back-fill. */
const FIRST_AFTER_MS = 2 * 60_000;
const EVERY_MS = 3_600_000;
/**
 * Journal entries are kept this much longer than their events, ms. An event may have a time this far after
 * its arrival, and its entry must not be deleted while a repeated message would still be accepted.
 */
const JOURNAL_EXTRA_MS = DAY_MS;
/** Open incidents are kept this much longer at most, ms, so that one that never closes is deleted too. */
const OPEN_EXTRA_MS = 30 * DAY_MS;
/** Counts per minute are kept for 62 days, ms: a little longer than CSS keeps its events. */
const MINUTES_KEPT_MS = 62 * DAY_MS;
/**
 * The clock is trusted up to this far beyond the newest break, ms, or half of the retention if that is
 * less. Breaks have the time of CSS, so a host whose clock is years ahead does not delete everything. If
 * there is no break for longer, more is kept.
 */
const CLOCK_AHEAD_MS = 30 * DAY_MS;
/** Clocks may differ, but an arrival with a time further in the future than this, ms, is rejected. */
const MAX_FUTURE_MS = DAY_MS;
/** Breaks read at once, and pages of them at most, to find the newest one with a plausible time. */
const NEWEST_PAGE = 100;
const NEWEST_PAGES = 50;
/** Grouping an incident reads breaks from this long before its start, ms. */
const INCIDENT_MARGIN_MS = 30_000;
const MAX_OPEN = 20_000;

/** Functions that retention calls for metrics. */
export interface RetentionHooks {
  /** Rows were deleted. */
  purged(deleted: Partial<Purged>): void;
  /** A purge failed; it is tried again within the hour. */
  purgeFailed(error: BreakwatchError): void;
  /** Arrivals were rejected because they are older than the retention. */
  tooOld(account: string, source: Source, count: number): void;
  /** Arrivals were rejected because their time is more than a day in the future. */
  inFuture(account: string, source: Source, count: number): void;
}

/** The times of an arrival that decide whether it is accepted, epoch ms UTC; null for none. */
export interface ArrivalTimes {
  /** It is too old when this is before the retention. */
  happenedAt: number | null;
  /** It is wrong when this is in the future. */
  latest: number | null;
}

/** The options of {@link Retention}. */
export interface RetentionOptions {
  store: Pick<Store, 'purge' | 'oldest' | 'findBreaks' | 'findDocuments'>;
  /** Data older than this many days is deleted; 0 keeps everything. */
  keepDays: number;
  hooks: Partial<RetentionHooks>;
  /** Writes what is deleted to files before; nothing is written when absent. */
  exporter?: Pick<PurgeExport, 'exportBefore' | 'close'> | undefined;
  /** Called with a message when a purge starts to delete rows, and when it is done. */
  onMessage: (message: string) => void;
  onError: (error: BreakwatchError) => void;
  /** With false, another server deletes, and this one only rejects arrivals; true when absent. */
  isPurging?: boolean;
  /** The clock, epoch ms UTC. */
  now: () => number;
}

/**
 * Deletes old data once an hour, in whole UTC days. Rejects arrivals that are older, so that deleted data
 * does not come back, and arrivals from the future.
 */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #purged: Purged = { breaks: 0, pushes: 0, documents: 0, journal: 0 };
  /** Data before this was deleted, epoch ms UTC. It stays rejected, even if the clock is set back. */
  #purgedBefore = Number.NEGATIVE_INFINITY;
  /** When the newest break ended, read before each purge, epoch ms UTC; null for none. */
  #newest: number | null = null;
  #rejected = 0;
  #inFuture = 0;
  #purgedAt: number | null = null;
  #error: AnswerError | null = null;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** Everything from this time on is kept, epoch ms UTC; null if nothing is ever deleted. */
  get keptFrom(): number | null {
    const { keepDays } = this.#options;
    if (keepDays === 0) {
      return null;
    }
    return Math.max(this.#purgedBefore, startOfDay(this.#now() - keepDays * DAY_MS));
  }

  /** How far back data is kept, ms; Infinity if nothing is ever deleted. */
  get reachMs(): number {
    const { keepDays } = this.#options;
    return keepDays === 0 ? Number.POSITIVE_INFINITY : keepDays * DAY_MS;
  }

  /**
   * Checks whether an arrival is too old or in the future, and counts it if so. A time in the future is
   * rejected instead of corrected: it names no break that happened, and once stored it would stay the
   * newest break of its stream.
   *
   * @returns why it is rejected; null if it is accepted
   */
  rejection(times: ArrivalTimes, account: string, source: Source): BreakwatchError | null {
    const { keptFrom } = this;
    const { happenedAt: at, latest } = times;
    const now = this.#options.now();
    if (latest !== null && latest > now + MAX_FUTURE_MS) {
      this.#inFuture += 1;
      this.#options.hooks.inFuture?.(account, source, 1);
      return maskedError('EVENT_IN_FUTURE', {
        at: new Date(latest).toISOString(),
        now: new Date(now).toISOString(),
      });
    }
    if (keptFrom === null || at === null || at >= keptFrom) {
      return null;
    }
    this.#rejected += 1;
    this.#options.hooks.tooOld?.(account, source, 1);
    return maskedError('EVENT_TOO_OLD', {
      at: new Date(at).toISOString(),
      keptFrom: new Date(keptFrom).toISOString(),
      keepDays: this.#options.keepDays,
    });
  }

  /** Starts the hourly purge. Resolves when {@link keptFrom} is known. */
  async start(): Promise<void> {
    if (this.#options.keepDays > 0) {
      await this.#readNewest();
      this.#schedule(FIRST_AFTER_MS);
    }
  }

  /** Deletes old data now. Resolves when that is done or has failed. */
  purge(): Promise<void> {
    this.#running ??= this.#purge().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async health(): Promise<RetentionHealth> {
    return {
      keepDays: this.#options.keepDays,
      keptFrom: this.keptFrom,
      oldest: await this.#options.store.oldest(),
      running: this.#running !== undefined,
      purgedAt: this.#purgedAt,
      purged: { ...this.#purged },
      refused: this.#rejected,
      inFuture: this.#inFuture,
      error: this.#error,
    };
  }

  /** Stops the hourly purge. A purge in flight ends with its store. */
  close(): void {
    this.#closed = true;
    this.#options.exporter?.close();
    clearTimeout(this.#timer);
  }

  /** The time, as far as the clock is trusted. */
  #now(): number {
    const { keepDays, now } = this.#options;
    const ahead = Math.min(CLOCK_AHEAD_MS, (keepDays * DAY_MS) / 2);
    return this.#newest === null ? now() : Math.min(now(), this.#newest + ahead);
  }

  #schedule(ms: number): void {
    const { isPurging = true } = this.#options;
    this.#timer = setTimeout(() => {
      const work = isPurging ? this.purge() : this.#readNewest().catch(() => undefined);
      void work.then(() => this.#closed || this.#schedule(EVERY_MS));
    }, ms);
    this.#timer.unref();
  }

  /**
   * Finds the newest break whose time was not in the future when it arrived. Others are no evidence of the
   * time: one of them would let a clock that is years ahead delete everything.
   */
  async #readNewest(): Promise<void> {
    const range = { from: 0, to: Number.MAX_SAFE_INTEGER };
    let after: BreakPosition | undefined;
    for (let page = 0; page < NEWEST_PAGES; page += 1) {
      const records = await this.#options.store.findBreaks({
        range,
        filters: {},
        limit: page === 0 ? 1 : NEWEST_PAGE,
        ...(after ? { after } : {}),
      });
      const plausible = records.find(({ event }) => isPlausible(event));
      if (plausible !== undefined) {
        this.#newest = plausible.event.endedAt;
        return;
      }
      const last = records.at(-1)?.event;
      if (last === undefined) {
        break;
      }
      after = { endedAt: last.endedAt, id: last.id };
    }
    // There are breaks, but none says what time it is, so nothing counts as old.
    this.#newest = after === undefined ? null : 0;
  }

  async #purge(): Promise<void> {
    const { store, keepDays, hooks, exporter, onMessage, onError, now } = this.#options;
    if (keepDays === 0 || this.#closed) {
      return;
    }
    let deleted = 0;
    try {
      await this.#readNewest();
      const before = this.keptFrom as number;
      const day = new Date(before).toISOString().slice(0, 10);
      this.#purgedBefore = before;
      const journalTo = await exporter?.exportBefore(before);
      const request = await this.#request(before);
      await store.purge({ ...request, ...(journalTo !== undefined && { journalTo }) }, (step) => {
        if (deleted === 0) {
          onMessage(`purge: deleting data older than ${day} (BREAKWATCH_KEEP_DAYS)`);
        }
        for (const what of Object.keys(step) as (keyof Purged)[]) {
          this.#purged[what] += step[what] ?? 0;
          deleted += step[what] ?? 0;
        }
        hooks.purged?.(step);
      });
      if (deleted > 0) {
        onMessage(`purge: deleted ${deleted} rows older than ${day}`);
      }
      this.#purgedAt = now();
      this.#error = null;
    } catch (thrown) {
      if (!this.#closed) {
        const error = asBreakwatchError(thrown);
        this.#error = error.toAnswer();
        hooks.purgeFailed?.(error);
        onError(error);
      }
    }
  }

  async #request(before: number): Promise<PurgeRequest> {
    const { store } = this.#options;
    const openBefore = before - OPEN_EXTRA_MS;
    const open = await store.findDocuments({
      kind: 'incident',
      open: true,
      range: { from: 0, to: before },
      limit: MAX_OPEN,
    });
    const needed = new Map<string, number>();
    for (const { account, at } of open) {
      const from = Math.max(openBefore, at - INCIDENT_MARGIN_MS);
      needed.set(account, Math.min(from, needed.get(account) ?? from));
    }
    return {
      before,
      arrivedBefore: before - JOURNAL_EXTRA_MS,
      openBefore,
      minutesBefore: Math.max(before, startOfDay(this.#now() - MINUTES_KEPT_MS)),
      needed: [...needed].map(([account, from]) => ({ account, from })),
    };
  }
}

function startOfDay(at: number): number {
  return Math.floor(at / DAY_MS) * DAY_MS;
}

function isPlausible({ endedAt, sources }: BreakRecord['event']): boolean {
  return sources.every(({ receivedAt }) => endedAt <= receivedAt + MAX_FUTURE_MS);
}

/**
 * Returns the times of an entry. Both are null if it is neither the end nor the start of a push. A push in
 * the list of live pushes may have started long ago, so it is never too old.
 */
export function arrivalTimes(entry: JournalEntry): ArrivalTimes {
  const arrival = readArrival(entry);
  if (arrival.kind === 'other') {
    return { happenedAt: null, latest: null };
  }
  if (arrival.kind === 'end') {
    return { happenedAt: arrival.event.endedAt, latest: arrival.event.endedAt };
  }
  const { startedAt } = arrival.push;
  return { happenedAt: 'event_type' in entry.body ? startedAt : null, latest: startedAt };
}

/** Default retention, days: a year, and a month to compare with. */
export const KEEP_DAYS = 400;
