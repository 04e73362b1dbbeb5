import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countWindows } from '../../../src/store/rows/count-windows.ts';
import type { Nearby, NearbyRequest } from '../../../src/store/store.ts';
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

describe('what is near', () => {
  it('many times at once equals what is near each, and a full read', async () => {
    const { store, insert: keep, remove } = await openTemporaryStore();
    try {
      const pick = <T>(items: readonly T[], n: number) => items[n % items.length] as T;
      const records = Array.from({ length: 900 }, (_, n) =>
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
      const requests = Array.from({ length: 90 }, (_, n): NearbyRequest => {
        const { account, domain, reason, clientIp, node } = (records[n * 9] as (typeof records)[0])
          .event;
        const before = DAY + ((n * 3_571) % 1_300) * 1_000 + (n % 3) * 400;
        const windowMs = n % 5 ? 300_000 : 60_000;
        return { account, domain, reason, clientIp, node, before, windowMs };
      });
      const found = await store.nearby(requests);
      for (const [index, request] of requests.entries()) {
        const { account, domain, reason, clientIp, node, before, windowMs } = request;
        const isNear = ({ endedAt }: { endedAt: number }) =>
          endedAt < before && endedAt >= before - windowMs;
        const failures = records
          .map(({ event }) => event)
          .filter((event) => event.outcome !== 'ended' && isNear(event));
        const shared = (name: 'clientIp' | 'node', value: string | null) =>
          value === null ? [] : failures.filter((event) => event[name] === value);
        const near = found[index] as Nearby;
        expect(near, `request ${index}`).toMatchObject({
          breaksOfClientIp: shared('clientIp', clientIp).length,
          breaksOfNode: shared('node', node).length,
          breaksOfDomain: failures.filter(
            (event) => event.domain === domain && event.account === account,
          ).length,
        });
        const idsOf = (breaks: readonly { id: string; endedAt: number }[]) =>
          breaks
            .filter(isNear)
            .map(({ id }) => id)
            .sort();
        // A list is cut off at 50 breaks, of which some may lie outside of this window.
        if (near.ofNode.length < 50) {
          expect(idsOf(near.ofNode)).toEqual(idsOf(shared('node', node)));
        }
        if (near.ofClientIp.length < 50) {
          expect(idsOf(near.ofClientIp)).toEqual(idsOf(shared('clientIp', clientIp)));
        }
        if (near.sameReason.length < 50) {
          expect(idsOf(near.sameReason)).toEqual(
            idsOf(failures.filter((one) => one.account === account && one.reason === reason)),
          );
        }
        const { breaksOfClientIp, breaksOfNode, breaksOfDomain } = near;
        expect((await store.nearby([request]))[0]).toMatchObject({
          breaksOfClientIp,
          breaksOfNode,
          breaksOfDomain,
        });
      }
      expect(found.some(({ ofNode }) => ofNode.length >= 50)).toBe(true);
      expect(found.some(({ ofNode }) => ofNode.length > 0 && ofNode.length < 50)).toBe(true);
      expect(Math.max(...found.map(({ breaksOfNode }) => breaksOfNode))).toBeGreaterThan(20);
    } finally {
      await remove();
    }
  });
});
