import type { AnswerError } from '../../model/errors.ts';
import { foldNotices } from './fold-notices.ts';
import type { NoticeEntry } from './notice-book.ts';

/** A notice that waits for a channel, with its attempts so far. */
export interface WaitingNotice {
  entry: NoticeEntry;
  tries: number;
  /** Time of the next attempt, epoch ms UTC; 0 for now. */
  nextAt: number;
  /** True after a batch with this notice was refused, to find the notice that the receiver rejects. */
  sendAlone: boolean;
  /** Why the last attempt failed. */
  error: AnswerError | null;
}

/** Pages go first, then the notices that end them. */
const SEND_ORDER = { page: 0, resolve: 1, update: 2 } as const;

/**
 * The notices that wait for one channel, by alert. Notices of one alert are sent in order, so only the
 * first one of each alert can be due; among alerts, pages go before other notices.
 */
export class WaitingNotices {
  readonly #channel: string;
  readonly #byAlert = new Map<string, WaitingNotice[]>();
  /** Ids of alerts that have a notice in flight. */
  readonly #inFlight = new Set<string>();

  /** @param channel - name of the channel */
  constructor(channel: string) {
    this.#channel = channel;
  }

  get isEmpty(): boolean {
    return this.#byAlert.size === 0;
  }

  /** Adds a notice. @returns notices that it supersedes or changes */
  add(entry: NoticeEntry): NoticeEntry[] {
    const list = this.#byAlert.get(entry.alert) ?? [];
    list.push({ entry, tries: 0, nextAt: 0, sendAlone: false, error: null });
    list.sort((a, b) => a.entry.order - b.entry.order);
    this.#byAlert.set(entry.alert, list);
    return this.fold(entry.alert);
  }

  /** Removes a notice. @returns false when it does not wait or is in flight */
  remove(entry: NoticeEntry): boolean {
    const list = this.#byAlert.get(entry.alert) ?? [];
    const index = list.findIndex((one) => one.entry === entry);
    if (index < 0 || (index === 0 && this.#inFlight.has(entry.alert))) {
      return false;
    }
    list.splice(index, 1);
    this.#removeIfEmpty(entry.alert);
    return true;
  }

  find(entry: NoticeEntry): WaitingNotice | undefined {
    return this.#byAlert.get(entry.alert)?.find((one) => one.entry === entry);
  }

  /** Number of notices, and the time of the oldest one, epoch ms UTC; null when none waits. */
  count(): { waiting: number; oldestWaitingAt: number | null } {
    let waiting = 0;
    let oldest = Number.POSITIVE_INFINITY;
    for (const list of this.#byAlert.values()) {
      waiting += list.length;
      oldest = Math.min(oldest, ...list.map(({ entry }) => entry.at));
    }
    return { waiting, oldestWaitingAt: waiting > 0 ? oldest : null };
  }

  /**
   * Chooses the notices of the next request, each of another alert.
   *
   * @param now - epoch ms UTC
   * @param max - notices in one request
   * @returns an empty list when none is due
   */
  nextBatch(now: number, max: number): WaitingNotice[] {
    const due = [...this.#byAlert.values()]
      .map((list) => list[0] as WaitingNotice)
      .filter((one) => one.nextAt <= now && !this.#inFlight.has(one.entry.alert));
    if (max === 1) {
      return due.length > 0
        ? [due.reduce((best, one) => (compareUrgency(one, best) < 0 ? one : best))]
        : [];
    }
    due.sort(compareUrgency);
    const [first] = due;
    return first?.sendAlone ? [first] : due.filter(({ sendAlone }) => !sendAlone).slice(0, max);
  }

  /** Time of the next attempt of any notice, epoch ms UTC; infinite when all are in flight. */
  nextAt(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const [alert, [first]] of this.#byAlert) {
      if (first && !this.#inFlight.has(alert)) {
        next = Math.min(next, first.nextAt);
      }
    }
    return next;
  }

  /** Makes notices due now: those of one alert, or all. */
  makeDue(alert?: string): void {
    const lists = alert === undefined ? this.#byAlert.values() : [this.#byAlert.get(alert) ?? []];
    for (const one of [...lists].flat()) {
      one.nextAt = 0;
    }
  }

  /** Marks the alerts of a batch as in flight: their notices neither change nor are sent. */
  begin(batch: readonly WaitingNotice[]): void {
    for (const { entry } of batch) {
      this.#inFlight.add(entry.alert);
    }
  }

  /** Ends what `begin` began for one alert. */
  end(alert: string): void {
    this.#inFlight.delete(alert);
  }

  /** Folds the waiting notices of an alert; see `foldNotices`. @returns notices whose state changed */
  fold(alert: string): NoticeEntry[] {
    const list = this.#byAlert.get(alert) ?? [];
    const queued = list.slice(this.#inFlight.has(alert) ? 1 : 0).map(({ entry }) => entry);
    const changed = foldNotices(queued, this.#channel);
    if (changed.length > 0) {
      const left = list.filter(
        ({ entry }) => entry.channels.get(this.#channel)?.state === 'waiting',
      );
      this.#byAlert.set(alert, left);
      this.#removeIfEmpty(alert);
    }
    return changed;
  }

  #removeIfEmpty(alert: string): void {
    if (this.#byAlert.get(alert)?.length === 0) {
      this.#byAlert.delete(alert);
    }
  }
}

function compareUrgency(a: WaitingNotice, b: WaitingNotice): number {
  return (
    SEND_ORDER[a.entry.kind] - SEND_ORDER[b.entry.kind] ||
    a.tries - b.tries ||
    a.entry.order - b.entry.order
  );
}
