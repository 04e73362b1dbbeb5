import type { AlertInstance } from '../../model/alert.ts';
import type { AnswerError, Log } from '../../model/errors.ts';
import type { AlertNotice, AlertOutbox, OutboxHooks } from '../../model/notice.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { testChannels } from '../channels/test-channels.ts';
import type { AlertOutcome } from '../judge/alert-input.ts';
import { ChannelQueue, type QueueHost } from './channel-queue.ts';
import { createChannelRequests } from './channel-requests.ts';
import type { ChannelRoute } from './channel-route.ts';
import {
  type DeliveryState,
  NoticeBook,
  type NoticeEntry,
  type NoticeStore,
} from './notice-book.ts';
import { createOutboxActions } from './outbox-actions.ts';
import { startUpkeep } from './outbox-upkeep.ts';
import { supersedeGivenUp } from './supersede-given-up.ts';

/** Options of a dispatcher. Times in ms. */
export interface DispatcherOptions {
  store: NoticeStore;
  channels: readonly ChannelRoute[];
  /** Channels that send the same alerts twice; shown in health. */
  warnings?: readonly AnswerError[];
  hooks?: Partial<OutboxHooks>;
  log?: Log;
  /** Asked right before each request: false when another process may send by now; always true when absent. */
  maySend?: () => boolean;
  /** The clock, epoch ms UTC. */
  now?: () => number;
  /** 0 to 1, for the jitter of retries. */
  random?: () => number;
  /** Maximum wait for a receiver's answer. */
  timeoutMs?: number;
  firstRetryMs?: number;
  maxRetryMs?: number;
  /** Time after which a notice that keeps failing is given up. */
  giveUpMs?: number;
  /** How long sent notices are kept, to recognize repeats. */
  rememberMs?: number;
  /** How long notices that were given up wait for somebody to send them again or drop them. */
  keepGivenUpMs?: number;
}

/** Sends notices through all channels. */
export interface Dispatcher extends AlertOutbox {
  /**
   * Accepts notices for delivery. Resolves when they are on disk. Notices with a known id are ignored;
   * after a rejection none was accepted, and the caller should try again.
   *
   * @throws `STORE_FAILED`
   */
  accept(outcome: Pick<AlertOutcome, 'instances' | 'notices'>): Promise<void>;
  /** Resolves when no request or write is in flight. Notices may still wait for a retry. */
  idle(): Promise<void>;
  /** Stops sending, cancels requests in flight, and waits for writes. */
  close(): Promise<void>;
}

const HOUR = 3_600_000;
const DEFAULTS = {
  timeoutMs: 10_000,
  firstRetryMs: 1_000,
  maxRetryMs: 60_000,
  giveUpMs: 24 * HOUR,
  rememberMs: 7 * 24 * HOUR,
  keepGivenUpMs: 30 * 24 * HOUR,
};

