import { expect, it } from 'vitest';
import { mergePushes } from '../../../src/engine/derive/merge-pushes.ts';
import type { Push } from '../../../src/model/push.ts';

const KEY = { account: 'default', domain: 'push.example.com', app: 'live', stream: 'shop-17' };

function pushOf(part: Partial<Push>): Push {
  return { ...KEY, startedAt: 1_000, endedAt: 61_000, sequence: '7', ...part };
}

/** Merges a report into a known push. @returns the changed pushes, and the first start that changed */
function merge(known: Push, report: Push) {
  const stream = { pushes: [{ ...known }], changed: new Set<Push>(), reports: [] };
  const earliest = mergePushes(stream, [{ push: report, node: null, isEnd: true }]);
  return { changed: [...stream.changed], earliest, reports: stream.reports };
}

it('does not write a push again of which a report tells nothing new', () => {
  const known = pushOf({ txTime: 90_000 });
  for (const report of [pushOf({}), pushOf({ sequence: null }), pushOf({ endedAt: null })]) {
    const { changed, earliest, reports } = merge(known, report);
    expect(changed).toEqual([]);
    expect(earliest).toBe(Number.POSITIVE_INFINITY);
    expect(reports).toHaveLength(1);
  }
});

it('writes a push again whose end, sequence or expiry becomes known', () => {
  const known = pushOf({ endedAt: null, sequence: null });
  expect(merge(known, pushOf({ sequence: null })).changed).toMatchObject([{ endedAt: 61_000 }]);
  expect(merge(known, pushOf({ endedAt: null })).changed).toMatchObject([{ sequence: '7' }]);
  const expiring = pushOf({ endedAt: null, sequence: null, txTime: 90_000 });
  expect(merge(known, expiring).changed).toMatchObject([{ txTime: 90_000 }]);
});
