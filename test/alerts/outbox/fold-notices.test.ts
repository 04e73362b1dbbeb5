import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldNotices } from '../../../src/alerts/outbox/fold-notices.ts';
import type { NoticeEntry } from '../../../src/alerts/outbox/notice-book.ts';

const CHANNEL = 'one';
type Kind = 'page' | 'rise' | 'update' | 'resolve';

/** The notices that a channel delivers when it takes some of the waiting ones after each new notice. */
function delivered(story: readonly { notified: Kind; takes: number }[]): string {
  let waiting: NoticeEntry[] = [];
  const sent: string[] = [];
  const takeOne = () => {
    const [entry] = waiting.splice(0, 1);
    const { missed } = entry?.channels.get(CHANNEL) ?? {};
    const name = entry?.id.split(' ')[0];
    sent.push(...(name ? [missed ? 'missed' : name] : []));
  };
  for (const [order, { notified, takes }] of story.entries()) {
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
    for (let taken = 0; taken < takes; taken += 1) {
      takeOne();
    }
  }
  while (waiting.length > 0) {
    takeOne();
  }
  return sent.join(' ');
}

describe('foldNotices', () => {
  it('delivers only the newest update, each page once, and one end that fits the earlier notices', () => {
    const takes = fc.integer({ min: 0, max: 2 });
    const updates = fc.array(takes, { maxLength: 3 });
    fc.assert(
      fc.property(
        takes,
        updates,
        fc.option(takes),
        updates,
        takes,
        (first, before, rise, after, last) => {
          const notified = (name: Kind) => (count: number) => ({ notified: name, takes: count });
          const sent = delivered([
            { notified: 'page', takes: first },
            ...before.map(notified('update')),
            ...(rise === null ? [] : [rise]).map(notified('rise')),
            ...after.map(notified('update')),
            { notified: 'resolve', takes: last },
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
    const none = (...names: Kind[]) => delivered(names.map((notified) => ({ notified, takes: 0 })));
    expect(none('page', 'rise')).toBe('rise');
    expect(none('page', 'update', 'rise', 'update')).toBe('rise');
    expect(none('page', 'rise', 'resolve')).toBe('missed');
    const [page, ...rest] = [
      { notified: 'page', takes: 1 },
      { notified: 'rise', takes: 0 },
      { notified: 'resolve', takes: 0 },
    ] as const;
    expect(delivered([page, ...rest])).toBe('page resolve');
  });
});
