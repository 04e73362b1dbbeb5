import type { BreakEvent } from '../../model/break-event.ts';

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
