import { type AnswerError, BreakwatchError } from '../../model/errors.ts';
import type { ChannelStatus } from '../../model/notice.ts';
import { type Backoff, backoffMs } from '../../model/time.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import type { ChannelRoute } from './channel-route.ts';
import { foldNotices } from './fold-notices.ts';
import type { DeliveryState, NoticeEntry } from './notice-book.ts';

/** What a queue needs from its dispatcher. */
export interface QueueHost {
  /** Sends notices; rejects when the attempt failed. */
  send(entries: readonly NoticeEntry[]): Promise<string>;
  /** Called when delivery states changed and must be saved. */
  changed(entries: readonly NoticeEntry[]): void;
  sent(entry: NoticeEntry): void;
  /** Called after each failed attempt. */
  failed(error: BreakwatchError): void;
  gaveUp(entry: NoticeEntry, error: BreakwatchError): void;
  /** Called when an attempt succeeded after earlier ones had failed. */
  recovered(): void;
  /** The clock, epoch ms UTC. */
  now(): number;
  /** 0 to 1, for the jitter of retries. */
  random(): number;
}

/** When a queue retries and gives up. */
export interface QueueTimes {
  backoff: Backoff;
  /** Time after which a notice that keeps failing is given up, ms. */
  giveUpMs: number;
}

interface QueuedNotice {
  entry: NoticeEntry;
  tries: number;
  nextAt: number;
  /** True after a batch with this notice was refused, to find the notice that the receiver rejects. */
  sendAlone: boolean;
  error: AnswerError | null;
}

const MINUTE = 60_000;
/** Pages go first, then the notices that end them. */
const SEND_ORDER = { page: 0, resolve: 1, update: 2 } as const;

/**
 * The notices that wait for one channel. Notices of one alert are sent in order; among alerts, pages go
 * before other notices.
 */
