import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NoticeEntry } from '../../../src/alerts/dispatch/dispatch-book.ts';
import { foldNotices } from '../../../src/alerts/dispatch/dispatch-fold.ts';

const WAY = 'one';
type Told = 'page' | 'rise' | 'update' | 'resolve';

/** What the reader of a way out hears that takes a notice now and then. */
function heard(story: readonly { told: Told; takes: number }[]): string {
  let waiting: NoticeEntry[] = [];
  const said: string[] = [];
  const takeOne = () => {
    const [entry] = waiting.splice(0, 1);
    const { missed } = entry?.ways.get(WAY) ?? {};
    const name = entry?.id.split(' ')[0];
    said.push(...(name ? [missed ? 'missed' : name] : []));
  };
  for (const [order, { told, takes }] of story.entries()) {
    const state = { state: 'waiting' as const, ...(told === 'rise' ? { again: true } : {}) };
    waiting.push({
      id: `${told} ${order}`,
      alert: 'a',
      account: 'shop',
      kind: told === 'rise' ? 'page' : told,
      at: order,
      since: 0,
      order,
      ways: new Map([[WAY, state]]),
    });
    foldNotices(waiting, WAY);
    waiting = waiting.filter(({ ways }) => ways.get(WAY)?.state === 'waiting');
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
          const told = (name: Told) => (count: number) => ({ told: name, takes: count });
          const said = heard([
            { told: 'page', takes: first },
            ...before.map(told('update')),
            ...(rise === null ? [] : [rise]).map(told('rise')),
            ...after.map(told('update')),
            { told: 'resolve', takes: last },
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
    const none = (...names: Told[]) => heard(names.map((told) => ({ told, takes: 0 })));
    expect(none('page', 'rise')).toBe('rise');
    expect(none('page', 'update', 'rise', 'update')).toBe('rise');
    expect(none('page', 'rise', 'resolve')).toBe('missed');
    const [page, ...rest] = [
      { told: 'page', takes: 1 },
      { told: 'rise', takes: 0 },
      { told: 'resolve', takes: 0 },
    ] as const;
    expect(heard([page, ...rest])).toBe('page resolve');
  });
});
