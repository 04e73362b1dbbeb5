import { describe, expect, test } from 'vitest';
import type { BreakRecord } from '../../src/model/break.ts';
import type { BreakSearch, SeriesGroup, SeriesSearch, Store } from '../../src/store/store.ts';
import { DAY, makeRecord } from './make-record.ts';
import { naiveFind, naiveSeries } from './naive-answers.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY_MS = 24 * HOUR;
const STREAM = { account: 'default', domain: 'push.example.com', app: 'live', stream: 'shop-17' };
/** `DAY` is the start of a month. */
const MAY = DAY;
const JUNE = Date.UTC(2026, 5);
/** Without the error of adding parts of minutes. */
const rounded = ({ points }: SeriesGroup) => Array.from(points, (point) => Math.round(point * 1e6));
const EVER = { from: Date.UTC(1990, 0), to: Date.UTC(2100, 0) };

/**
 * Tests that a store must pass around the start of a month, where tables of a database may end: what is on both sides of
 * it, and times of clocks that are years ahead or behind.
 *
 * @param opened - the store of the running test
 */
export function testBorders(opened: () => Store): void {
  describe('around the start of a month', () => {
    const commit = (breaks: BreakRecord[], removed: string[] = []) =>
      opened().commit({ breaks, removed, pushes: [], cursor: 0 });
    const ids = async (change: Partial<BreakSearch> = {}) =>
      (await opened().findBreaks({ range: EVER, filters: {}, limit: 100, ...change })).map(
        ({ event }) => event.id,
      );
    const at = (id: string, endedAt: number, change = {}) => makeRecord({ id, endedAt, ...change });

    test('breaks are found on both sides, page by page', async () => {
      const records = [
        at('last of April', MAY - 1),
        at('first of May', MAY),
        at('also first of May', MAY),
        at('last of May', JUNE - 1),
        at('first of June', JUNE),
        at('behind', Date.UTC(1999, 11, 31)),
        at('ahead', Date.UTC(2091, 0, 1)),
      ];
      await commit(records);
      const whole = await opened().findBreaks({ range: EVER, filters: {}, limit: 100 });
      expect(whole).toEqual(naiveFind(records, { range: EVER, filters: {}, limit: 100 }));
      expect(whole).toHaveLength(records.length);
      const pages: string[] = [];
      for (let after: BreakSearch['after']; ; ) {
        const [next] = await opened().findBreaks({
          range: EVER,
          filters: {},
          limit: 1,
          ...(after && { after }),
        });
        if (next === undefined) {
          break;
        }
        pages.push(next.event.id);
        after = { endedAt: next.event.endedAt, id: next.event.id };
      }
      expect(pages).toEqual(whole.map(({ event }) => event.id));
      expect(await ids({ range: { from: MAY - 1, to: MAY + 1 } })).toEqual([
        'first of May',
        'also first of May',
        'last of April',
      ]);
      for (const record of records) {
        expect(await opened().breakById(record.event.id)).toEqual(record);
      }
      const ofStream = await opened().breaksOfStream(STREAM, { from: MAY - 1, to: JUNE + 1 });
      expect(ofStream.map(({ event }) => event.endedAt)).toEqual([
        ...[MAY - 1, MAY, MAY, JUNE - 1, JUNE],
      ]);
      expect(await opened().oldest()).toBe(Date.UTC(1999, 11, 31));
      expect((await opened().counts()).breaks).toBe(records.length);
    });

    test.each([
      ['later', MAY - 1, MAY],
      ['earlier', JUNE, JUNE - 1],
      ['within its month', MAY, MAY + 1],
      ['into a time of no month', MAY, Date.UTC(2091, 0, 1)],
      ['out of a time of no month', Date.UTC(1999, 0, 1), MAY],
    ])(
      'a break that turns out to have ended %s is one break, and keeps its place',
      async (_way, was, is) => {
        await commit([at('moved', was, { recoveredAt: was + HOUR })]);
        const place = await opened().lastPlace();
        await commit([at('other', MAY)]);
        const after = at('moved', is, { recoveredAt: is + 2 * HOUR, stream: 'shop-17' });
        await commit([after]);
        expect((await ids()).sort()).toEqual(['moved', 'other']);
        expect(await opened().breakById('moved')).toEqual(after);
        expect(await ids({ newerThan: place })).toEqual(['other']);
        expect((await opened().counts()).breaks).toBe(2);
        const search: SeriesSearch = {
          range: { from: was - (was % DAY_MS), to: was - (was % DAY_MS) + DAY_MS },
          filters: {},
          groupBy: ['stream'],
          stepMs: HOUR,
          measure: 'lostMinutes',
          limit: 10,
          now: EVER.to,
        };
        for (const measure of ['count', 'lostMinutes'] as const) {
          const found = await opened().series({ ...search, measure });
          const expected = naiveSeries([after, at('other', MAY)], { ...search, measure });
          expect(found.map(rounded)).toEqual(expected.map(rounded));
        }
        // The same again changes nothing.
        await commit([after]);
        await commit([], ['moved']);
        expect(await ids()).toEqual(['other']);
        expect(await opened().breakById('moved')).toBeNull();
        await commit([at('moved', was)]);
        expect((await ids()).sort()).toEqual(['moved', 'other']);
      },
    );

    test('a break whose stream and month change is one break', async () => {
      await commit([at('moved', MAY - 1)]);
      const after = at('moved', MAY, { stream: 'another-stream', account: 'other' });
      await commit([after]);
      expect(await ids()).toEqual(['moved']);
      expect(await opened().breakById('moved')).toEqual(after);
    });

    test('of two records of one break in a batch on both sides, the last one counts', async () => {
      await commit([at('twice', MAY - 1), at('twice', MAY)]);
      expect(await opened().breakById('twice')).toEqual(at('twice', MAY));
      await commit([at('twice', MAY + 1), at('twice', MAY - 2)]);
      expect(await opened().findBreaks({ range: EVER, filters: {}, limit: 9 })).toEqual([
        at('twice', MAY - 2),
      ]);
      expect((await opened().counts()).breaks).toBe(1);
    });

    test('an earlier verdict stays with a break that moves', async () => {
      const record = at('moved', MAY - 1);
      await commit([record]);
      const again = at('moved', MAY, { category: 'auth', rule: 'auth/other' });
      await opened().commit({
        breaks: [again],
        removed: [],
        pushes: [],
        cursor: 0,
        supersedes: { ids: ['moved'], at: JUNE },
      });
      expect(await opened().breakById('moved')).toEqual(again);
      expect(await opened().earlierVerdicts('moved')).toEqual([
        { replacedAt: JUNE, verdict: record.verdict },
      ]);
    });

    test('what is near a moment is on the other side', async () => {
      await commit([at('before', MAY - MINUTE), at('of another month', MAY - 40 * DAY_MS)]);
      const [near] = await opened().nearby([
        {
          account: 'default',
          domain: 'push.example.com',
          reason: 'network',
          clientIp: '198.51.100.7',
          node: 'node-a',
          before: MAY + MINUTE,
          windowMs: 5 * MINUTE,
        },
      ]);
      expect(near).toMatchObject({ breaksOfDomain: 1, breaksOfNode: 1, breaksOfClientIp: 1 });
      expect(near?.sameReason.map(({ id }) => id)).toEqual(['before']);
      expect(near?.ofNode.map(({ id }) => id)).toEqual(['before']);
    });

    test('a break of a month reaches into the next ones', async () => {
      await commit([
        at('over the border', MAY - HOUR, { recoveredAt: MAY + HOUR }),
        at('recovered before it', MAY - HOUR, { recoveredAt: MAY - 1, stream: 'b' }),
        at('never recovered', MAY - 70 * DAY_MS, { recoveredAt: null, stream: 'c' }),
      ]);
      const range = { from: MAY, to: MAY + HOUR };
      expect(await ids({ range, by: 'overlap' })).toEqual(['over the border', 'never recovered']);
    });

    test('a purge on both sides leaves what it should', async () => {
      await commit([
        at('old', MAY - 40 * DAY_MS),
        at('last of April', MAY - 1, { recoveredAt: MAY + HOUR }),
        at('first of May', MAY),
        at('behind', Date.UTC(1999, 0, 1)),
      ]);
      const purge = (before: number) =>
        opened().purge({ before, arrivedBefore: 0, openBefore: 0, minutesBefore: 0, needed: [] });
      expect((await purge(MAY - 1)).breaks).toBe(2);
      expect(await ids()).toEqual(['first of May', 'last of April']);
      expect((await purge(MAY)).breaks).toBe(1);
      expect(await ids()).toEqual(['first of May']);
      expect(await opened().breakById('last of April')).toBeNull();
      // An event with the same id may come again.
      await commit([at('last of April', MAY + 1)]);
      expect(await ids()).toEqual(['last of April', 'first of May']);
      expect((await opened().counts()).breaks).toBe(2);
    });
  });
}
