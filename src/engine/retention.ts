import { readArrival } from '../css/read-arrival.ts';
import type { JournalEntry } from '../model/break.ts';
import type { AnswerError, BreakwatchError } from '../model/errors.ts';
import type { RetentionHealth } from '../model/health.ts';
import type { Source } from '../model/vocabulary.ts';
import { asBreakwatchError, maskedError } from '../secrets/masked-error.ts';
import type { Purged, PurgeRequest, Store } from '../store/store.ts';

const DAY_MS = 86_400_000;
/** The first purge waits until a start with its back-fill has settled. */
const FIRST_AFTER_MS = 2 * 60_000;
const EVERY_MS = 3_600_000;
/**
 * Journal entries stay longer than what they tell of: an event may lie this far ahead of its arrival,
 * and an entry must not go while an arrival of the same could still count.
 */
const JOURNAL_LONGER_MS = DAY_MS;
/** What is open stays so much longer at most; without an end a leak would stay for ever. */
const OPEN_LONGER_MS = 30 * DAY_MS;
/** Counts by minute: as far back as panels by the minute are looked at, and as CSS remembers. */
const MINUTES_KEPT_MS = 62 * DAY_MS;
/**
 * The clock is believed so far beyond the newest break, which bears CSS's time, or half of what is kept
 * if that is less: a host that wakes up years ahead must not take away all there is. Where nothing
 * breaks for longer, more is kept.
 */
const CLOCK_AHEAD_MS = 30 * DAY_MS;
/** Incidents are put together from what is a little older than their start. */
const INCIDENT_MARGIN_MS = 30_000;
const MAX_OPEN = 20_000;

/** What retention tells to be counted. */
export interface RetentionHooks {
  /** Rows were taken away. */
  purged(taken: Partial<Purged>): void;
  /** A purge failed; it is tried again within the hour. */
  purgeFailed(error: BreakwatchError): void;
  /** Arrivals were left out because they tell of a time that is not kept. */
  tooOld(account: string, source: Source, count: number): void;
}

/** What retention works with. */
export interface RetentionOptions {
  store: Pick<Store, 'purge' | 'oldest' | 'findBreaks' | 'findDocuments'>;
  /** Days that are kept; 0 for ever. */
  keepDays: number;
  hooks: Partial<RetentionHooks>;
  /** Told when a purge begins to take something, and when it has. */
  onNews: (message: string) => void;
  onError: (error: BreakwatchError) => void;
  /** The clock, epoch ms UTC. */
  now: () => number;
}

/**
 * Says what is too old to be kept, and has it taken away: once an hour, and whole UTC days at a time.
 * What is older is not taken either, so that nothing comes back that has gone.
 */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #purged: Purged = { breaks: 0, pushes: 0, documents: 0, journal: 0 };
  /** What was taken away stays away, also when the clock is set back. */
  #takenBefore = Number.NEGATIVE_INFINITY;
  /** When the newest break ended, as of the last look; null for none. */
  #newest: number | null = null;
  #refused = 0;
  #purgedAt: number | null = null;
  #error: AnswerError | null = null;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** From when on all is kept, epoch ms UTC; null where nothing is ever taken away. */
  get keptFrom(): number | null {
    const { keepDays } = this.#options;
    if (keepDays === 0) {
      return null;
    }
    return Math.max(this.#takenBefore, startOfDay(this.#now() - keepDays * DAY_MS));
  }

  /** How far back it makes sense to ask for the past, in ms. */
  get reachMs(): number {
    const { keepDays } = this.#options;
    return keepDays === 0 ? Number.POSITIVE_INFINITY : keepDays * DAY_MS;
  }

  /**
   * Counts an arrival that is too old.
   *
   * @param at - when it happened, epoch ms UTC; null for what has no such time
   * @returns why it is refused; null when it is not
   */
  refusal(at: number | null, account: string, source: Source): BreakwatchError | null {
    const { keptFrom } = this;
    if (keptFrom === null || at === null || at >= keptFrom) {
      return null;
    }
    this.#refused += 1;
    this.#options.hooks.tooOld?.(account, source, 1);
    return maskedError('EVENT_TOO_OLD', {
      at: new Date(at).toISOString(),
      keptFrom: new Date(keptFrom).toISOString(),
      keepDays: this.#options.keepDays,
    });
  }

  /** Has what is old taken away from now on. Resolves when it is known from when on all is kept. */
  async start(): Promise<void> {
    if (this.#options.keepDays > 0) {
      await this.#look();
      this.#wait(FIRST_AFTER_MS);
    }
  }

  /** Takes away what is old now. Resolves when that is done or has failed. */
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
      refused: this.#refused,
      error: this.#error,
    };
  }

  /** Begins nothing more. A purge in hand ends with its store. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** The clock, as far as it is believed. */
  #now(): number {
    const { keepDays, now } = this.#options;
    const ahead = Math.min(CLOCK_AHEAD_MS, (keepDays * DAY_MS) / 2);
    return this.#newest === null ? now() : Math.min(now(), this.#newest + ahead);
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => {
      void this.purge().then(() => this.#closed || this.#wait(EVERY_MS));
    }, ms);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    const range = { from: 0, to: Number.MAX_SAFE_INTEGER };
    const [record] = await this.#options.store.findBreaks({ range, filters: {}, limit: 1 });
    this.#newest = record?.event.endedAt ?? null;
  }

  async #purge(): Promise<void> {
    const { store, keepDays, hooks, onNews, onError, now } = this.#options;
    if (keepDays === 0 || this.#closed) {
      return;
    }
    let taken = 0;
    try {
      await this.#look();
      const before = this.keptFrom as number;
      const day = new Date(before).toISOString().slice(0, 10);
      this.#takenBefore = before;
      await store.purge(await this.#request(before), (step) => {
        if (taken === 0) {
          onNews(`taking away what is older than ${day} (BREAKWATCH_KEEP_DAYS)`);
        }
        for (const what of Object.keys(step) as (keyof Purged)[]) {
          this.#purged[what] += step[what] ?? 0;
          taken += step[what] ?? 0;
        }
        hooks.purged?.(step);
      });
      if (taken > 0) {
        onNews(`took away ${taken} rows older than ${day}`);
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
    const openBefore = before - OPEN_LONGER_MS;
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
      arrivedBefore: before - JOURNAL_LONGER_MS,
      openBefore,
      minutesBefore: Math.max(before, startOfDay(this.#now() - MINUTES_KEPT_MS)),
      needed: [...needed].map(([account, from]) => ({ account, from })),
    };
  }
}

function startOfDay(at: number): number {
  return Math.floor(at / DAY_MS) * DAY_MS;
}

/**
 * When that happened which an entry tells, epoch ms UTC; null for what is no end and no begin of a
 * push, and for a push of the list of live ones, which may have begun long ago.
 */
export function happenedAt(entry: JournalEntry): number | null {
  const arrival = readArrival(entry);
  if (arrival.kind === 'end') {
    return arrival.event.endedAt;
  }
  return arrival.kind === 'begin' && 'event_type' in entry.body ? arrival.push.startedAt : null;
}

/** Days that are kept unless something else is set: a year and a month to compare it with. */
export const KEEP_DAYS = 400;
