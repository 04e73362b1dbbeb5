import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addRange,
  addUnread,
  newestPart,
  newPollMemory,
  readPollMemory,
  removeRange,
} from '../../../src/engine/collect/poll-memory.ts';
import { PollRecentKeys } from '../../../src/engine/collect/poll-reader.ts';
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

describe('ranges still to be read', () => {
  it('hold what was added and nothing else, in order, without touching each other', () => {
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

  it('lose what is removed and nothing else', () => {
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

describe('readPollMemory', () => {
  const memory = {
    cursor: 5,
    pending: [{ from: 1, to: 2 }],
    isLook: false,
    backfill: { from: 1, to: 4 },
    oldest: 1,
    listsByEnd: true,
    listsAllApps: false,
    apps: ['shows'],
  };

  it('reads what was stored', () => {
    expect(readPollMemory(JSON.parse(JSON.stringify(memory)))).toEqual(memory);
  });

  it('takes what is pending for the back-fill where an older version has kept none', () => {
    const { backfill: _backfill, isLook: _isLook, ...older } = memory;
    expect(readPollMemory(older)).toEqual({ ...memory, backfill: { from: 1, to: 2 } });
  });

  it.each([
    null,
    undefined,
    'text',
    {},
    { ...memory, cursor: 'now' },
    { ...memory, oldest: -1 },
    { ...memory, pending: [{ from: 1 }] },
    { ...memory, pending: [null] },
    { ...memory, apps: undefined },
  ])('forgets %j', (stored) => {
    expect(readPollMemory(stored)).toBeNull();
  });
});

describe('addUnread', () => {
  it('makes the back-fill longer while it runs, and begins another once it is over', () => {
    const memory = newPollMemory(100, 0);
    addUnread(memory, { from: 10, to: 20 });
    addUnread(memory, { from: 30, to: 40 });
    expect(memory.backfill).toEqual({ from: 10, to: 40 });
    memory.pending = [];
    addUnread(memory, { from: 50, to: 50 });
    expect(memory.backfill).toEqual({ from: 10, to: 40 });
    addUnread(memory, { from: 50, to: 60 });
    expect(memory).toMatchObject({
      backfill: { from: 50, to: 60 },
      pending: [{ from: 50, to: 60 }],
    });
  });

  it('makes a back-fill of a look that it falls into', () => {
    const memory = { ...newPollMemory(100, 0), pending: [{ from: 60, to: 90 }], isLook: true };
    addUnread(memory, { from: 80, to: 95 });
    expect(memory).toMatchObject({
      isLook: false,
      backfill: { from: 60, to: 95 },
      pending: [{ from: 60, to: 95 }],
    });
  });
});

describe('PollRecentKeys', () => {
  const entry = (key: string) => ({ key }) as JournalEntry;

  it('forgets the oldest first', () => {
    const keys = new PollRecentKeys(2);
    keys.remember([entry('a'), entry('b')]);
    keys.remember([entry('a')]);
    keys.remember([entry('c')]);
    expect(keys.unknown([entry('a'), entry('b'), entry('c')])).toEqual([entry('b')]);
  });
});
