import type { AlertInstance } from '../../model/alert.ts';
import type { AnswerError, Log } from '../../model/errors.ts';
import type { AlertNotice, AlertOutbox, NoticeKind, OutboxHooks } from '../../model/notice.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import { testChannels } from '../channels/test-channels.ts';
import type { AlertOutcome } from '../judge/alert-input.ts';
import { ChannelQueue, type QueueOwner } from './channel-queue.ts';
import type { ChannelRoute } from './channel-route.ts';
import {
  type DeliveryState,
  NoticeBook,
  type NoticeEntry,
  type NoticeStore,
} from './notice-book.ts';
import { createDecisions } from './outbox-actions.ts';
import { withinTime } from './within-time.ts';

/** What a dispatcher is made of. Times in ms. */
export interface DispatcherOptions {
  store: NoticeStore;
  channels: readonly ChannelRoute[];
  /** Ways out that tell the same twice; shown in health. */
  warnings?: readonly AnswerError[];
  hooks?: Partial<OutboxHooks>;
  log?: Log;
  /** The clock, epoch ms UTC. */
  now?: () => number;
  random?: () => number;
  /** Longest wait for a receiver. */
  timeoutMs?: number;
  firstRetryMs?: number;
  maxRetryMs?: number;
  /** So long a notice is tried before it is given up. */
  giveUpMs?: number;
  /** So long what was sent is remembered, so that a repeat of it is known. */
  rememberMs?: number;
  /** So long what was given up waits for somebody to decide. */
  keepDeadMs?: number;
}

/** Tells of alerts through every way out. */
export interface Dispatcher extends AlertOutbox {
  /**
   * Takes what was judged. Resolves once the notices are on disk; a notice that was taken before,
   * told by its id, is not taken again. What this rejects has not been taken and should come again.
   *
   * @throws `STORE_FAILED`
   */
  take(outcome: Pick<AlertOutcome, 'instances' | 'notices'>): Promise<void>;
  /** Resolves when nothing is being sent or written. What waits for a further try stays. */
  idle(): Promise<void>;
  /** Ends what is being sent and written. */
  close(): Promise<void>;
}

const HOUR = 3_600_000;
const DEFAULTS = {
  timeoutMs: 10_000,
  firstRetryMs: 1_000,
  maxRetryMs: 60_000,
  giveUpMs: 24 * HOUR,
  rememberMs: 7 * 24 * HOUR,
  keepDeadMs: 30 * 24 * HOUR,
};
/** A notice that waited for longer says when it was due. */
const LATE_MS = 60_000;
const PRUNE_EVERY_MS = HOUR;
const SAVE_AGAIN_MS = 5_000;

/**
 * Opens the outbox: what an earlier process left in it goes out first.
 *
 * @throws `STORE_FAILED`
 */
