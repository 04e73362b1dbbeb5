import { type AnswerError, BreakwatchError } from '../../model/errors.ts';
import type { ChannelStatus } from '../../model/notice.ts';
import { type Backoff, backoffMs } from '../../model/time.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import type { ChannelRoute } from './channel-route.ts';
import type { DeliveryState, NoticeEntry } from './notice-book.ts';
import { type WaitingNotice, WaitingNotices } from './waiting-notices.ts';

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

const MINUTE = 60_000;

/**
 * Sends the notices that wait for one channel, within its limits. Retries with a growing wait while the
 * channel fails, and gives up notices that are refused or fail for too long.
 */
export class ChannelQueue {
  readonly #route: ChannelRoute;
  readonly #host: QueueHost;
  readonly #times: QueueTimes;
  readonly #waiting: WaitingNotices;
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
    this.#waiting = new WaitingNotices(route.channel.name);
  }

  get name(): string {
    return this.#route.channel.name;
  }

  /** Queues a notice; {@link pump} sends it. @returns notices that it supersedes or changes */
  add(entry: NoticeEntry): NoticeEntry[] {
    return this.#waiting.add(entry);
  }

  /** Removes a notice from the queue. @returns false when it is not queued or already in flight */
  remove(entry: NoticeEntry): boolean {
    return this.#waiting.remove(entry);
  }

  /** Sends a notice now instead of at its next retry. */
  retryNow(entry: NoticeEntry): void {
    this.#waiting.makeDue(entry.alert);
    this.#nextAt = 0;
    this.pump();
  }

  /** Attempts so far, time of the next one, and why the last one failed; undefined when not queued. */
  progressOf(
    entry: NoticeEntry,
  ): { tries: number; nextAt: number; error: AnswerError | null } | undefined {
    const found = this.#waiting.find(entry);
    return found && { ...found, nextAt: Math.max(found.nextAt, this.#nextAt) };
  }

  status(): Omit<ChannelStatus, 'givenUp'> {
    return {
      channel: this.name,
      ...this.#waiting.count(),
      lastSentAt: this.#lastSentAt,
      failingSince: this.#failingSince,
      error: this.#error,
    };
  }

  /** Sends due notices, and sets a timer for the next ones. */
  pump(): void {
    clearTimeout(this.#timer);
    // One reading of the clock: if it ticked in between, a notice could be not due yet for the loop and
    // no longer due for the timer, and would wait forever.
    const now = this.#host.now();
    while (!this.#closed && this.#canSend(now)) {
      const batch = this.#waiting.nextBatch(now, this.#route.batch);
      if (batch.length === 0) {
        break;
      }
      this.#send(batch, now);
    }
    this.#scheduleNext(now);
  }

  /** Stops sending. Requests in flight continue. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #canSend(now: number): boolean {
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

  #send(batch: readonly WaitingNotice[], now: number): void {
    this.#requests += 1;
    const entries = batch.map(({ entry }) => entry);
    this.#waiting.begin(batch);
    if (this.#route.perMinute !== null) {
      this.#sentAt.push(now);
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

  #succeeded(batch: readonly WaitingNotice[]): void {
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
      this.#waiting.makeDue();
    }
    if (failures > 0) {
      this.#host.recovered();
    }
  }

  #failed(batch: readonly WaitingNotice[], thrown: unknown): void {
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
      this.#waiting.end(entry.alert);
      one.tries += 1;
      one.error = error.toAnswer();
      const since = entry.channels.get(this.name)?.since ?? entry.at;
      if (isRefused && batch.length > 1) {
        // One of them may be the reason, so each is sent alone from now on.
        one.sendAlone = true;
      } else if (isRefused || now - since >= this.#times.giveUpMs) {
        this.#finish(entry, { state: 'givenUp', error: error.toAnswer() });
        this.#host.gaveUp(entry, error);
        this.#host.changed([entry, ...this.#waiting.fold(entry.alert)]);
      } else {
        one.nextAt = now + backoffMs(this.#times.backoff, one.tries, this.#host.random());
        this.#host.changed(this.#waiting.fold(entry.alert));
      }
    }
  }

  #finish(entry: NoticeEntry, to: DeliveryState): void {
    this.#waiting.end(entry.alert);
    this.#waiting.remove(entry);
    const { error: _error, ...before } = entry.channels.get(this.name) ?? {};
    entry.channels.set(this.name, { ...before, ...to });
  }

  #scheduleNext(now: number): void {
    if (this.#closed || this.#waiting.isEmpty || (this.#requests > 0 && this.#failures > 0)) {
      return;
    }
    const at = Math.max(this.#waiting.nextAt(), this.#nextAt, this.#rateLimitedUntil(now));
    if (Number.isFinite(at) && at > now) {
      this.#timer = setTimeout(() => this.pump(), Math.min(at - now, MINUTE));
      this.#timer.unref();
    }
  }
}
