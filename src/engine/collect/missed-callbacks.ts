import { RECORDS_KEPT_MS, RECORDS_SPAN_MS } from '../../css/api/index.ts';
import type { BreakEvent } from '../../model/break.ts';

/** A callback comes within seconds; after this long, in ms, it is missed. */
export const CALLBACK_DUE_MS = 120_000;
/** Breaks of this long back count, in ms. */
export const MISSED_WINDOW_MS = 3_600_000;
const MAX_RECOVERED = 5_000;

type Seen = Pick<BreakEvent, 'id' | 'endedAt' | 'outcome' | 'sources'>;

/**
 * Counts breaks that polling found and no callback told of, though one should have: CSS tells the
 * end of every push by callback. Refusals do not count, as no document says that they are told. A callback
 * that was looked up in CSS's records is missed all the same.
 */
export class MissedCallbacks {
  readonly #since: number;
  /** When a break was polled and ended, epoch ms UTC, by its id; and its callback's key. */
  readonly #polled = new Map<string, { polledAt: number; endedAt: number; key?: string }>();
  /** When a callback was looked up because it had not come, epoch ms UTC, by its key. */
  readonly #recovered: Map<string, number>;

  /**
   * @param since - callbacks of breaks before this, epoch ms UTC, are not expected
   * @param recovered - callbacks that were looked up lately, with the moment
   */
  constructor(since: number, recovered: Iterable<readonly [key: string, at: number]> = []) {
    this.#since = since;
    this.#recovered = new Map(recovered);
  }

  /** Takes note of callbacks that did not come and were looked up, before their events change. */
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

  /** Callbacks that were looked up, for a later run. */
  get lookedUp(): [key: string, at: number][] {
    return [...this.#recovered];
  }

  /** Takes note that a callback came by itself, maybe after it had been looked up. */
  notified(key: string): void {
    if (this.#recovered.delete(key)) {
      for (const [id, polled] of this.#polled) {
        if (polled.key === key) {
          this.#polled.delete(id);
        }
      }
    }
  }

  /** Takes note of an event, new or changed. */
  changed({ id, endedAt, outcome, sources }: Seen): void {
    const polledAt = sources.find(({ source }) => source === 'api')?.receivedAt;
    const key = sources.find(({ source }) => source === 'callback')?.key;
    const isNotified = key !== undefined && !this.#recovered.has(key);
    if (polledAt === undefined || isNotified || outcome === 'refused' || endedAt < this.#since) {
      this.#polled.delete(id);
    } else {
      this.#polled.set(id, { polledAt, endedAt, ...(key === undefined ? {} : { key }) });
    }
  }

  /** Takes note that an event is no more. */
  removed(id: string): void {
    this.#polled.delete(id);
  }

  /** How many are missed, of breaks within {@link MISSED_WINDOW_MS}. */
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

/** Clocks of callback and API differ by seconds; so far around a break, in ms, is looked. */
const AROUND_MS = 60_000;
/** Waits before asking again for what was not found, in ms: records may appear late. */
const AGAIN_AFTER_MS = [10 * 60_000, 60 * 60_000];
/** What is about to fall out of CSS's records is not worth a question. */
const REACH_MS = RECORDS_KEPT_MS - 3_600_000;
const MAX_WAITING = 20_000;

type PolledBreak = Pick<BreakEvent, 'id' | 'stream' | 'endedAt' | 'outcome' | 'sources'>;

interface Waiting {
  stream: string;
  endedAt: number;
  dueAt: number;
  tries: number;
}

/** One question for the callback records of a stream. Times are epoch ms UTC. */
export interface UnreportedQuestion {
  stream: string;
  from: number;
  to: number;
  /** The breaks that it is asked for. */
  ids: string[];
}

/**
 * Breaks that polling found and no callback told of, waiting to be looked up in CSS's records of
 * callbacks. Refusals wait only once a callback has told of one, as no document says that any does.
 */
export class UnreportedBreaks {
  readonly #since: number;
  readonly #waiting = new Map<string, Waiting>();
  #tellsRefusals = false;
  #givenUp = 0;

  /** @param since - callbacks of breaks before this, epoch ms UTC, are not expected */
  constructor(since: number) {
    this.#since = since;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** How many CSS had no record of, since the start. */
  get givenUp(): number {
    return this.#givenUp;
  }

  /** Takes note of an event, new or changed. */
  changed({ id, stream, endedAt, outcome, sources }: PolledBreak): void {
    const polledAt = sources.find(({ source }) => source === 'api')?.receivedAt;
    const isNotified = sources.some(({ source }) => source === 'callback');
    const isRefusal = outcome === 'refused';
    this.#tellsRefusals ||= isNotified && isRefusal;
    const isWanted =
      polledAt !== undefined &&
      !isNotified &&
      endedAt >= this.#since &&
      (!isRefusal || this.#tellsRefusals);
    if (!isWanted) {
      this.#waiting.delete(id);
    } else if (!this.#waiting.has(id)) {
      this.#waiting.set(id, { stream, endedAt, dueAt: polledAt + CALLBACK_DUE_MS, tries: 0 });
      this.#forgetOldest();
    }
  }

  /** Takes note that an event is no more. */
  removed(id: string): void {
    this.#waiting.delete(id);
  }

  /** The next question, that of the newest break that is due; undefined when none is. */
  next(now: number): UnreportedQuestion | undefined {
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
    // One question may tell of all breaks of the stream within a day.
    const earliest = last.endedAt - RECORDS_SPAN_MS + 2 * AROUND_MS;
    const asked = [...this.#waiting].filter(
      ([, { stream, endedAt, dueAt }]) =>
        stream === last.stream && endedAt >= earliest && endedAt <= last.endedAt && dueAt <= now,
    );
    return {
      stream: last.stream,
      from: Math.min(...asked.map(([, { endedAt }]) => endedAt)) - AROUND_MS,
      to: Math.min(last.endedAt + AROUND_MS, now),
      ids: asked.map(([id]) => id),
    };
  }

  /** Takes note that a question was answered: what was in the answer comes back as told. */
  asked({ ids }: UnreportedQuestion, now: number): void {
    for (const id of ids) {
      const one = this.#waiting.get(id);
      const wait = AGAIN_AFTER_MS[one?.tries ?? 0];
      if (one && wait !== undefined) {
        one.tries += 1;
        one.dueAt = now + wait;
      } else if (one) {
        this.#waiting.delete(id);
        this.#givenUp += 1;
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