export async function createDispatcher(options: DispatcherOptions): Promise<Dispatcher> {
  const { channels, hooks = {}, now = Date.now, random = Math.random, warnings = [] } = options;
  const log = options.log ?? (() => undefined);
  const times = { ...DEFAULTS, ...withoutUndefined(options) };
  const book = new NoticeBook(options.store);
  const abort = new AbortController();
  const queues = new Map<string, ChannelQueue>();
  const inFlight = new Set<Promise<unknown>>();
  const unsaved = new Set<NoticeEntry>();
  let firing: readonly AlertInstance[] | null = null;
  let taking: Promise<void> = Promise.resolve();

  for (const channel of channels) {
    queues.set(channel.sender.name, new ChannelQueue(channel, ownerOf(channel), queueTimes()));
  }
  for (const entry of await book.load()) {
    for (const [channel, state] of entry.channels) {
      enqueue(entry, channel, state);
    }
  }
  const timers = channels.flatMap((channel) =>
    channel.sender.refresh ? [setInterval(() => refresh(channel), channel.refreshEveryMs)] : [],
  );
  prune();
  timers.push(setInterval(prune, PRUNE_EVERY_MS), setInterval(saveAgain, SAVE_AGAIN_MS));
  for (const timer of timers) {
    timer.unref();
  }
  pump();

  function queueTimes() {
    const backoff = { firstMs: times.firstRetryMs, maxMs: times.maxRetryMs };
    return { backoff, giveUpMs: times.giveUpMs };
  }

  function ownerOf(channel: ChannelRoute): QueueOwner {
    const { name } = channel.sender;
    let isFailing = false;
    return {
      now,
      random,
      send: (entries) => track(send(channel, entries)),
      changed: save,
      sent({ kind, since }) {
        isFailing = false;
        hooks.sent?.(name, kind, kind === 'page' ? Math.max(0, now() - since) : null);
      },
      failed(error) {
        hooks.failed?.(name, error.code);
        if (!isFailing) {
          isFailing = true;
          log('error', `alerts: ${error.code}: ${error.message}`);
        }
      },
      gaveUp(entry, error) {
        hooks.gaveUp?.(name);
        log('error', `alerts: ${entry.id} was given up: ${error.message} ${error.remedy}`);
        for (const later of book.entries()) {
          if (later.alert === entry.alert && later.kind !== 'update') {
            save(replaceDeadPages(later));
          }
        }
      },
      recovered() {
        log('info', `alerts: ${name} takes notices again`);
        refresh(channel);
      },
    };
  }

  async function send(channel: ChannelRoute, entries: readonly NoticeEntry[]): Promise<string> {
    const { name } = channel.sender;
    const wanted = entries.flatMap(({ id, channels: states }) => [
      id,
      states.get(name)?.words ?? id,
    ]);
    const read = await book.read([...new Set(wanted)]);
    const notices = entries.flatMap(({ id, channels: states }): AlertNotice[] => {
      const notice = read.get(id);
      const { words = id, missed } = states.get(name) ?? {};
      const alert = read.get(words)?.alert ?? notice?.alert;
      const late = notice && now() - notice.at > LATE_MS ? { late: true } : {};
      return notice && alert ? [{ ...notice, alert, ...(missed ? { missed } : {}), ...late }] : [];
    });
    if (notices.length < entries.length) {
      log('error', `alerts: the words of ${entries.length - notices.length} notices are gone`);
    }
    return notices.length === 0
      ? 'nothing to send'
      : withinTime(name, times.timeoutMs, abort.signal, (signal) =>
          channel.sender.send(notices, signal),
        );
  }

  /** Tells receivers that forget what fires now. A failure shows at the next notice, or a minute later. */
  function refresh({ sender, accepts }: ChannelRoute): void {
    if (!firing || !sender.refresh || abort.signal.aborted) {
      return;
    }
    // Whoever is told that it ends is told that it lasts.
    const all = firing.filter((alert) => accepts({ kind: 'resolve', alert }));
    const { name } = sender;
    track(
      withinTime(name, times.timeoutMs, abort.signal, async (signal) =>
        sender.refresh?.(all, signal),
      ).catch((thrown: unknown) => {
        if (!abort.signal.aborted) {
          hooks.failed?.(name, asBreakwatchError(thrown).code);
        }
      }),
    );
  }

  function track<T>(work: Promise<T>): Promise<T> {
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    inFlight.add(settled);
    settled.then(() => inFlight.delete(settled));
    return work;
  }

  function save(entries: readonly NoticeEntry[]): void {
    const saving = book.save(entries).then(
      () => {
        for (const entry of entries) {
          unsaved.delete(entry);
        }
      },
      (thrown: unknown) => {
        // It was sent all the same; only a restart before the next try would send it again.
        for (const entry of entries) {
          unsaved.add(entry);
        }
        log('error', `alerts: ${asBreakwatchError(thrown).message}`);
      },
    );
    track(saving);
  }

  function saveAgain(): void {
    if (unsaved.size > 0) {
      save([...unsaved]);
    }
  }

  function prune(): void {
    const before = now() - times.keepDeadMs;
    const forgotten = [...book.entries()].filter(({ at, channels: states }) => {
      const all = [...states.values()];
      return at < before && all.every(({ state }) => state !== 'waiting');
    });
    for (const { channels: states } of forgotten) {
      for (const [name, { state }] of states) {
        states.set(name, { state: state === 'dead' ? 'dropped' : state });
      }
    }
    save(forgotten);
    track(book.prune(now() - times.rememberMs).catch(() => undefined));
  }

  function enqueue(entry: NoticeEntry, channel: string, state: DeliveryState): NoticeEntry[] {
    const queue = queues.get(channel);
    if (state.state !== 'waiting') {
      return [];
    }
    if (!queue) {
      // The settings no longer have it. Somebody has to decide what that means for this notice.
      const problem = maskedError('CHANNEL_UNKNOWN', { channel, known: namesOf() });
      entry.channels.set(channel, { ...state, state: 'dead', error: problem.toAnswer() });
      return [entry];
    }
    return queue.add(entry);
  }

  function pump(): void {
    for (const queue of queues.values()) {
      queue.pump();
    }
  }

  function namesOf(): string {
    return channels.map(({ sender }) => sender.name).join(', ') || 'none';
  }

  async function takeNow(notices: readonly AlertNotice[]): Promise<void> {
    const known = await book.known(notices.map(({ id }) => id));
    const fresh = notices.filter(({ id }) => !known.has(id));
    const routed = fresh
      .map((notice) => ({ notice, to: channels.filter((channel) => channel.accepts(notice)) }))
      .filter(({ to }) => to.length > 0);
    if (routed.length === 0) {
      return;
    }
    const added = routed.map(({ notice, to }) =>
      book.add(
        notice,
        new Map(
          to.map((channel) => [
            channel.sender.name,
            { state: 'waiting', ...(hadPage(channel, notice) ? { again: true } : {}) },
          ]),
        ),
      ),
    );
    try {
      // Before anything is sent: what is told must be known after a crash.
      await book.save(added);
    } catch (thrown) {
      for (const { id } of added) {
        book.forget(id);
      }
      throw thrown;
    }
    const changed = new Set<NoticeEntry>();
    for (const entry of added) {
      for (const one of entry.kind === 'update' ? [] : replaceDeadPages(entry)) {
        changed.add(one);
      }
      for (const [channel, state] of entry.channels) {
        for (const one of enqueue(entry, channel, state)) {
          changed.add(one);
        }
      }
    }
    save([...changed]);
    pump();
  }

  /** Whether a page that tells of a rise comes after one that this way took. */
  function hadPage(channel: ChannelRoute, { kind, alert, raised }: AlertNotice): boolean {
    const { raised: rise, ...as } = alert;
    return kind === 'page' && raised === true && rise !== undefined
      ? channel.accepts({ kind, alert: { ...as, ...rise.from } })
      : false;
  }

  /** What was given up is history once its alert is over or got worse: what is new tells of both. */
  function replaceDeadPages(fresh: NoticeEntry): NoticeEntry[] {
    const replaced = new Set<NoticeEntry>();
    for (const old of book.entries()) {
      if (old.order >= fresh.order || old.alert !== fresh.alert) {
        continue;
      }
      for (const [channel, state] of old.channels) {
        const waits = fresh.channels.get(channel);
        if (state.state === 'dead' && waits?.state === 'waiting') {
          old.channels.set(channel, { state: 'superseded' });
          fresh.channels.set(channel, insteadOf(old.kind, state, fresh.kind, waits));
          replaced.add(old).add(fresh);
        }
      }
    }
    return [...replaced];
  }

  /** What the reader of a notice has to know where another never reached them. */
  function insteadOf(
    old: NoticeKind,
    was: DeliveryState,
    kind: NoticeKind,
    state: DeliveryState,
  ): DeliveryState {
    if (old !== 'page' || was.again) {
      return state;
    }
    return kind === 'page' ? { ...state, again: false } : { ...state, missed: true };
  }

  return {
    take({ instances, notices }) {
      // What is kept quiet is no receiver's business, unless it wants to keep it quiet by itself.
      firing = instances.filter(
        ({ state, notified, inhibitedBy, mutedBy }) =>
          state === 'firing' &&
          (notified.page !== null || (inhibitedBy !== null && mutedBy === null)),
      );
      const taken = taking.then(() => takeNow(notices));
      taking = taken.catch(() => undefined);
      return track(taken);
    },

    ...createDecisions({ book, queues, save, now }),

    warnings: () => [...warnings],

    test: (channel) => testChannels(channels, channel, times.timeoutMs, now()),

    async idle() {
      while (inFlight.size > 0) {
        await Promise.all(inFlight);
      }
    },

    async close() {
      for (const timer of timers) {
        clearInterval(timer);
      }
      await taking;
      for (const queue of queues.values()) {
        queue.close();
      }
      abort.abort();
      while (inFlight.size > 0) {
        await Promise.all(inFlight);
      }
    },
  };
}

function withoutUndefined(options: DispatcherOptions): Partial<typeof DEFAULTS> {
  return Object.fromEntries(
    Object.keys(DEFAULTS).flatMap((name) => {
      const value = options[name as keyof typeof DEFAULTS];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
