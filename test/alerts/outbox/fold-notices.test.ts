import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldNotices } from '../../../src/alerts/outbox/fold-notices.ts';
import type { NoticeEntry } from '../../../src/alerts/outbox/notice-book.ts';

const WAY = 'one';
type Told = 'page' | 'rise' | 'update' | 'resolve';

/** What the reader of a way out hears that takes a notice now and then. */
function heard(story: readonly { notified: Told; takes: number }[]): string {
  let waiting: NoticeEntry[] = [];
  const said: string[] = [];
  const takeOne = () => {
    const [entry] = waiting.splice(0, 1);
    const { missed } = entry?.channels.get(WAY) ?? {};
    const name = entry?.id.split(' ')[0];
    said.push(...(name ? [missed ? 'missed' : name] : []));
  };
  for (const [order, { notified, takes }] of story.entries()) {
    const state = { state: 'waiting' as const, ...(notified === 'rise' ? { again: true } : {}) };
    waiting.push({
      id: `${notified} ${order}`,
      alert: 'a',
      account: 'shop',
      kind: notified === 'rise' ? 'page' : notified,
      at: order,
      since: 0,
      order,
      channels: new Map([[WAY, state]]),
    });
    foldNotices(waiting, WAY);
    waiting = waiting.filter(({ channels }) => channels.get(WAY)?.state === 'waiting');
    for (let taken = 0; taken < takes; taken += 1) {
      takeOne();
    }
  }
  while (waiting.length > 0) {
    takeOne();
  }
  return said.join(' ');
}

describe('foldNotices', () => {
  it('tells of the newest alone, each page once, and of one end that fits what was heard', () => {
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
          const notified = (name: Told) => (count: number) => ({ notified: name, takes: count });
          const said = heard([
            { notified: 'page', takes: first },
            ...before.map(notified('update')),
            ...(rise === null ? [] : [rise]).map(notified('rise')),
            ...after.map(notified('update')),
            { notified: 'resolve', takes: last },
          ]);
          expect(said).toMatch(
            /^((page( update)*( rise( update)*)? |rise( update)* )resolve|missed)$/,
          );
          expect(said.match(/update/g)?.length ?? 0).toBeLessThanOrEqual(
            before.length + after.length,
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it('leaves a page that did not go out to the one that says more', () => {
    const none = (...names: Told[]) =>
      heard(names.map((notified) => ({ notified: notified, takes: 0 })));
    expect(none('page', 'rise')).toBe('rise');
    expect(none('page', 'update', 'rise', 'update')).toBe('rise');
    expect(none('page', 'rise', 'resolve')).toBe('missed');
    const [page, ...rest] = [
      { notified: 'page', takes: 1 },
      { notified: 'rise', takes: 0 },
      { notified: 'resolve', takes: 0 },
    ] as const;
    expect(heard([page, ...rest])).toBe('page resolve');
  });
});
