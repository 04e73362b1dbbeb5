import { expect, it } from 'vitest';
import { ChannelQueue } from '../../../src/alerts/outbox/channel-queue.ts';
import type { NoticeEntry } from '../../../src/alerts/outbox/notice-book.ts';
import { maskedError } from '../../../src/secrets/masked-error.ts';

const entry: NoticeEntry = {
  id: 'a:page:0',
  alert: 'a',
  account: 'default',
  kind: 'page',
  at: 0,
  since: 0,
  order: 0,
  channels: new Map([['chat', { state: 'waiting' }]]),
};

it.each([1, 2, 3, 4, 5, 6])(
  'retries when the clock ticks at each reading and the wait is %i ms',
  async (waitMs) => {
    let now = 0;
    let tries = 0;
    const sent = Promise.withResolvers<void>();
    const queue = new ChannelQueue(
      {
        channel: { name: 'chat', send: async () => '' },
        accepts: () => true,
        concurrency: 4,
        batch: 1,
        perMinute: null,
        refreshEveryMs: 60_000,
      },
      {
        async send() {
          tries += 1;
          if (tries < 3) {
            throw maskedError('NOTIFICATION_FAILED', { channel: 'chat', problem: 'no connection' });
          }
          return '';
        },
        changed: () => undefined,
        sent: () => sent.resolve(),
        failed: () => undefined,
        gaveUp: () => undefined,
        recovered: () => undefined,
        now: () => now++,
        random: () => 0,
      },
      { backoff: { firstMs: waitMs * 2, maxMs: waitMs * 2 }, giveUpMs: Number.POSITIVE_INFINITY },
    );
    // Its own timers do not keep a process alive, so the test has one.
    const alive = setInterval(() => undefined, 1_000);
    queue.add(entry);
    queue.pump();
    await sent.promise;
    clearInterval(alive);
    expect(tries).toBe(3);
    expect(queue.status().waiting).toBe(0);
    queue.close();
  },
);
