import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecentKeys } from '../../../src/engine/collect/poll-reader.ts';
import {
  addRange,
  addUnread,
  newestPart,
  newPollState,
  readPollState,
  removeRange,
} from '../../../src/engine/collect/poll-state.ts';
import type { JournalEntry } from '../../../src/model/break.ts';
import type { TimeRange } from '../../../src/store/store.ts';

const range = fc
  .tuple(fc.nat(30), fc.nat(10))
  .map(([from, length]): TimeRange => ({ from, to: from + length }));

function momentsOf(ranges: readonly TimeRange[]): number[] {
  const moments = new Set<number>();
  for (const { from, to } of ranges) {
    for (let at = from; at < to; at += 1) {
      moments.add(at);
    }
  }
  return [...moments].sort((a, b) => a - b);
}

describe('pending ranges', () => {
  it('cover exactly what was added, in order, and do not touch each other', () => {
    fc.assert(
      fc.property(fc.array(range), (added) => {
        const ranges = added.reduce<TimeRange[]>(addRange, []);
        expect(momentsOf(ranges)).toEqual(momentsOf(added));
        for (let index = 1; index < ranges.length; index += 1) {
          expect(ranges[index]?.from).toBeGreaterThan(ranges[index - 1]?.to as number);
        }
      }),
    );
  });

  it('lose exactly the removed range', () => {
    fc.assert(
      fc.property(fc.array(range), range, (added, gone) => {
        const left = removeRange(added.reduce<TimeRange[]>(addRange, []), gone);
        const moments = momentsOf(added).filter((at) => at < gone.from || at >= gone.to);
        expect(momentsOf(left)).toEqual(moments);
      }),
    );
  });

  it('are read part by part, the newest first', () => {
    const ranges = [
      { from: 0, to: 5 },
      { from: 10, to: 25 },
    ];
    expect(newestPart(ranges, 10)).toEqual({ from: 15, to: 25 });
    expect(newestPart(ranges, 100)).toEqual({ from: 10, to: 25 });
    expect(newestPart([], 10)).toBeUndefined();
  });
});

describe('readPollState', () => {
  const state = {
    cursor: 5,
    pending: [{ from: 1, to: 2 }],
    isReread: false,
    backfill: { from: 1, to: 4 },
    oldest: 1,
    listsByEnd: true,
    listsAllApps: false,
    apps: ['shows'],
  };

  it('reads what was stored', () => {
    expect(readPollState(JSON.parse(JSON.stringify(state)))).toEqual(state);
  });

  it('uses the pending ranges as the back-fill if none is stored', () => {
    const { backfill: _backfill, isReread: _isReread, ...older } = state;
    expect(readPollState(older)).toEqual({ ...state, backfill: { from: 1, to: 2 } });
  });

  it.each([
    null,
    undefined,
    'text',
    {},
    { ...state, cursor: 'now' },
    { ...state, oldest: -1 },
    { ...state, pending: [{ from: 1 }] },
    { ...state, pending: [null] },
    { ...state, apps: undefined },
  ])('returns null for %j', (stored) => {
    expect(readPollState(stored)).toBeNull();
  });
});

describe('addUnread', () => {
  it('extends a running back-fill, and begins another one after its end', () => {
    const state = newPollState(100, 0);
    addUnread(state, { from: 10, to: 20 });
    addUnread(state, { from: 30, to: 40 });
    expect(state.backfill).toEqual({ from: 10, to: 40 });
    state.pending = [];
    addUnread(state, { from: 50, to: 50 });
    expect(state.backfill).toEqual({ from: 10, to: 40 });
    addUnread(state, { from: 50, to: 60 });
    expect(state).toMatchObject({
      backfill: { from: 50, to: 60 },
      pending: [{ from: 50, to: 60 }],
    });
  });

  it('turns a reread into a back-fill', () => {
    const state = { ...newPollState(100, 0), pending: [{ from: 60, to: 90 }], isReread: true };
    addUnread(state, { from: 80, to: 95 });
    expect(state).toMatchObject({
      isReread: false,
      backfill: { from: 60, to: 95 },
      pending: [{ from: 60, to: 95 }],
    });
  });
});

describe('RecentKeys', () => {
  const entry = (key: string) => ({ key }) as JournalEntry;

  it('forgets the oldest first', () => {
    const keys = new RecentKeys(2);
    keys.remember([entry('a'), entry('b')]);
    keys.remember([entry('a')]);
    keys.remember([entry('c')]);
    expect(keys.unknown([entry('a'), entry('b'), entry('c')])).toEqual([entry('b')]);
  });
});