export class ChannelQueue {
  readonly #route: ChannelRoute;
  readonly #host: QueueHost;
  readonly #times: QueueTimes;
  readonly #waiting = new Map<string, QueuedNotice[]>();
  /** Ids of alerts that have a notice in flight. */
  readonly #inFlight = new Set<string>();
  #requests = 0;
  #sentAt: number[] = [];
  #failures = 0;
  #nextAt = 0;
  #failingSince: number | null = null;
  #lastSentAt: number | null = null;
  #error: AnswerError | null = null;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(route: ChannelRoute, host: QueueHost, times: QueueTimes) {
    this.#route = route;
    this.#host = host;
    this.#times = times;
  }

  get name(): string {
    return this.#route.channel.name;
  }

  /** Queues a notice; {@link pump} sends it. @returns notices that it supersedes or changes */
  add(entry: NoticeEntry): NoticeEntry[] {
    const list = this.#waiting.get(entry.alert) ?? [];
    list.push({ entry, tries: 0, nextAt: 0, sendAlone: false, error: null });
    list.sort((a, b) => a.entry.order - b.entry.order);
    this.#waiting.set(entry.alert, list);
    return this.#fold(entry.alert);
  }

  /** Removes a notice from the queue. @returns false when it is not queued or already in flight */
  remove(entry: NoticeEntry): boolean {
    const list = this.#waiting.get(entry.alert) ?? [];
    const index = list.findIndex((one) => one.entry === entry);
    if (index < 0 || (index === 0 && this.#inFlight.has(entry.alert))) {
      return false;
    }
    list.splice(index, 1);
    this.#removeIfEmpty(entry.alert);
    return true;
  }

  /** Sends a notice now instead of at its next retry. */
  retryNow(entry: NoticeEntry): void {
    for (const one of this.#waiting.get(entry.alert) ?? []) {
      one.nextAt = 0;
    }
    this.#nextAt = 0;
    this.pump();
  }

  /** Attempts so far, time of the next one, and why the last one failed; undefined when not queued. */
  progressOf(
    entry: NoticeEntry,
  ): { tries: number; nextAt: number; error: AnswerError | null } | undefined {
    const found = this.#waiting.get(entry.alert)?.find((one) => one.entry === entry);
    return found && { ...found, nextAt: Math.max(found.nextAt, this.#nextAt) };
  }

  status(): Omit<ChannelStatus, 'givenUp'> {
    let waiting = 0;
    let oldest = Number.POSITIVE_INFINITY;
    for (const list of this.#waiting.values()) {
      waiting += list.length;
      oldest = Math.min(oldest, ...list.map(({ entry }) => entry.at));
    }
    return {
      channel: this.name,
      waiting,
      oldestWaitingAt: waiting > 0 ? oldest : null,
      lastSentAt: this.#lastSentAt,
      failingSince: this.#failingSince,
      error: this.#error,
    };
  }

  /** Sends due notices, and sets a timer for the next ones. */
  pump(): void {
    clearTimeout(this.#timer);
    while (!this.#closed && this.#canSend()) {
      const batch = this.#nextBatch();
      if (batch.length === 0) {
        break;
      }
      this.#send(batch);
    }
    this.#scheduleNext();
  }

  /** Stops sending. Requests in flight continue. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #canSend(): boolean {
    const now = this.#host.now();
    // While the channel fails, one request at a time is enough to see whether it works again.
    const max = this.#failures > 0 ? 1 : this.#route.concurrency;
    return this.#requests < max && now >= this.#nextAt && this.#rateLimitedUntil(now) <= now;
  }

  /** When the rate limit allows the next request, epoch ms UTC; 0 for now. */
  #rateLimitedUntil(now: number): number {
    const { perMinute } = this.#route;
    if (perMinute === null) {
      return 0;
    }
    this.#sentAt = this.#sentAt.filter((at) => at > now - MINUTE && at <= now);
    return this.#sentAt.length < perMinute ? 0 : (this.#sentAt[0] as number) + MINUTE;
  }

  #nextBatch(): QueuedNotice[] {
    const now = this.#host.now();
    const due = [...this.#waiting.values()]
      .map((list) => list[0] as QueuedNotice)
      .filter((one) => one.nextAt <= now && !this.#inFlight.has(one.entry.alert));
    const before = (a: QueuedNotice, b: QueuedNotice) =>
      SEND_ORDER[a.entry.kind] - SEND_ORDER[b.entry.kind] ||
      a.tries - b.tries ||
      a.entry.order - b.entry.order;
    if (this.#route.batch === 1) {
      return due.length > 0
        ? [due.reduce((best, one) => (before(one, best) < 0 ? one : best))]
        : [];
    }
    due.sort(before);
    const [first] = due;
    return first?.sendAlone
      ? [first]
      : due.filter(({ sendAlone }) => !sendAlone).slice(0, this.#route.batch);
  }

  #send(batch: readonly QueuedNotice[]): void {
    this.#requests += 1;
    const entries = batch.map(({ entry }) => entry);
    for (const { alert } of entries) {
      this.#inFlight.add(alert);
    }
    if (this.#route.perMinute !== null) {
      this.#sentAt.push(this.#host.now());
    }
    this.#host
      .send(entries)
      .then(
        () => this.#succeeded(batch),
        (thrown: unknown) => this.#failed(batch, thrown),
      )
      .finally(() => {
        this.#requests -= 1;
        this.pump();
      });
  }

  #succeeded(batch: readonly QueuedNotice[]): void {
    this.#lastSentAt = this.#host.now();
    for (const { entry } of batch) {
      this.#finish(entry, { state: 'sent' });
      this.#host.sent(entry);
    }
    this.#host.changed(batch.map(({ entry }) => entry));
    this.#recover();
  }

  #recover(): void {
    const failures = this.#failures;
    this.#failures = 0;
    this.#nextAt = 0;
    this.#failingSince = null;
    this.#error = null;
    // A single failure may be caused by one notice, which then keeps its backoff.
    if (failures > 1) {
      for (const list of this.#waiting.values()) {
        for (const one of list) {
          one.nextAt = 0;
        }
      }
    }
    if (failures > 0) {
      this.#host.recovered();
    }
  }

  #failed(batch: readonly QueuedNotice[], thrown: unknown): void {
    const error =
      thrown instanceof BreakwatchError && thrown.code.startsWith('NOTIFICATION_')
        ? thrown
        : maskedError('NOTIFICATION_FAILED', {
            channel: this.name,
            problem: asBreakwatchError(thrown).code,
          });
    if (this.#closed) {
      return;
    }
    const now = this.#host.now();
    this.#host.failed(error);
    this.#error = error.toAnswer();
    this.#failingSince ??= now;
    const isRefused = error.code === 'NOTIFICATION_REFUSED';
    if (!isRefused) {
      this.#failures += 1;
      const wait = backoffMs(this.#times.backoff, this.#failures, this.#host.random());
      this.#nextAt = now + Math.max(wait, Number(error.details.retryAfterMs ?? 0));
    }
    for (const one of batch) {
      const { entry } = one;
      this.#inFlight.delete(entry.alert);
      one.tries += 1;
      one.error = error.toAnswer();
      const since = entry.channels.get(this.name)?.since ?? entry.at;
      if (isRefused && batch.length > 1) {
        // One of them may be the reason, so each is sent alone from now on.
        one.sendAlone = true;
      } else if (isRefused || now - since >= this.#times.giveUpMs) {
        this.#finish(entry, { state: 'givenUp', error: error.toAnswer() });
        this.#host.gaveUp(entry, error);
        this.#host.changed([entry, ...this.#fold(entry.alert)]);
      } else {
        one.nextAt = now + backoffMs(this.#times.backoff, one.tries, this.#host.random());
        this.#host.changed(this.#fold(entry.alert));
      }
    }
  }

  #finish(entry: NoticeEntry, to: DeliveryState): void {
    this.#inFlight.delete(entry.alert);
    this.remove(entry);
    const { error: _error, ...before } = entry.channels.get(this.name) ?? {};
    entry.channels.set(this.name, { ...before, ...to });
  }

  #fold(alert: string): NoticeEntry[] {
    const list = this.#waiting.get(alert) ?? [];
    const queued = list.slice(this.#inFlight.has(alert) ? 1 : 0).map(({ entry }) => entry);
    const changed = foldNotices(queued, this.name);
    if (changed.length > 0) {
      const left = list.filter(({ entry }) => entry.channels.get(this.name)?.state === 'waiting');
      this.#waiting.set(alert, left);
      this.#removeIfEmpty(alert);
    }
    return changed;
  }

  #removeIfEmpty(alert: string): void {
    if (this.#waiting.get(alert)?.length === 0) {
      this.#waiting.delete(alert);
    }
  }

  #scheduleNext(): void {
    if (this.#closed || this.#waiting.size === 0 || (this.#requests > 0 && this.#failures > 0)) {
      return;
    }
    const now = this.#host.now();
    let next = Number.POSITIVE_INFINITY;
    for (const [alert, [first]] of this.#waiting) {
      if (first && !this.#inFlight.has(alert)) {
        next = Math.min(next, first.nextAt);
      }
    }
    const at = Math.max(next, this.#nextAt, this.#rateLimitedUntil(now));
    if (Number.isFinite(at) && at > now) {
      this.#timer = setTimeout(() => this.pump(), Math.min(at - now, MINUTE));
      this.#timer.unref();
    }
  }
}
