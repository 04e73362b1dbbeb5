import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countWindows } from '../../../src/store/sqlite/nearby-counts.ts';
import type { NearbyCountsRequest } from '../../../src/store/store.ts';
import { openTemporaryStore } from '../../helpers/temporary-store.ts';
import { DAY, makeRecord } from '../make-record.ts';

describe('countWindows', () => {
  it('counts the same as one request per time', () => {
    const time = fc.integer({ min: 0, max: 400 });
    fc.assert(
      fc.property(
        fc.array(time, { maxLength: 80 }),
        fc.array(time, { maxLength: 20 }),
        fc.integer({ min: 1, max: 150 }),
        (times, moments, windowMs) => {
          const countIn = (from: number, to: number) =>
            times.filter((one) => one >= from && one < to).length;
          const counts = countWindows(moments, windowMs, countIn);
          expect(new Set(counts.keys())).toEqual(new Set(moments));
          for (const [moment, count] of counts) {
            expect(count).toBe(countIn(moment - windowMs, moment));
          }
        },
      ),
    );
  });
});

describe('nearby counts', () => {
  it('of many times at once equal those of each time, and a full read', async () => {
    const { store, insert: keep, remove } = await openTemporaryStore();
    try {
      const pick = <T>(items: readonly T[], n: number) => items[n % items.length] as T;
      const records = Array.from({ length: 400 }, (_, n) =>
        makeRecord({
          id: `b${n}`,
          account: pick(['default', 'default', 'other'], n + (n >> 6)),
          endedAt: DAY + ((n * 7_919) % 1_200) * 1_000,
          domain: pick(['a.example.com', 'b.example.com'], n * 3 + (n >> 3)),
          clientIp: pick(['203.0.113.1', '203.0.113.2', null], n + (n >> 2)),
          node: pick(['198.51.100.1', '198.51.100.2', null], n + (n >> 4)),
          outcome: pick(['broken', 'broken', 'refused', 'ended'] as const, n + (n >> 5)),
        }),
      );
      await keep(...records);
      const requests = Array.from({ length: 90 }, (_, n): NearbyCountsRequest => {
        const { account, domain, clientIp, node } = (records[n * 4] as (typeof records)[0]).event;
        const before = DAY + ((n * 3_571) % 1_300) * 1_000 + (n % 3) * 400;
        return { account, domain, clientIp, node, before, windowMs: n % 5 ? 300_000 : 60_000 };
      });
      const counted = await store.nearbyCounts(requests);
      for (const [index, request] of requests.entries()) {
        const { account, domain, clientIp, node, before, windowMs } = request;
        const failures = records
          .map(({ event }) => event)
          .filter(
            (event) =>
              event.outcome !== 'ended' &&
              event.endedAt < before &&
              event.endedAt >= before - windowMs,
          );
        const countOf = (name: 'clientIp' | 'node', value: string | null) =>
          value === null ? 0 : failures.filter((event) => event[name] === value).length;
        expect(counted[index], `request ${index}`).toEqual({
          breaksOfClientIp: countOf('clientIp', clientIp),
          breaksOfNode: countOf('node', node),
          breaksOfDomain: failures.filter(
            (event) => event.domain === domain && event.account === account,
          ).length,
        });
        expect(await store.nearbyCounts([request])).toEqual([counted[index]]);
      }
      expect(Math.max(...counted.map(({ breaksOfNode }) => breaksOfNode))).toBeGreaterThan(20);
    } finally {
      await remove();
    }
  });
});
