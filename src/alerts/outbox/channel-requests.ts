import type { AlertInstance } from '../../model/alert.ts';
import type { Log } from '../../model/errors.ts';
import type { AlertNotice, NotificationChannel, OutboxHooks } from '../../model/notice.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import type { ChannelRoute } from './channel-route.ts';
import type { NoticeBook, NoticeEntry } from './notice-book.ts';
import { withTimeout } from './with-timeout.ts';

/** What requests to channels need. */
export interface ChannelRequestOptions {
  book: NoticeBook;
  /** Maximum wait for a receiver's answer, ms. */
  timeoutMs: number;
  /** Aborts all requests. */
  signal: AbortSignal;
  /** Asked right before each request. */
  maySend: () => boolean;
  hooks: Partial<OutboxHooks>;
  log: Log;
  /** The clock, epoch ms UTC. */
  now: () => number;
}

/** Sends requests to channels; each ends after a timeout. */
export interface ChannelRequests {
  /**
   * Sends notices in one request, each with its current content.
   *
   * @returns the receiver's answer
   * @throws `STORE_FAILED`, and the errors of the channel
   */
  send(channel: NotificationChannel, entries: readonly NoticeEntry[]): Promise<string>;
  /**
   * Sends all firing alerts to a receiver that forgets them. Never rejects: a failure is counted, and the
   * next refresh tries again.
   */
  refresh(route: ChannelRoute, firing: readonly AlertInstance[]): Promise<void>;
}

/** A notice that waited longer says when it was due. */
const LATE_MS = 60_000;

/** Creates the requests of an outbox. */
export function createChannelRequests(options: ChannelRequestOptions): ChannelRequests {
  const { book, timeoutMs, signal: end, maySend, hooks, log, now } = options;

  /** Reads the content of notices. Leaves out those that are missing in the store. */
  async function readNotices(
    channel: string,
    entries: readonly NoticeEntry[],
  ): Promise<AlertNotice[]> {
    const wanted = entries.flatMap(({ id, channels }) => [
      id,
      channels.get(channel)?.contentOf ?? id,
    ]);
    const read = await book.read([...new Set(wanted)]);
    return entries.flatMap(({ id, channels }): AlertNotice[] => {
      const notice = read.get(id);
      const { contentOf = id, missed } = channels.get(channel) ?? {};
      const alert = read.get(contentOf)?.alert ?? notice?.alert;
      const late = notice && now() - notice.at > LATE_MS ? { late: true } : {};
      return notice && alert ? [{ ...notice, alert, ...(missed ? { missed } : {}), ...late }] : [];
    });
  }

  return {
    async send(channel, entries) {
      const { name } = channel;
      const notices = await readNotices(name, entries);
      if (notices.length < entries.length) {
        log('error', `alerts: ${entries.length - notices.length} notices are missing in the store`);
      }
      return notices.length === 0
        ? 'nothing to send'
        : withTimeout(name, timeoutMs, end, async (signal) => {
            // Not earlier: reading takes time, in which the process may have been stopped.
            if (!maySend()) {
              throw maskedError('NOTIFICATION_FAILED', {
                channel: name,
                problem: 'another server sends by now',
              });
            }
            return channel.send(notices, signal);
          });
    },

    async refresh({ channel, accepts }, firing) {
      if (!channel.refresh || end.aborted || !maySend()) {
        return;
      }
      const { name } = channel;
      // Channels that will accept the resolve get the alert while it fires.
      const all = firing.filter((alert) => accepts({ kind: 'resolve', alert }));
      try {
        await withTimeout(name, timeoutMs, end, async (signal) => channel.refresh?.(all, signal));
      } catch (thrown) {
        if (!end.aborted) {
          hooks.failed?.(name, asBreakwatchError(thrown).code);
        }
      }
    },
  };
}
