import { type AnswerError, BreakwatchError } from '../../model/errors.ts';
import type { ChannelStatus } from '../../model/notice.ts';
import { type Backoff, backoffMs } from '../../model/time.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import type { ChannelRoute } from './channel-route.ts';
import { foldNotices } from './fold-notices.ts';
import type { DeliveryState, NoticeEntry } from './notice-book.ts';

/** What a queue tells its dispatcher. */
export interface QueueOwner {
  /** Sends; a rejection is a failed try. */
  send(entries: readonly NoticeEntry[]): Promise<string>;
  /** States were changed and have to be kept. */
  changed(entries: readonly NoticeEntry[]): void;
  sent(entry: NoticeEntry): void;
  failed(error: BreakwatchError): void;
  gaveUp(entry: NoticeEntry, error: BreakwatchError): void;
  /** A try succeeded after others had failed. */
  recovered(): void;
  now(): number;
  random(): number;
}

/** How long a queue keeps trying; in ms. */
export interface QueueTimes {
  backoff: Backoff;
  /** Nothing is given up before it has been tried for so long. */
  giveUpMs: number;
}

interface Waiting {
  entry: NoticeEntry;
  tries: number;
  nextAt: number;
  /** Was refused together with others. */
  alone: boolean;
  error: AnswerError | null;
}

const MINUTE = 60_000;
/** What rings goes first, then what ends the ringing. */
const RANK = { page: 0, resolve: 1, update: 2 } as const;

