import type { Push } from '../model/push.ts';
import { SAME_START_MS, type StreamPast } from './walk-stream.ts';

/** At most this many are kept; the oldest goes first. */
const MAX_STARTS = 10_000;

/** A push from its start to when that was told, epoch ms UTC. */
interface Told {
  start: number;
  toldAt: number;
}

/**
 * Pushes whose start was told after outages since then had been folded, most by the break that ended them. While
 * breaks are read again, oldest first, nothing may be folded between start and telling: it would be out of date
 * again at once.
 */
export class LateStarts {
  readonly #told = new Map<string, Told>();

  /**
   * Adds a push.
   *
   * @param id - of the break or push that told it
   * @param start - epoch ms UTC
   * @param toldAt - when the break ended that told it, or the start when a push told it; epoch ms UTC
   * @returns whether this was not known: false when breaks were read again for it already
   */
  add(id: string, start: number, toldAt: number): boolean {
    const known = this.#told.get(id);
    if (known?.start === start && known.toldAt === toldAt) {
      return false;
    }
    this.#told.delete(id);
    this.#told.set(id, { start, toldAt });
    const [oldest] = this.#told.size > MAX_STARTS ? this.#told.keys() : [];
    if (oldest !== undefined) {
      this.#told.delete(oldest);
    }
    return true;
  }

  delete(id: string): void {
    this.#told.delete(id);
  }

  /** Forgets those that were told before a moment, epoch ms UTC. */
  forgetBefore(moment: number): void {
    for (const [id, { toldAt }] of this.#told) {
      if (toldAt < moment) {
        this.#told.delete(id);
      }
    }
  }

  /** Tells whether one had begun before a moment, epoch ms UTC, and is told after it. */
  isAwaited(moment: number): boolean {
    for (const { start, toldAt } of this.#told.values()) {
      if (start < moment && toldAt >= moment) {
        return true;
      }
    }
    return false;
  }
}

/** What is known of a stream when the start of a push is told. */
interface KnownOfStream {
  past: StreamPast | undefined;
  /** Pushes that are held. */
  reported: readonly Push[];
  /** Windows up to this time do not change any more, epoch ms UTC. */
  settledUntil: number;
}

/**
 * Tells whether a start before the folded past of a stream may change it: then it is not one that was known, or
 * something speaks against a push that was live since.
 *
 * @param told - epoch ms UTC; `knownAt` is the end of the break that told it, minus infinity for a push
 */
export function isToldLate(
  { startedAt, knownAt }: Record<'startedAt' | 'knownAt', number>,
  { past, reported, settledUntil }: KnownOfStream,
): boolean {
  const isWithinOutage = past !== undefined && past.lastDownAt > startedAt + SAME_START_MS;
  if (isWithinOutage || (past && past.lastRefusalAt > startedAt)) {
    return true;
  }
  const isKnown =
    past?.spans.some(({ start }) => startedAt >= start && startedAt - start <= SAME_START_MS) ||
    reported.some((push) => Math.abs(push.startedAt - startedAt) <= SAME_START_MS);
  const isAfterBreak = past !== undefined && past.lastBreakAt >= startedAt - SAME_START_MS;
  return !isKnown && (isAfterBreak || knownAt <= settledUntil);
}
