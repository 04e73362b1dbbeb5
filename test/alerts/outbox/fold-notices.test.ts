import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldNotices } from '../../../src/alerts/outbox/fold-notices.ts';
import type { NoticeEntry } from '../../../src/alerts/outbox/notice-book.ts';

const CHANNEL = 'one';
type Kind = 'page' | 'rise' | 'update' | 'resolve';

/** The notices that a channel delivers when it sends some of the waiting ones after each new notice. */
function delivered(story: readonly { notified: Kind; sends: number }[]): string {
  let waiting: NoticeEntry[] = [];
  const sent: string[] = [];
  const sendOne = () => {
    const [entry] = waiting.splice(0, 1);
    const { missed } = entry?.channels.get(CHANNEL) ?? {};
    const name = entry?.id.split(' ')[0];
    sent.push(...(name ? [missed ? 'missed' : name] : []));
  };
  for (const [order, { notified, sends }] of story.entries()) {
    const state = {
      state: 'waiting' as const,
      ...(notified === 'rise' ? { pagedBefore: true } : {}),
    };
    waiting.push({
      id: `${notified} ${order}`,
      alert: 'a',
      account: 'shop',
      kind: notified === 'rise' ? 'page' : notified,
      at: order,
      since: 0,
      order,
      channels: new Map([[CHANNEL, state]]),
    });
    foldNotices(waiting, CHANNEL);
    waiting = waiting.filter(({ channels }) => channels.get(CHANNEL)?.state === 'waiting');
    for (let count = 0; count < sends; count += 1) {
      sendOne();
    }
  }
  while (waiting.length > 0) {
    sendOne();
  }
  return sent.join(' ');
}

describe('foldNotices', () => {
  it('delivers only the newest update, each page once, and one end that fits the earlier notices', () => {
    const sends = fc.integer({ min: 0, max: 2 });
    const updates = fc.array(sends, { maxLength: 3 });
    fc.assert(
      fc.property(
        sends,
        updates,
        fc.option(sends),
        updates,
        sends,
        (first, before, rise, after, last) => {
          const notified = (name: Kind) => (count: number) => ({ notified: name, sends: count });
          const sent = delivered([
            { notified: 'page', sends: first },
            ...before.map(notified('update')),
            ...(rise === null ? [] : [rise]).map(notified('rise')),
            ...after.map(notified('update')),
            { notified: 'resolve', sends: last },
          ]);
          expect(sent).toMatch(
            /^((page( update)*( rise( update)*)? |rise( update)* )resolve|missed)$/,
          );
          expect(sent.match(/update/g)?.length ?? 0).toBeLessThanOrEqual(
            before.length + after.length,
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it('supersedes a waiting page by the page or resolve after it', () => {
    const none = (...names: Kind[]) => delivered(names.map((notified) => ({ notified, sends: 0 })));
    expect(none('page', 'rise')).toBe('rise');
    expect(none('page', 'update', 'rise', 'update')).toBe('rise');
    expect(none('page', 'rise', 'resolve')).toBe('missed');
    const [page, ...rest] = [
      { notified: 'page', sends: 1 },
      { notified: 'rise', sends: 0 },
      { notified: 'resolve', sends: 0 },
    ] as const;
    expect(delivered([page, ...rest])).toBe('page resolve');
  });
});
