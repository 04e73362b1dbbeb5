import { cardTitle } from '../../model/card/card.ts';
import { printPhrase } from '../../model/card/render-card.ts';
import type { AlertNotice, AlertOutbox, OutboxEntry } from '../../model/notice.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import type { ChannelQueue } from './channel-queue.ts';
import type { NoticeBook, NoticeEntry } from './notice-book.ts';

/** The parts of the outbox that actions work on. */
interface OutboxParts {
  book: NoticeBook;
  /** By name of the channel. */
  queues: ReadonlyMap<string, ChannelQueue>;
  /** Stores the current state of notices in the background. */
  save(entries: readonly NoticeEntry[]): void;
  now(): number;
}

/** Lets people list notices that wait or were given up, send them again, and drop them. */
export function createOutboxActions({
  book,
  queues,
  save,
  now,
}: OutboxParts): Pick<AlertOutbox, 'status' | 'list' | 'resend' | 'drop'> {
  /** Finds a notice and its channels that wait or have given up. @throws `NOTICE_UNKNOWN` */
  function findUnsent(id: string, channel: string | undefined) {
    const entry = book.get(id);
    const found = [...(entry?.channels ?? [])].filter(
      ([name, { state }]) =>
        (channel === undefined || name === channel) && (state === 'givenUp' || state === 'waiting'),
    );
    if (!entry || found.length === 0) {
      throw maskedError('NOTICE_UNKNOWN', { id });
    }
    return { entry, found };
  }

  return {
    status: () =>
      [...queues.values()].map((queue) => ({
        ...queue.status(),
        givenUp: [...book.entries()].filter(
          ({ channels: states }) => states.get(queue.name)?.state === 'givenUp',
        ).length,
      })),

    async list(limit) {
      const listed: Omit<OutboxEntry, 'title'>[] = [];
      for (const entry of book.entries()) {
        const { id, kind, alert, account, at } = entry;
        for (const [channel, { state, error = null }] of entry.channels) {
          if (state === 'waiting' || state === 'givenUp') {
            const progress = queues.get(channel)?.progressOf(entry) ?? {
              tries: 0,
              nextAt: null,
              error,
            };
            const { tries, nextAt, error: lastError } = progress;
            listed.push({
              id,
              channel,
              state,
              kind,
              alert,
              account,
              at,
              tries,
              nextAt,
              error: lastError,
            });
          }
        }
      }
      listed.sort((a, b) => a.at - b.at);
      const shown = listed.slice(0, limit);
      const notices = await book.read([...new Set(shown.map(({ id }) => id))]);
      return shown.map((entry) => ({
        ...entry,
        title: titleOf(notices.get(entry.id)) ?? entry.alert,
      }));
    },

    async resend(id, channel) {
      const { entry, found } = findUnsent(id, channel);
      let count = 0;
      for (const [name, state] of found) {
        const queue = queues.get(name);
        if (!queue) {
          continue;
        }
        count += 1;
        if (state.state === 'givenUp') {
          const { error: _error, ...rest } = state;
          entry.channels.set(name, { ...rest, state: 'waiting', since: now() });
          save([entry, ...queue.add(entry)]);
        }
        queue.retryNow(entry);
      }
      if (count === 0) {
        throw maskedError('CHANNEL_UNKNOWN', {
          channel: found.map(([name]) => name).join(', '),
          known: [...queues.keys()].join(', ') || 'none',
        });
      }
      return count;
    },

    async drop(id, channel) {
      const { entry, found } = findUnsent(id, channel);
      let count = 0;
      for (const [name, state] of found) {
        if (state.state === 'givenUp' || queues.get(name)?.remove(entry)) {
          entry.channels.set(name, { state: 'dropped' });
          count += 1;
        }
      }
      await book.save([entry]);
      return count;
    },
  };
}

function titleOf(notice: AlertNotice | undefined): string | null {
  const title = notice && cardTitle(notice.alert.card);
  return title ? printPhrase(title, { language: 'en' }) : null;
}