/** What waits for one way out: in order within an alert, pages before the rest among alerts. */
export class ChannelQueue {
  readonly #way: ChannelRoute;
  readonly #owner: QueueOwner;
  readonly #times: QueueTimes;
  readonly #waiting = new Map<string, Waiting[]>();
  /** Alerts of which something is being sent. */
  readonly #inHand = new Set<string>();
  #requests = 0;
  #sentAt: number[] = [];
  #failures = 0;
  #nextAt = 0;
  #failingSince: number | null = null;
  #lastSentAt: number | null = null;
  #error: AnswerError | null = null;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(channel: ChannelRoute, owner: QueueOwner, times: QueueTimes) {
    this.#way = channel;
    this.#owner = owner;
    this.#times = times;
  }

  get name(): string {
    return this.#way.sender.name;
  }

  /** Lets a notice wait here. {@link pump} begins to send. @returns those that it makes needless */
  add(entry: NoticeEntry): NoticeEntry[] {
    const list = this.#waiting.get(entry.alert) ?? [];
    list.push({ entry, tries: 0, nextAt: 0, alone: false, error: null });
    list.sort((a, b) => a.entry.order - b.entry.order);
    this.#waiting.set(entry.alert, list);
    return this.#fold(entry.alert);
  }

  /** Takes a notice away. @returns whether it waited here and was not being sent */
  remove(entry: NoticeEntry): boolean {
    const list = this.#waiting.get(entry.alert) ?? [];
    const index = list.findIndex((one) => one.entry === entry);
    if (index < 0 || (index === 0 && this.#inHand.has(entry.alert))) {
      return false;
    }
    list.splice(index, 1);
    this.#tidy(entry.alert);
    return true;
  }

  /** Tries a notice now, whatever it waits for. */
  hurry(entry: NoticeEntry): void {
    for (const one of this.#waiting.get(entry.alert) ?? []) {
      one.nextAt = 0;
    }
    this.#nextAt = 0;
    this.pump();
  }

  /** Tries so far, the next one and why the last one failed. */
  of(entry: NoticeEntry): { tries: number; nextAt: number; error: AnswerError | null } | undefined {
    const found = this.#waiting.get(entry.alert)?.find((one) => one.entry === entry);
    return found && { ...found, nextAt: Math.max(found.nextAt, this.#nextAt) };
  }

  status(): Omit<ChannelStatus, 'dead'> {
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

  /** Sends what is due. */
  pump(): void {
    clearTimeout(this.#timer);
    while (!this.#closed && this.#mayBegin()) {
      const batch = this.#next();
      if (batch.length === 0) {
        break;
      }
      this.#send(batch);
    }
    this.#sleep();
  }

  /** Begins nothing more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #mayBegin(): boolean {
    const now = this.#owner.now();
    // While it fails one request at a time finds out whether it is well again.
    const max = this.#failures > 0 ? 1 : this.#way.concurrency;
    return this.#requests < max && now >= this.#nextAt && this.#freeAt(now) <= now;
  }

  /** When a further request is within the limit. */
  #freeAt(now: number): number {
    const { perMinute } = this.#way;
    if (perMinute === null) {
      return 0;
    }
    this.#sentAt = this.#sentAt.filter((at) => at > now - MINUTE && at <= now);
    return this.#sentAt.length < perMinute ? 0 : (this.#sentAt[0] as number) + MINUTE;
  }

  #next(): Waiting[] {
    const now = this.#owner.now();
    const due = [...this.#waiting.values()]
      .map((list) => list[0] as Waiting)
      .filter((one) => one.nextAt <= now && !this.#inHand.has(one.entry.alert));
    const before = (a: Waiting, b: Waiting) =>
      RANK[a.entry.kind] - RANK[b.entry.kind] || a.tries - b.tries || a.entry.order - b.entry.order;
    if (this.#way.batch === 1) {
      return due.length > 0
        ? [due.reduce((best, one) => (before(one, best) < 0 ? one : best))]
        : [];
    }
    due.sort(before);
    const [first] = due;
    return first?.alone ? [first] : due.filter(({ alone }) => !alone).slice(0, this.#way.batch);
  }

  #send(batch: readonly Waiting[]): void {
    this.#requests += 1;
    const entries = batch.map(({ entry }) => entry);
    for (const { alert } of entries) {
      this.#inHand.add(alert);
    }
    if (this.#way.perMinute !== null) {
      this.#sentAt.push(this.#owner.now());
    }
    this.#owner
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

  #succeeded(batch: readonly Waiting[]): void {
    this.#lastSentAt = this.#owner.now();
    for (const { entry } of batch) {
      this.#leave(entry, { state: 'sent' });
      this.#owner.sent(entry);
    }
    this.#owner.changed(batch.map(({ entry }) => entry));
    this.#isWell();
  }

  #isWell(): void {
    const failures = this.#failures;
    this.#failures = 0;
    this.#nextAt = 0;
    this.#failingSince = null;
    this.#error = null;
    // One failure may be the fault of one notice, which then goes on waiting.
    if (failures > 1) {
      for (const list of this.#waiting.values()) {
        for (const one of list) {
          one.nextAt = 0;
        }
      }
    }
    if (failures > 0) {
      this.#owner.recovered();
    }
  }

  #failed(batch: readonly Waiting[], thrown: unknown): void {
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
    const now = this.#owner.now();
    this.#owner.failed(error);
    this.#error = error.toAnswer();
    this.#failingSince ??= now;
    const isRefused = error.code === 'NOTIFICATION_REFUSED';
    if (!isRefused) {
      this.#failures += 1;
      const wait = backoffMs(this.#times.backoff, this.#failures, this.#owner.random());
      this.#nextAt = now + Math.max(wait, Number(error.details.retryAfterMs ?? 0));
    }
    for (const one of batch) {
      const { entry } = one;
      this.#inHand.delete(entry.alert);
      one.tries += 1;
      one.error = error.toAnswer();
      const since = entry.channels.get(this.name)?.since ?? entry.at;
      if (isRefused && batch.length > 1) {
        // One of them may be what the receiver does not like.
        one.alone = true;
      } else if (isRefused || now - since >= this.#times.giveUpMs) {
        this.#leave(entry, { state: 'dead', error: error.toAnswer() });
        this.#owner.gaveUp(entry, error);
        this.#owner.changed([entry, ...this.#fold(entry.alert)]);
      } else {
        one.nextAt = now + backoffMs(this.#times.backoff, one.tries, this.#owner.random());
        this.#owner.changed(this.#fold(entry.alert));
      }
    }
  }

  #leave(entry: NoticeEntry, to: DeliveryState): void {
    this.#inHand.delete(entry.alert);
    this.remove(entry);
    const { error: _error, ...before } = entry.channels.get(this.name) ?? {};
    entry.channels.set(this.name, { ...before, ...to });
  }

  #fold(alert: string): NoticeEntry[] {
    const list = this.#waiting.get(alert) ?? [];
    const still = list.slice(this.#inHand.has(alert) ? 1 : 0).map(({ entry }) => entry);
    const changed = foldNotices(still, this.name);
    if (changed.length > 0) {
      const left = list.filter(({ entry }) => entry.channels.get(this.name)?.state === 'waiting');
      this.#waiting.set(alert, left);
      this.#tidy(alert);
    }
    return changed;
  }

  #tidy(alert: string): void {
    if (this.#waiting.get(alert)?.length === 0) {
      this.#waiting.delete(alert);
    }
  }

  #sleep(): void {
    if (this.#closed || this.#waiting.size === 0 || (this.#requests > 0 && this.#failures > 0)) {
      return;
    }
    const now = this.#owner.now();
    let next = Number.POSITIVE_INFINITY;
    for (const [alert, [first]] of this.#waiting) {
      if (first && !this.#inHand.has(alert)) {
        next = Math.min(next, first.nextAt);
      }
    }
    const at = Math.max(next, this.#nextAt, this.#freeAt(now));
    if (Number.isFinite(at) && at > now) {
      this.#timer = setTimeout(() => this.pump(), Math.min(at - now, MINUTE));
      this.#timer.unref();
    }
  }
}
