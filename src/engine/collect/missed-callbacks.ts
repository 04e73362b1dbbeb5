import {
  RECORDS_SPAN_MS as MAX_RECORDS_SPAN_MS,
  RECORDS_KEPT_MS as RECORDS_RETENTION_MS,
} from '../../css/api/index.ts';
import type { BreakEvent } from '../../model/break.ts';

/** A callback arrives within seconds. After this time, ms, it counts as missed. */
const CALLBACK_DUE_MS = 120_000;
/** Missed callbacks are counted for breaks of the last hour, ms. */
const MISSED_WINDOW_MS = 3_600_000;
const MAX_RECOVERED = 5_000;

type ReportedBreak = Pick<BreakEvent, 'id' | 'stream' | 'endedAt' | 'outcome' | 'sources'>;

/**
 * Counts breaks that were polled but whose callback never came, although CSS sends one for the end of
 * every push. Refusals do not count, because no document says that CSS sends callbacks for them. A
 * callback that was looked up in CSS's records still counts as missed.
 */
export class MissedCallbacks {
  readonly #since: number;
  /** Polled breaks by id: when they were polled and ended, epoch ms UTC, and the key of the callback. */
  readonly #polled = new Map<string, { polledAt: number; endedAt: number; key?: string }>();
  /** When each missed callback was looked up, epoch ms UTC, by its key. */
  readonly #recovered: Map<string, number>;

  /**
   * @param since - callbacks are expected for breaks from this time on, epoch ms UTC
   * @param recovered - callbacks that were looked up recently, and when, epoch ms UTC
   */
  constructor(since: number, recovered: Iterable<readonly [key: string, at: number]> = []) {
    this.#since = since;
    this.#recovered = new Map(recovered);
  }

  /** Records callbacks that were looked up. Call it before their breaks change. */
  recovered(keys: readonly string[], at: number): void {
    for (const [key, then] of this.#recovered) {
      if (then > at - MISSED_WINDOW_MS && this.#recovered.size < MAX_RECOVERED) {
        break;
      }
      this.#recovered.delete(key);
    }
    for (const key of keys) {
      this.#recovered.set(key, at);
    }
  }

  /** The callbacks that were looked up, to be stored for a later run. */
  get lookedUp(): [key: string, at: number][] {
    return [...this.#recovered];
  }

  /** Records that CSS sent a callback, maybe after it had been looked up. */
  callbackArrived(key: string): void {
    if (this.#recovered.delete(key)) {
      for (const [id, polled] of this.#polled) {
        if (polled.key === key) {
          this.#polled.delete(id);
        }
      }
    }
  }

  /** Records a new or changed break. */
  changed({ id, endedAt, outcome, sources }: Omit<ReportedBreak, 'stream'>): void {
    const polledAt = sources.find(({ source }) => source === 'api')?.receivedAt;
    const key = sources.find(({ source }) => source === 'callback')?.key;
    const hasCallback = key !== undefined && !this.#recovered.has(key);
    if (polledAt === undefined || hasCallback || outcome === 'refused' || endedAt < this.#since) {
      this.#polled.delete(id);
    } else {
      this.#polled.set(id, { polledAt, endedAt, ...(key === undefined ? {} : { key }) });
    }
  }

  /** Records that a break no longer exists. */
  removed(id: string): void {
    this.#polled.delete(id);
  }

  /** Returns the number of missed callbacks for breaks within {@link MISSED_WINDOW_MS}. */
  count(now: number): number {
    let missed = 0;
    for (const [id, { polledAt, endedAt }] of this.#polled) {
      if (endedAt <= now - MISSED_WINDOW_MS) {
        this.#polled.delete(id);
      } else if (polledAt <= now - CALLBACK_DUE_MS) {
        missed += 1;
      }
    }
    return missed;
  }
}

/** A lookup covers this time before and after a break, ms, because the clocks of callback and API differ. */
const AROUND_MS = 60_000;
/** Waits before a lookup without a result is repeated, ms, because records may appear late. */
const RETRY_AFTER_MS = [10 * 60_000, 60 * 60_000];
/** Breaks older than this, ms, are not looked up, because CSS is about to delete the record. */
const REACH_MS = RECORDS_RETENTION_MS - 3_600_000;
const MAX_WAITING = 20_000;

interface Waiting {
  stream: string;
  endedAt: number;
  dueAt: number;
  tries: number;
}

/** One request for the callback records of a stream. Times are epoch ms UTC. */
export interface CallbackLookup {
  stream: string;
  from: number;
  to: number;
  /** Ids of the breaks that it is made for. */
  ids: string[];
}

/**
 * The queue of polled breaks whose callback must be looked up in CSS's records of callbacks. Refusals
 * are queued only once a callback has reported one, because no document says that CSS sends any.
 */
export class CallbackLookups {
  readonly #since: number;
  readonly #waiting = new Map<string, Waiting>();
  #hasRefusalCallbacks = false;
  #notFound = 0;

