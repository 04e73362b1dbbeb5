import type { BreakEvent } from '../model/break-event.ts';

/** A callback comes within seconds; after this long, in ms, it is missed. */
export const CALLBACK_DUE_MS = 120_000;
/** Breaks of this long back count, in ms. */
export const MISSED_WINDOW_MS = 3_600_000;

type Seen = Pick<BreakEvent, 'id' | 'endedAt' | 'outcome' | 'sources'>;

/**
 * Counts breaks that polling found and no callback told of, though one should have: CSS tells the
 * end of every push by callback. Refusals do not count, as no document says that they are told.
 */
export class MissedCallbacks {
  readonly #since: number;
  /** When a break was polled and ended, epoch ms UTC, by its id. */
  readonly #polled = new Map<string, { polledAt: number; endedAt: number }>();

  /** @param since - callbacks of breaks before this, epoch ms UTC, are not expected */
  constructor(since: number) {
    this.#since = since;
  }

  /** Takes note of an event, new or changed. */
  changed({ id, endedAt, outcome, sources }: Seen): void {
    const polledAt = sources.find(({ source }) => source === 'api')?.receivedAt;
    const isTold = sources.some(({ source }) => source === 'callback');
    if (polledAt === undefined || isTold || outcome === 'refused' || endedAt < this.#since) {
      this.#polled.delete(id);
    } else {
      this.#polled.set(id, { polledAt, endedAt });
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