/**
 * Opens the outbox and sends the notices that an earlier process left in it.
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
  let firing: readonly AlertInstance[] | null = null;
  let accepting: Promise<void> = Promise.resolve();
  const { timeoutMs, rememberMs, keepGivenUpMs } = times;
  const requests = createChannelRequests({
    book,
    timeoutMs,
    signal: abort.signal,
    maySend: options.maySend ?? (() => true),
    hooks,
    log,
    now,
  });

  for (const route of channels) {
    queues.set(route.channel.name, new ChannelQueue(route, hostOf(route), queueTimes()));
  }
  for (const entry of await book.load()) {
    for (const [channel, state] of entry.channels) {
      enqueue(entry, channel, state);
    }
  }
  const upkeep = startUpkeep({ book, rememberMs, keepGivenUpMs, track, log, now });
  const refreshTimers = channels
    .filter(({ channel }) => channel.refresh)
    .map((route) => setInterval(() => refresh(route), route.refreshEveryMs).unref());
  pump();

  function queueTimes() {
    const backoff = { firstMs: times.firstRetryMs, maxMs: times.maxRetryMs };
    return { backoff, giveUpMs: times.giveUpMs };
  }

  function hostOf(route: ChannelRoute): QueueHost {
    const { name } = route.channel;
    let isFailing = false;
    return {
      now,
      random,
      send: (entries) => track(requests.send(route.channel, entries)),
      changed: (entries) => upkeep.save(entries),
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
            upkeep.save(supersedeGivenUp(book.entries(), later));
          }
        }
      },
      recovered() {
        log('info', `alerts: ${name} accepts notices again`);
        refresh(route);
      },
    };
  }

  function refresh(route: ChannelRoute): void {
    if (firing) {
      track(requests.refresh(route, firing));
    }
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

  function enqueue(entry: NoticeEntry, channel: string, state: DeliveryState): NoticeEntry[] {
    const queue = queues.get(channel);
    if (state.state !== 'waiting') {
      return [];
    }
    if (!queue) {
      // The channel was removed from the settings, so somebody has to decide about the notice.
      const problem = maskedError('CHANNEL_UNKNOWN', { channel, known: channelNames() });
      entry.channels.set(channel, { ...state, state: 'givenUp', error: problem.toAnswer() });
      return [entry];
    }
    return queue.add(entry);
  }

  function pump(): void {
    for (const queue of queues.values()) {
      queue.pump();
    }
  }

  function channelNames(): string {
    return channels.map(({ channel }) => channel.name).join(', ') || 'none';
  }

  async function acceptNow(notices: readonly AlertNotice[]): Promise<void> {
    const known = await book.known(notices.map(({ id }) => id));
    const fresh = notices.filter(({ id }) => !known.has(id));
    const routed = fresh
      .map((notice) => ({ notice, routes: channels.filter(({ accepts }) => accepts(notice)) }))
      .filter(({ routes }) => routes.length > 0);
    if (routed.length === 0) {
      return;
    }
    const added = routed.map(({ notice, routes }) =>
      book.add(
        notice,
        new Map(
          routes.map((route) => [
            route.channel.name,
            { state: 'waiting', ...(wasPagedBefore(route, notice) ? { pagedBefore: true } : {}) },
          ]),
        ),
      ),
    );
    try {
      // Saved before anything is sent, so that after a restart no notice is unknown to us.
      await book.save(added);
    } catch (thrown) {
      for (const { id } of added) {
        book.forget(id);
      }
      throw thrown;
    }
    const changed = new Set<NoticeEntry>();
    for (const entry of added) {
      for (const one of entry.kind === 'update' ? [] : supersedeGivenUp(book.entries(), entry)) {
        changed.add(one);
      }
      for (const [channel, state] of entry.channels) {
        for (const one of enqueue(entry, channel, state)) {
          changed.add(one);
        }
      }
    }
    upkeep.save([...changed]);
    pump();
  }

  return {
    accept({ instances, notices }) {
      // Alerts that do not notify are left out, except inhibited ones: Alertmanager may inhibit them itself.
      firing = instances.filter(
        ({ state, notified, inhibitedBy, mutedBy }) =>
          state === 'firing' &&
          (notified.page !== null || (inhibitedBy !== null && mutedBy === null)),
      );
      const accepted = accepting.then(() => acceptNow(notices));
      accepting = accepted.catch(() => undefined);
      return track(accepted);
    },

    ...createOutboxActions({ book, queues, save: upkeep.save, now }),

    warnings: () => [...warnings],

    test: (channel) => testChannels(channels, channel, timeoutMs, now()),

    async idle() {
      while (inFlight.size > 0) {
        await Promise.all(inFlight);
      }
    },

    async close() {
      upkeep.close();
      for (const timer of refreshTimers) {
        clearInterval(timer);
      }
      await accepting;
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

/** Tells whether a channel accepted the first page of an alert whose severity rose. */
function wasPagedBefore({ accepts }: ChannelRoute, { kind, alert, raised }: AlertNotice): boolean {
  const { raised: rise, ...rest } = alert;
  return kind === 'page' && raised === true && rise !== undefined
    ? accepts({ kind, alert: { ...rest, ...rise.from } })
    : false;
}