  /** @param since - callbacks are expected for breaks from this time on, epoch ms UTC */
  constructor(since: number) {
    this.#since = since;
  }

  /** Number of breaks in the queue. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Number of breaks since the start for which CSS had no record. */
  get notFound(): number {
    return this.#notFound;
  }

  /** Records a new or changed break. */
  changed({ id, stream, endedAt, outcome, sources }: ReportedBreak): void {
    const polledAt = sources.find(({ source }) => source === 'api')?.receivedAt;
    const hasCallback = sources.some(({ source }) => source === 'callback');
    const isRefusal = outcome === 'refused';
    this.#hasRefusalCallbacks ||= hasCallback && isRefusal;
    const isWanted =
      polledAt !== undefined &&
      !hasCallback &&
      endedAt >= this.#since &&
      (!isRefusal || this.#hasRefusalCallbacks);
    if (!isWanted) {
      this.#waiting.delete(id);
    } else if (!this.#waiting.has(id)) {
      this.#waiting.set(id, { stream, endedAt, dueAt: polledAt + CALLBACK_DUE_MS, tries: 0 });
      this.#forgetOldest();
    }
  }

  /** Records that a break no longer exists. */
  removed(id: string): void {
    this.#waiting.delete(id);
  }

  /** Returns the next lookup, for the newest break that is due; undefined if none is due. */
  next(now: number): CallbackLookup | undefined {
    let newest: Waiting | undefined;
    for (const [id, one] of this.#waiting) {
      if (one.endedAt < now - REACH_MS) {
        this.#waiting.delete(id);
      } else if (one.dueAt <= now && one.endedAt > (newest?.endedAt ?? 0)) {
        newest = one;
      }
    }
    if (!newest) {
      return undefined;
    }
    const last = newest;
    // One request can cover all breaks of the stream within a day.
    const earliest = last.endedAt - MAX_RECORDS_SPAN_MS + 2 * AROUND_MS;
    const covered = [...this.#waiting].filter(
      ([, { stream, endedAt, dueAt }]) =>
        stream === last.stream && endedAt >= earliest && endedAt <= last.endedAt && dueAt <= now,
    );
    return {
      stream: last.stream,
      from: Math.min(...covered.map(([, { endedAt }]) => endedAt)) - AROUND_MS,
      to: Math.min(last.endedAt + AROUND_MS, now),
      ids: covered.map(([id]) => id),
    };
  }

  /** Records that a lookup was answered. Breaks that it found leave the queue when they change. */
  answered({ ids }: CallbackLookup, now: number): void {
    for (const id of ids) {
      const one = this.#waiting.get(id);
      const wait = RETRY_AFTER_MS[one?.tries ?? 0];
      if (one && wait !== undefined) {
        one.tries += 1;
        one.dueAt = now + wait;
      } else if (one) {
        this.#waiting.delete(id);
        this.#notFound += 1;
      }
    }
  }

  #forgetOldest(): void {
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size > MAX_WAITING && oldest !== undefined) {
      this.#waiting.delete(oldest);
    }
  }
}
