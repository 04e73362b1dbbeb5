import { cardTitle } from '../../model/card/card.ts';
import { printPhrase } from '../../model/card/render-card.ts';
import type { AlertNotice, AlertOutbox, OutboxEntry } from '../../model/notice.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import type { ChannelQueue } from './channel-queue.ts';
import type { NoticeBook, NoticeEntry } from './notice-book.ts';

/** What people decide upon. */
interface Decided {
  book: NoticeBook;
  /** By name of the way out. */
  queues: ReadonlyMap<string, ChannelQueue>;
  /** Keeps where notices stand now, by and by. */
  save(entries: readonly NoticeEntry[]): void;
  now(): number;
}

/** Lets people see what waits or was given up, send it again and drop it. */
export function createDecisions({
  book,
  queues,
  save,
  now,
}: Decided): Pick<AlertOutbox, 'status' | 'list' | 'resend' | 'drop'> {
  /** States of a notice that somebody may decide about. @throws `NOTICE_UNKNOWN` */
  function decidable(id: string, channel: string | undefined) {
    const entry = book.get(id);
    const found = [...(entry?.channels ?? [])].filter(
      ([name, { state }]) =>
        (channel === undefined || name === channel) && (state === 'dead' || state === 'waiting'),
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
        dead: [...book.entries()].filter(
          ({ channels: states }) => states.get(queue.name)?.state === 'dead',
        ).length,
      })),

    async list(limit) {
      const listed: Omit<OutboxEntry, 'title'>[] = [];
      for (const entry of book.entries()) {
        const { id, kind, alert, account, at } = entry;
        for (const [channel, { state, error = null }] of entry.channels) {
          if (state === 'waiting' || state === 'dead') {
            const tried = queues.get(channel)?.of(entry) ?? { tries: 0, nextAt: null, error };
            const { tries, nextAt, error: last } = tried;
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
              error: last,
            });
          }
        }
      }
      listed.sort((a, b) => a.at - b.at);
      const shown = listed.slice(0, limit);
      const words = await book.read([...new Set(shown.map(({ id }) => id))]);
      return shown.map((entry) => ({
        ...entry,
        title: titleOf(words.get(entry.id)) ?? entry.alert,
      }));
    },

    async resend(id, channel) {
      const { entry, found } = decidable(id, channel);
      let count = 0;
      for (const [name, state] of found) {
        const queue = queues.get(name);
        if (!queue) {
          continue;
        }
        count += 1;
        if (state.state === 'dead') {
          const { error: _error, ...rest } = state;
          entry.channels.set(name, { ...rest, state: 'waiting', since: now() });
          save([entry, ...queue.add(entry)]);
        }
        queue.hurry(entry);
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
      const { entry, found } = decidable(id, channel);
      let count = 0;
      for (const [name, state] of found) {
        if (state.state === 'dead' || queues.get(name)?.remove(entry)) {
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
