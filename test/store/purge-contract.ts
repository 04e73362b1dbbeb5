import { describe, expect, test } from 'vitest';
import type { BreakRecord } from '../../src/model/break.ts';
import type { Push } from '../../src/model/push.ts';
import type {
  Purged,
  PurgeRequest,
  SeriesSearch,
  Store,
  StoredDocument,
} from '../../src/store/store.ts';
import { DAY, makeEntry, makeRecord } from './make-record.ts';
import { naiveFind, naiveSeries } from './naive-answers.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY_MS = 24 * HOUR;
const NOTHING: Purged = { breaks: 0, pushes: 0, documents: 0, journal: 0 };
const STREAM = { account: 'default', domain: 'push.example.com', app: 'live', stream: 'shop-17' };

/** A purge of everything older than one time, without open incidents. */
const olderThan = (before: number, change: Partial<PurgeRequest> = {}): PurgeRequest => ({
  before,
  arrivedBefore: before,
  openBefore: 0,
  minutesBefore: 0,
  needed: [],
  ...change,
});

/**
 * Tests that every store must pass when it deletes old data.
 *
 * @param opened - the store of the running test
 */
export function testPurge(opened: () => Store): void {
  describe('a purge', () => {
    const commit = (breaks: BreakRecord[], pushes: Push[] = [], cursor = 0) =>
      opened().commit({ breaks, removed: [], pushes, cursor });
    const idsLeft = async () =>
      (
        await opened().findBreaks({
          range: { from: 0, to: DAY + 900 * DAY_MS },
          filters: {},
          limit: 10_000,
        })
      ).map(({ event }) => event.id);

    test('deletes breaks that ended earlier, to the millisecond, with their verdicts', async () => {
      const store = opened();
      const old = makeRecord({ id: 'old', endedAt: DAY - 1 });
      await commit([
        old,
        makeRecord({ id: 'normal end', endedAt: DAY - 2, outcome: 'ended' }),
        makeRecord({ id: 'kept', endedAt: DAY, clientIp: null, node: null }),
      ]);
      await store.commit({
        breaks: [old],
        removed: [],
        pushes: [],
        cursor: 0,
        supersedes: { ids: ['old', 'kept'], at: DAY },
      });
      expect(await store.oldest()).toBe(DAY - 2);
      const steps: Partial<Purged>[] = [];
      const purged = await store.purge(olderThan(DAY), (taken) => steps.push(taken));
      expect(purged).toEqual({ ...NOTHING, breaks: 2 });
      expect(steps).toEqual([{ breaks: 2 }]);
      expect(await idsLeft()).toEqual(['kept']);
      expect(await store.oldest()).toBe(DAY);
      expect(await store.breakById('old')).toBeNull();
      expect(await store.earlierVerdicts('old')).toEqual([]);
      expect(await store.earlierVerdicts('kept')).toHaveLength(1);
      expect((await store.counts()).breaks).toBe(1);
      expect(await store.purge(olderThan(DAY))).toEqual(NOTHING);
    });

    test('of everything leaves a store that still works', async () => {
      const store = opened();
      await commit([makeRecord({ id: 'a', endedAt: DAY })]);
      await store.purge(olderThan(DAY + 1));
      expect(await store.oldest()).toBeNull();
      expect((await store.counts()).breaks).toBe(0);
      await commit([makeRecord({ id: 'b', endedAt: DAY + HOUR })]);
      expect(await idsLeft()).toEqual(['b']);
      expect((await store.counts()).breaks).toBe(1);
    });

    test('keeps the breaks of open incidents of an account', async () => {
      await commit(
        [
          makeRecord({ id: 'before it', endedAt: DAY - 2 * HOUR - 1 }),
          makeRecord({ id: 'of it', endedAt: DAY - 2 * HOUR }),
          makeRecord({ id: 'normal end', endedAt: DAY - HOUR, outcome: 'ended' }),
          makeRecord({ id: 'of another account', endedAt: DAY - HOUR, account: 'other' }),
        ],
        [
          { ...STREAM, startedAt: DAY - 9 * HOUR, endedAt: DAY - HOUR, sequence: null },
          { ...STREAM, startedAt: DAY - 20 * HOUR, endedAt: DAY - 10 * HOUR, sequence: null },
        ],
      );
      const needed = [{ account: 'default', from: DAY - 2 * HOUR }];
      const purged = await opened().purge(olderThan(DAY, { needed }));
      expect(purged).toEqual({ ...NOTHING, breaks: 3, pushes: 1 });
      expect(await idsLeft()).toEqual(['of it']);
      expect(await opened().purge(olderThan(DAY))).toEqual({ ...NOTHING, breaks: 1, pushes: 1 });
    });

    test('keeps a push without an end until the next push of its stream, or for a limited time', async () => {
      const live = (stream: string, startedAt: number, sequence: string | null = null): Push => ({
        ...STREAM,
        stream,
        startedAt,
        endedAt: null,
        sequence,
      });
      await commit(
        [],
        [
          live('live', DAY - 3 * DAY_MS),
          live('live, reported twice', DAY - 3 * DAY_MS, '7'),
          live('live, reported twice', DAY - 3 * DAY_MS + 900),
          live('followed', DAY - 3 * DAY_MS),
          { ...live('followed', DAY + HOUR), endedAt: DAY + 2 * HOUR },
          live('too long', DAY - 30 * DAY_MS - 1),
          live('new', DAY),
        ],
      );
      const request = olderThan(DAY, { openBefore: DAY - 30 * DAY_MS });
      expect(await opened().purge(request)).toEqual({ ...NOTHING, pushes: 2 });
      const range = { from: DAY, to: DAY + HOUR + 1 };
      const left = await opened().pushesDuring({ range, limit: 10 });
      expect(left.map(({ stream }) => stream)).toEqual([
        'followed',
        'new',
        'live, reported twice',
        'live',
        'live, reported twice',
      ]);
      expect(left[0]?.startedAt).toBe(DAY + HOUR);
    });

    test('deletes closed documents, and the documents that belong to them', async () => {
      const document = (id: string, change: Partial<StoredDocument> = {}): StoredDocument => ({
        kind: 'incident',
        id,
        account: 'default',
        at: DAY - 1,
        open: false,
        body: null,
        ...change,
      });
      const remark = (id: string, at = DAY - 1) => document(id, { kind: 'remarks', at });
      await opened().putDocuments([
        document('over'),
        document('open', { open: true }),
        document('new', { at: DAY }),
        remark('over'),
        remark('open'),
        remark('new', DAY),
        // More than one step of one kind.
        ...Array.from({ length: 250 }, (_, i) => document(`alert-${i}`, { kind: 'alert' })),
      ]);
      const purged = await opened().purge(olderThan(DAY));
      expect(purged).toEqual({ ...NOTHING, documents: 252 });
      for (const kind of ['incident', 'remarks']) {
        const left = await opened().findDocuments({ kind, limit: 10 });
        expect(left.map(({ id }) => id)).toEqual(['new', 'open']);
      }
    });

    test('deletes no journal entries that are not exported yet', async () => {
      const store = opened();
      const entries = [1, 2, 3].map((one) => makeEntry(`key-${one}`, { receivedAt: DAY - one }));
      const [, second] = await store.append(entries);
      await commit([], [], 100);
      const journalTo = second?.seq ?? 0;
      expect(await store.purge(olderThan(DAY, { journalTo }))).toEqual({ ...NOTHING, journal: 2 });
      expect((await store.journal(0, 10)).map(({ key }) => key)).toEqual(['key-3']);
    });

    test('deletes the start of the journal that is old and derived', async () => {
      const store = opened();
      const at = (key: string, receivedAt: number) => makeEntry(key, { receivedAt });
      const seqs = await store.append([
        ...Array.from({ length: 250 }, (_, i) => at(`old-${i}`, DAY - HOUR)),
        at('not derived', DAY - HOUR),
      ]);
      const last = seqs.at(-1)?.seq as number;
      await commit([], [], last - 1);
      expect(await store.purge(olderThan(DAY))).toEqual({ ...NOTHING, journal: 250 });
      expect((await store.journal(0, 10)).map(({ key }) => key)).toEqual(['not derived']);

      await store.append([at('new', DAY), at('late clock', DAY - 2 * HOUR)]);
      await commit([], [], last + 2);
      expect(await store.purge(olderThan(DAY))).toEqual({ ...NOTHING, journal: 1 });
      expect((await store.journal(0, 10)).map(({ key }) => key)).toEqual(['new', 'late clock']);
      expect((await store.counts()).journal).toBe(2);
      expect(await store.purge(olderThan(DAY + 1))).toEqual({ ...NOTHING, journal: 2 });
      expect((await store.counts()).journal).toBe(0);
      // Seqs continue, so that new entries are derived.
      const [next] = await store.append([at('after', DAY)]);
      expect(next).toEqual({ seq: last + 3, duplicate: false });
    });

    test('answers equal a full read of the remaining data at every step', async () => {
      const store = opened();
      const start = DAY - 3 * DAY_MS;
      const records = Array.from({ length: 600 }, (_, i) =>
        makeRecord({
          id: `id-${i}`,
          // Spread over four days in steps that hit no roll-up's edge twice.
          endedAt: start + ((i * 7_919_993) % (4 * DAY_MS)),
          domain: `${i % 3}.example.com`,
          category: i % 2 ? 'auth' : 'network',
          outcome: i % 5 ? 'broken' : 'ended',
          recoveredAt: null,
        }),
      );
      await commit(records);
      const range = { from: start + 12_345, to: DAY + DAY_MS };
      const search = (stepMs: number): SeriesSearch => ({
        range,
        filters: { outcome: ['broken'] },
        groupBy: ['domain'],
        stepMs,
        measure: 'count',
        limit: 10,
        now: DAY,
      });
      const lists = (groups: Awaited<ReturnType<Store['series']>>) =>
        groups.map(({ labels, points }) => [labels.domain, Array.from(points)]);
      const check = async (left: BreakRecord[]) => {
        for (const stepMs of [MINUTE, 15 * MINUTE, HOUR, DAY_MS]) {
          const expected = naiveSeries(left, search(stepMs));
          expect(lists(await store.series(search(stepMs))).sort()).toEqual(lists(expected).sort());
        }
        expect((await store.values('domain', range, 10)).sort()).toEqual(
          [...new Set(left.map(({ event }) => event.domain))].sort(),
        );
        const all = { range: { from: 0, to: DAY + 9 * DAY_MS }, filters: {}, limit: 1_000 };
        expect(await store.findBreaks(all)).toEqual(naiveFind(left, all));
        expect((await store.counts()).breaks).toBe(left.length);
        const moments = [DAY - DAY_MS + 77, DAY - 5, DAY + HOUR];
        const asked = moments.map((before) => ({
          account: 'default',
          domain: '1.example.com',
          reason: 'network',
          clientIp: null,
          node: null,
          before,
          windowMs: 13 * HOUR,
        }));
        expect((await store.nearby(asked)).map((one) => one.breaksOfDomain)).toEqual(
          moments.map(
            (before) =>
              left.filter(
                ({ event, verdict }) =>
                  event.domain === '1.example.com' &&
                  verdict.outcome !== 'ended' &&
                  event.endedAt >= before - 13 * HOUR &&
                  event.endedAt < before,
              ).length,
          ),
        );
      };
      await check(records);
      // Counts per minute are deleted first, and answers per minute stay the same.
      await store.purge(olderThan(start, { minutesBefore: DAY }));
      await check(records);
      const before = start + 30 * HOUR;
      const left = records.filter(({ event }) => event.endedAt >= before);
      const steps: number[] = [];
      await store.purge(olderThan(before, { minutesBefore: DAY }), ({ breaks = 0 }) =>
        steps.push(breaks),
      );
      // Each step deletes only a few.
      expect(Math.max(...steps)).toBeLessThanOrEqual(100);
      expect(steps.reduce((sum, taken) => sum + taken, 0)).toBe(records.length - left.length);
      await check(left);
      // A change in a time without counts per minute is still counted.
      const [changed, gone, ...rest] = left as [BreakRecord, BreakRecord, ...BreakRecord[]];
      const late = makeRecord({
        id: 'late',
        endedAt: before + 5 * MINUTE,
        domain: '1.example.com',
      });
      const moved = { ...changed, event: { ...changed.event, domain: '2.example.com' } };
      await store.commit({
        breaks: [late, moved],
        removed: [gone.event.id],
        pushes: [],
        cursor: 0,
      });
      await check([late, moved, ...rest]);
    });

    test('stops when the store is closed', async () => {
      const store = opened();
      const breaks = Array.from({ length: 400 }, (_, i) =>
        makeRecord({ id: `id-${i}`, endedAt: DAY - 1 - i }),
      );
      await commit(breaks);
      let closing: Promise<void> | undefined;
      const purged = await store.purge(olderThan(DAY), () => {
        closing ??= store.close();
      });
      await closing;
      expect(purged).toEqual({ ...NOTHING, breaks: 100 });
    });
  });
}
