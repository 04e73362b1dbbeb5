import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NEARBY_FACTS, stripRecord } from '../../src/incidents/strip-record.ts';
import type { BreakRecord } from '../../src/model/break.ts';
import type { RuleTexts } from '../../src/model/diagnosis.ts';
import type { Push } from '../../src/model/push.ts';
import type { FilterName, Filters, GroupBy } from '../../src/model/query.ts';
import type { Category, Source } from '../../src/model/vocabulary.ts';
import {
  type BreakSearch,
  type DocumentSearch,
  MAX_PUSH_AFTER_MS,
  type SeriesSearch,
  type Store,
  type StoredDocument,
} from '../../src/store/store.ts';
import { testBorders } from './border-contract.ts';
import { DAY, makeEntry, makeRecord } from './make-record.ts';
import { naiveFind, naiveSeries, wantedValue } from './naive-answers.ts';
import { testPurge } from './purge-contract.ts';

/** A database for one test. */
export interface StoreOpener {
  /** Opens the database; the second call of a test opens the same one again. */
  open(): Promise<Store>;
  /** Removes the database. */
  remove(): Promise<void>;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const STREAM = { account: 'default', domain: 'push.example.com', app: 'live', stream: 'shop-17' };

const idsOf = (records: BreakRecord[]) => records.map(({ event }) => event.id);
const all = (change: Partial<BreakSearch> = {}): BreakSearch => ({
  range: { from: 0, to: DAY * 2 },
  filters: {},
  limit: 1_000,
  ...change,
});

/** A repeatable source of random numbers in [0, 1). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Tests that every store must pass, whatever its database.
 *
 * @param kind - the store's `kind`
 * @param prepare - creates an empty database for one test
 */
export function testStore(kind: string, prepare: () => Promise<StoreOpener>): void {
  describe(`the ${kind} store`, () => {
    let opener: StoreOpener;
    let store: Store;

    beforeEach(async () => {
      opener = await prepare();
      store = await opener.open();
    });

    afterEach(async () => {
      await store.close();
      await opener.remove();
    });

    const commit = (...breaks: BreakRecord[]) =>
      store.commit({ breaks, removed: [], pushes: [], cursor: 0 });
    const find = async (change: Partial<BreakSearch>) => idsOf(await store.findBreaks(all(change)));

    test('has its kind', () => {
      expect(store.kind).toBe(kind);
    });

    describe('journal', () => {
      test('keeps entries in order of arrival, with all fields', async () => {
        const entries = [
          makeEntry('a', { body: { 名: '店铺', list: [1, { deep: null }] }, derived: {} }),
          makeEntry('b', { source: 'api', derived: { n: 1, yes: true, text: 'é' } }),
        ];
        const [a, b] = await store.append(entries);
        expect(a?.seq).toBeLessThan(b?.seq as number);
        expect(await store.journal(0, 10)).toEqual([
          { ...entries[0], seq: a?.seq },
          { ...entries[1], seq: b?.seq },
        ]);
        expect(await store.journal(a?.seq as number, 10)).toHaveLength(1);
        expect(await store.journal(0, 1)).toHaveLength(1);
      });

      test('reports a known key as duplicate, with the seq of the first', async () => {
        const [first] = await store.append([makeEntry('a', { body: { first: true } })]);
        const again = await store.append([makeEntry('b'), makeEntry('a'), makeEntry('b')]);
        expect(again[1]).toEqual({ seq: first?.seq, duplicate: true });
        expect(again[2]).toEqual({ seq: again[0]?.seq, duplicate: true });
        const kept = await store.journal(0, 10);
        expect(kept.map(({ key }) => key)).toEqual(['a', 'b']);
        expect(kept[0]?.body).toEqual({ first: true });
      });

      test('the same key of another account or source is another entry', async () => {
        const appended = await store.append([
          makeEntry('a'),
          makeEntry('a', { account: 'other' }),
          makeEntry('a', { source: 'api' }),
        ]);
        expect(appended.map(({ duplicate }) => duplicate)).toEqual([false, false, false]);
      });

      test('1,000 appends at once with duplicates: each key counts once', async () => {
        const keys = Array.from({ length: 1_000 }, (_, i) => `key-${i % 600}`);
        const appended = await Promise.all(keys.map((key) => store.append([makeEntry(key)])));
        const flat = appended.map(([one]) => one);
        expect(flat.filter((one) => one?.duplicate === false)).toHaveLength(600);
        const seqOfKey = new Map((await store.journal(0, 5_000)).map((one) => [one.key, one.seq]));
        expect(seqOfKey.size).toBe(600);
        expect(flat.map((one) => one?.seq)).toEqual(keys.map((key) => seqOfKey.get(key)));
        expect((await store.counts()).journal).toBe(600);
      });

      test('returns entries of one account by key, in order of arrival', async () => {
        const body = { 名: '店铺' };
        const [b, a, , api] = await store.append([
          makeEntry('b'),
          makeEntry('a', { body }),
          makeEntry('c'),
          makeEntry('a', { source: 'api' }),
          makeEntry('a', { account: 'other' }),
        ]);
        const wanted = [
          { source: 'api', key: 'a' },
          { source: 'callback', key: 'a' },
          { source: 'callback', key: 'never' },
          { source: 'callback', key: 'b' },
          { source: 'callback', key: 'a' },
        ] as const;
        expect(await store.journalEntries('default', wanted)).toEqual([
          { ...makeEntry('b'), seq: b?.seq },
          { ...makeEntry('a', { body }), seq: a?.seq },
          { ...makeEntry('a', { source: 'api' }), seq: api?.seq },
        ]);
        expect(await store.journalEntries('default', [])).toEqual([]);
        const evil = [{ source: 'callback', key: `a' OR 1=1 --` }] as const;
        expect(await store.journalEntries('default', evil)).toEqual([]);
      });

      test('finds entries of an account and source by a range of keys, in their order', async () => {
        const keys = ['321:a:05', '321:a:1', '321:a:2', '321:b:1', '321:a:3'];
        await store.append([
          ...keys.map((key) => makeEntry(key)),
          makeEntry('321:a:1', { source: 'api' }),
          makeEntry('321:a:1', { account: 'other' }),
        ]);
        const found = async (from: string, to: string, limit = 10) =>
          (await store.entriesBetween('default', 'callback', { from, to }, limit)).map(
            ({ key }) => key,
          );
        expect(await found('321:a:1', '321:a:3')).toEqual(['321:a:1', '321:a:2']);
        expect(await found('321:a:', '321:b:')).toHaveLength(4);
        expect(await found('321:a:', '321:b:', 1)).toEqual(['321:a:05']);
        expect(await found('x', 'y')).toEqual([]);
      });

      test('an empty append returns nothing', async () => {
        expect(await store.append([])).toEqual([]);
      });
    });

    describe('commit', () => {
      test('returns a record exactly as it was stored', async () => {
        const full = makeRecord({ id: 'full', endedAt: DAY });
        const bare = makeRecord({
          id: 'bare',
          endedAt: DAY + 1,
          startedAt: null,
          durationMs: null,
          code: null,
          bypassCode: 6012,
          reasonText: null,
          clientIp: null,
          node: null,
          resolution: null,
          sequence: null,
          sources: [],
          facts: {},
        });
        bare.verdict.evidence = [];
        bare.verdict.notChecked = [];
        bare.verdict.alternates = [];
        const overruled = makeRecord({ id: 'overruled', endedAt: DAY + 2, outcome: 'refused' });
        overruled.event.outcome = 'broken';
        overruled.event.reason = 'unknown';
        overruled.event.code = { errcode: 4, subErrcode: null };
        await commit(full, bare, overruled);
        expect(await store.findBreaks(all())).toEqual([overruled, bare, full]);
        expect(await store.breakById('bare')).toEqual(bare);
        expect(await store.breakById('none')).toBeNull();
      });

      test('brief records keep all that grouping reads', async () => {
        const full = makeRecord({ id: 'full', endedAt: DAY, recoveredAt: DAY + 5_000 });
        full.event.facts = {
          breaksOfNode5m: 1_234,
          breaksOfClientIp5m: 0,
          other: '","breaksOfDomain5m":7,"',
        };
        const bare = makeRecord({ id: 'bare', endedAt: DAY + 1, clientIp: null, facts: {} });
        const quiet = makeRecord({ id: 'quiet', endedAt: DAY + 2, outcome: 'refused' });
        quiet.event.sources = quiet.event.sources.map((one) => ({ ...one, quiet: true }));
        const overruled = makeRecord({ id: 'overruled', endedAt: DAY + 3, outcome: 'refused' });
        overruled.event.outcome = 'broken';
        overruled.event.reason = 'unknown';
        overruled.event.bypassCode = 7;
        await commit(full, bare, quiet, overruled);
        const brief = await store.findBreaks(all({ briefFacts: NEARBY_FACTS }));
        expect(brief.map(stripRecord)).toEqual([overruled, quiet, bare, full].map(stripRecord));
        expect(brief[3]?.event.facts).toEqual({ breaksOfNode5m: 1_234, breaksOfClientIp5m: 0 });
        expect(brief[3]?.verdict.evidence).toEqual([]);
        expect(brief[3]?.event.resolution).toBe(full.event.resolution);
      });

      test('ends keep times, places and labels, and the verdict of a refusal that lasts', async () => {
        const broken = makeRecord({ id: 'broken', endedAt: DAY, recoveredAt: DAY + 5_000 });
        const bare = makeRecord({ id: 'bare', endedAt: DAY + 1, clientIp: null });
        const refused = makeRecord({ id: 'refused', endedAt: DAY + 2, outcome: 'refused' });
        refused.verdict.retry = 'after-fix';
        const recovered = { ...refused.event, id: 'over', endedAt: DAY + 3, recoveredAt: DAY + 9 };
        await commit(broken, bare, refused, { ...refused, event: recovered });
        const [over, ...ends] = await store.findBreaks(all({ endsOnly: true }));
        expect(over?.verdict.retry).toBe('none');
        const range = { from: DAY, to: DAY + 5 };
        const [last] = await store.findBreaks({ ...all({ endsOnly: true }), range });
        expect(last?.verdict.retry).toBe('after-fix');
        const known = ({ event, verdict }: BreakRecord) => {
          const { id, account, domain, app, stream, clientIp, node } = event;
          const { startedAt, endedAt, durationMs, recoveredAt } = event;
          const { outcome, category, severity, side, reason, rule } = verdict;
          return {
            ...{ id, account, domain, app, stream, clientIp, node },
            ...{ startedAt, endedAt, durationMs, recoveredAt },
            ...{ outcome, category, severity, side, reason, rule: rule.id },
          };
        };
        expect(ends.map(known)).toEqual([refused, bare, broken].map(known));
        expect(ends[0]?.verdict.retry).toBe('after-fix');
        expect(ends[0]?.verdict.rule).toEqual(refused.verdict.rule);
        expect(ends[2]?.verdict.retry).toBe('none');
        const filtered = await store.findBreaks(
          all({ endsOnly: true, filters: { outcome: ['refused'] }, by: 'overlap' }),
        );
        expect(filtered.map(({ event }) => event.id)).toEqual(['over', 'refused']);
      });

      test('replaces a record with the same id, and updates counts', async () => {
        const before = makeRecord({ id: 'a', endedAt: DAY });
        await commit(before, makeRecord({ id: 'b', endedAt: DAY + HOUR }));
        const after = makeRecord({
          id: 'a',
          endedAt: DAY + 2 * HOUR,
          category: 'auth',
          rule: 'auth/url-expired',
          recoveredAt: DAY + 3 * HOUR,
          stream: 'shop-18',
          clientIp: null,
          facts: { other: 'fact' },
        });
        after.verdict.confidence = 'certain';
        await commit(after);
        expect(await store.findBreaks(all())).toEqual([
          after,
          makeRecord({ id: 'b', endedAt: DAY + HOUR }),
        ]);
        expect(await store.counts()).toMatchObject({ breaks: 2 });
        const groups = await store.series({
          range: { from: DAY, to: DAY + 4 * HOUR },
          filters: {},
          groupBy: ['category'],
          stepMs: HOUR,
          measure: 'count',
          limit: 10,
          now: DAY,
        });
        const points = Object.fromEntries(
          groups.map((group) => [group.labels.category, [...group.points]]),
        );
        expect(points).toEqual({ network: [0, 1, 0, 0], auth: [0, 0, 1, 0] });
      });

      test('deletes removed events, and updates counts', async () => {
        await commit(
          makeRecord({ id: 'a', endedAt: DAY }),
          makeRecord({ id: 'b', endedAt: DAY + HOUR, category: 'auth' }),
          makeRecord({ id: 'c', endedAt: DAY + HOUR, category: 'auth' }),
        );
        const moved = makeRecord({ id: 'c', endedAt: DAY + 2 * HOUR, category: 'auth' });
        await store.commit({
          breaks: [moved],
          removed: ['a', 'b', 'never-there'],
          pushes: [],
          cursor: 0,
        });
        expect(await store.findBreaks(all())).toEqual([moved]);
        expect(await store.breakById('b')).toBeNull();
        expect((await store.counts()).breaks).toBe(1);
        const range = { from: DAY - HOUR, to: DAY + 5 * HOUR };
        expect(await store.values('category', range, 10)).toEqual(['auth']);
        const groups = await store.series({
          range: { from: DAY, to: DAY + 3 * HOUR },
          filters: {},
          groupBy: ['category'],
          stepMs: HOUR,
          measure: 'count',
          limit: 10,
          now: DAY,
        });
        expect(groups.map(({ labels, points }) => [labels.category, [...points]])).toEqual([
          ['auth', [0, 0, 1]],
        ]);
        // The id of a removed event can be used again.
        await commit(makeRecord({ id: 'a', endedAt: DAY }));
        expect((await store.counts()).breaks).toBe(2);
      });

      test('keeps the last of two records with the same id in one batch', async () => {
        await commit(
          makeRecord({ id: 'a', endedAt: DAY }),
          makeRecord({ id: 'a', endedAt: DAY, recoveredAt: DAY + 5 }),
        );
        const [record, ...more] = await store.findBreaks(all());
        expect(more).toEqual([]);
        expect(record?.event.recoveredAt).toBe(DAY + 5);
        expect((await store.counts()).breaks).toBe(1);
      });

      test('moves the cursor with the derived records, and survives reopening', async () => {
        expect(await store.cursor()).toBe(0);
        await store.append([makeEntry('a'), makeEntry('b')]);
        const record = makeRecord({ id: 'a', endedAt: DAY });
        await store.commit({ breaks: [record], removed: [], pushes: [], cursor: 2 });
        await store.setState('poll', { at: 5 });
        await store.close();
        store = await opener.open();
        expect(await store.cursor()).toBe(2);
        expect(await store.getState('poll')).toEqual({ at: 5 });
        expect(await store.findBreaks(all())).toEqual([record]);
        const [next] = await store.append([makeEntry('c')]);
        expect(next?.seq).toBe(3);
      });

      test('is atomic, and a failed batch does not fail other batches', async () => {
        const bad = makeRecord({ id: 'bad', endedAt: DAY });
        bad.event.stream = null as unknown as string;
        const results = await Promise.allSettled([
          commit(makeRecord({ id: 'before', endedAt: DAY })),
          store.commit({
            breaks: [makeRecord({ id: 'with-bad', endedAt: DAY, category: 'billing' }), bad],
            removed: [],
            pushes: [],
            cursor: 99,
          }),
          commit(makeRecord({ id: 'after', endedAt: DAY, category: 'billing' })),
        ]);
        expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
        expect((results[1] as PromiseRejectedResult).reason).toMatchObject({
          code: 'STORE_FAILED',
        });
        expect((await find({})).sort()).toEqual(['after', 'before']);
        expect(await store.cursor()).toBe(0);
        expect(await find({ filters: { category: ['billing'] } })).toEqual(['after']);
        expect((await store.counts()).breaks).toBe(2);
      });
    });

    describe('earlier verdicts', () => {
      const judged = (rule: string, category: Category) => {
        const record = makeRecord({ id: 'a', endedAt: DAY, category });
        return {
          ...record,
          verdict: {
            ...record.verdict,
            rule: { ...record.verdict.rule, id: rule },
            evidence: [{ fact: 'code', value: rule }],
          },
        };
      };
      const supersede = (record: BreakRecord, at: number) =>
        store.commit({
          breaks: [record],
          removed: [],
          pushes: [],
          cursor: 0,
          supersedes: { ids: ['a', 'unknown'], at },
        });

      test('are kept when a break is diagnosed again on request, the latest first', async () => {
        const [one, two, three] = [
          judged('auth/one', 'auth'),
          judged('network/two', 'network'),
          judged('client/three', 'client'),
        ];
        await commit(one);
        expect(await store.earlierVerdicts('a')).toEqual([]);
        await supersede(two, DAY + 1);
        await supersede(three, DAY + 2);
        expect(await store.breakById('a')).toEqual(three);
        expect(await store.earlierVerdicts('a')).toEqual([
          { replacedAt: DAY + 2, verdict: two.verdict },
          { replacedAt: DAY + 1, verdict: one.verdict },
        ]);
        expect(await store.earlierVerdicts('unknown')).toEqual([]);
      });

      test('are not kept for other changes, and are deleted with their break', async () => {
        await commit(judged('auth/one', 'auth'));
        await commit(judged('network/two', 'network'));
        expect(await store.earlierVerdicts('a')).toEqual([]);
        await supersede(judged('client/three', 'client'), DAY + 1);
        await store.commit({ breaks: [], removed: ['a'], pushes: [], cursor: 0 });
        expect(await store.earlierVerdicts('a')).toEqual([]);
      });
    });

    describe('of one stream', () => {
      test('breaks of this stream only, in a half-open range, oldest first', async () => {
        await commit(
          makeRecord({ id: 'c', endedAt: DAY + 30 }),
          makeRecord({ id: 'a', endedAt: DAY + 10 }),
          makeRecord({ id: 'b', endedAt: DAY + 20 }),
          makeRecord({ id: 'o1', endedAt: DAY + 15, domain: 'other.example.com' }),
          makeRecord({ id: 'o2', endedAt: DAY + 15, app: 'other' }),
          makeRecord({ id: 'o3', endedAt: DAY + 15, account: 'other' }),
          makeRecord({ id: 'o4', endedAt: DAY + 15, stream: 'SHOP-17' }),
        );
        const range = { from: DAY + 10, to: DAY + 30 };
        expect(idsOf(await store.breaksOfStream(STREAM, range))).toEqual(['a', 'b']);
        const first = await store.breaksOfStream(STREAM, range, { first: 1 });
        expect(idsOf(first)).toEqual(['a']);
        expect(idsOf((await store.fewBreaksOfStream(STREAM, range, 9)) ?? [])).toEqual(['a', 'b']);
        expect(await store.fewBreaksOfStream(STREAM, range, 1)).toBeNull();
        const none = { from: DAY + 40, to: DAY + 50 };
        expect(await store.fewBreaksOfStream(STREAM, none, 1)).toEqual([]);
      });

      test('ends, the last failure, and whether another source reported one', async () => {
        const by = (source: Source, id: string) => ({ source, key: id, receivedAt: DAY + 900 });
        await commit(
          makeRecord({ id: 'a', endedAt: DAY + 10 }),
          makeRecord({ id: 'b', endedAt: DAY + 20 }),
          makeRecord({ id: 'c', endedAt: DAY + 30, outcome: 'ended' }),
          makeRecord({
            id: 'd',
            endedAt: DAY + 40,
            sources: [by('callback', 'd'), by('api', 'd')],
          }),
          makeRecord({ id: 'o', endedAt: DAY + 25, domain: 'other.example.com' }),
        );
        const range = { from: DAY + 10, to: DAY + 40 };
        const end = (endedAt: number, failed: boolean) => ({
          startedAt: endedAt - 60_000,
          endedAt,
          failed,
        });
        expect(await store.endsOfStream(STREAM, range)).toEqual([
          end(DAY + 10, true),
          end(DAY + 20, true),
          end(DAY + 30, false),
        ]);
        const last = await store.breaksOfStream(STREAM, range, { lastFailure: true });
        expect(idsOf(last)).toEqual(['b']);
        expect(await store.hasOtherSource(STREAM, range, 'callback')).toBe(false);
        expect(await store.hasOtherSource(STREAM, range, 'api')).toBe(true);
        const whole = { ...range, to: DAY + 41 };
        expect(await store.hasOtherSource(STREAM, whole, 'callback')).toBe(true);
      });

      test('pushes replace the one with the same start or sequence', async () => {
        const push = (startedAt: number, change: Partial<Push> = {}): Push => ({
          ...STREAM,
          startedAt,
          endedAt: null,
          sequence: null,
          ...change,
        });
        const put = (...pushes: Push[]) =>
          store.commit({ breaks: [], removed: [], pushes, cursor: 0 });
        await put(push(DAY + 200), push(DAY + 100), push(DAY + 300, { sequence: '9' }));
        await put(push(DAY + 100, { endedAt: DAY + 150, sequence: '7' }));
        const txTime = DAY + 86_400_000;
        await put(
          push(DAY + 305, { sequence: '9', txTime }),
          push(DAY + 100, { stream: 'shop-18' }),
        );
        const range = { from: DAY + 100, to: DAY + 306 };
        const expected = [
          push(DAY + 100, { endedAt: DAY + 150, sequence: '7' }),
          push(DAY + 200),
          push(DAY + 305, { sequence: '9', txTime }),
        ];
        expect(await store.pushesOfStream(STREAM, range)).toEqual(expected);
        const [live] = await store.pushesDuring({
          range: { from: DAY + 305, to: DAY + 306 },
          limit: 1,
        });
        expect(live).toEqual(push(DAY + 305, { sequence: '9', txTime }));
        expect(await store.pushesOfStream(STREAM, { ...range, to: DAY + 305 })).toHaveLength(2);
        expect(await store.pushesOfStream(STREAM, range, { last: 2 })).toEqual(expected.slice(1));
        const late = { ...range, from: DAY + 200 };
        const withEarlier = await store.pushesOfStream(STREAM, late, { sequences: ['7', '9'] });
        expect(withEarlier).toEqual(expected);
        const other = { ...STREAM, stream: 'shop-18' };
        expect(await store.pushesOfStream(other, range)).toHaveLength(1);
      });

      test('nearby counts include earlier breaks, not normal ends', async () => {
        const before = DAY + 6 * HOUR + 30_000;
        const ago = (id: string, ms: number, change = {}) =>
          makeRecord({ id, endedAt: before - ms, ...change });
        await commit(
          ago('now', 0),
          ago('ended', 1_000, { outcome: 'ended', reason: 'client_closed' }),
          ago('previous', 2_000, { category: 'auth', reason: 'expiry_passed' }),
          ago('edge-of-stream', 10 * MINUTE),
          ago('too-old-for-stream', 10 * MINUTE + 1),
          ago('same-ip', 3_000, { stream: 's2', node: 'node-b' }),
          ago('same-node', 4_000, { stream: 's3', clientIp: '203.0.113.1' }),
          ago('same-node-elsewhere', 5_000, { account: 'other', clientIp: null }),
          ago('edge-of-wide', 5 * MINUTE, { stream: 's4' }),
          ago('too-old-for-wide', 5 * MINUTE + 1, { stream: 's5' }),
        );
        const { account, domain } = STREAM;
        const request = {
          account,
          domain,
          reason: 'network',
          before,
          clientIp: '198.51.100.7',
          node: 'node-a',
          windowMs: 5 * MINUTE,
        };
        expect((await store.nearby([request]))[0]).toMatchObject({
          breaksOfClientIp: 3,
          breaksOfNode: 4,
          breaksOfDomain: 4,
        });
        const elsewhere = { ...request, domain: 'none', clientIp: null, node: null };
        expect((await store.nearby([request, elsewhere]))[1]).toMatchObject({
          breaksOfClientIp: 0,
          breaksOfNode: 0,
          breaksOfDomain: 0,
        });
      });
    });

    describe('findBreaks', () => {
      test('newest first, ties by id descending, and pages without gap or repeat', async () => {
        await commit(
          ...['b', 'd', 'a', 'c', 'e'].map((id) => makeRecord({ id, endedAt: DAY })),
          makeRecord({ id: 'new', endedAt: DAY + 1 }),
          makeRecord({ id: 'old', endedAt: DAY - 1 }),
        );
        const expected = ['new', 'e', 'd', 'c', 'b', 'a', 'old'];
        expect(await find({})).toEqual(expected);
        for (const by of ['ended', 'overlap'] as const) {
          const paged: string[] = [];
          let after: BreakSearch['after'];
          for (;;) {
            const page = await store.findBreaks(all({ limit: 2, after, by }));
            const last = page.at(-1);
            if (last === undefined) {
              break;
            }
            paged.push(...idsOf(page));
            after = { endedAt: last.event.endedAt, id: last.event.id };
          }
          expect(paged).toEqual(expected);
        }
        expect(await find({ limit: 0 })).toEqual([]);
      });

      test('what was stored after a place, whenever it ended', async () => {
        expect(await store.lastPlace()).toBe(0);
        await commit(makeRecord({ id: 'a', endedAt: DAY }), makeRecord({ id: 'b', endedAt: DAY }));
        const newerThan = await store.lastPlace();
        expect(await find({ newerThan })).toEqual([]);
        await commit(
          makeRecord({ id: 'next', endedAt: DAY + 1, category: 'auth' }),
          makeRecord({ id: 'late', endedAt: DAY - HOUR }),
          // A break that changes keeps its place.
          makeRecord({ id: 'a', endedAt: DAY, recoveredAt: DAY + 5 }),
        );
        expect(await find({ newerThan })).toEqual(['next', 'late']);
        expect(await find({ newerThan, limit: 1 })).toEqual(['next']);
        expect(await find({ newerThan, range: { from: DAY, to: DAY * 2 } })).toEqual(['next']);
        expect(await find({ newerThan, after: { endedAt: DAY + 1, id: 'next' } })).toEqual([
          'late',
        ]);
        expect(await find({ newerThan, filters: { category: ['auth'] } })).toEqual(['next']);
        expect(await find({ newerThan, filters: { stream: ['*'] } })).toEqual(['next', 'late']);
        expect(await find({ newerThan: await store.lastPlace() })).toEqual([]);
        expect(await find({ newerThan: 0 })).toHaveLength(4);
      });

      test('a place is used once: what follows removed breaks is new', async () => {
        await commit(...['a', 'b', 'c'].map((id) => makeRecord({ id, endedAt: DAY })));
        const newerThan = await store.lastPlace();
        const next = makeRecord({ id: 'd', endedAt: DAY });
        await store.commit({ breaks: [next], removed: ['b', 'c'], pushes: [], cursor: 0 });
        expect(await find({ newerThan })).toEqual(['d']);
        const place = await store.lastPlace();
        await store.commit({ breaks: [], removed: ['a', 'd'], pushes: [], cursor: 0 });
        await commit(makeRecord({ id: 'e', endedAt: DAY }));
        expect(await find({ newerThan: place })).toEqual(['e']);
      });

      test('a limit beyond one internal page', async () => {
        const records = Array.from({ length: 4_500 }, (_, i) =>
          makeRecord({ id: `id-${String(i).padStart(5, '0')}`, endedAt: DAY + (i >> 2) }),
        );
        await commit(...records);
        const found = await find({ limit: 100_000 });
        expect(found).toEqual(idsOf(records).reverse());
        expect(await find({ limit: 4_100 })).toEqual(idsOf(records).reverse().slice(0, 4_100));
      });

      test('by overlap: spans that reach into the range, open-ended while not recovered', async () => {
        const from = DAY + HOUR;
        const to = DAY + 2 * HOUR;
        await commit(
          makeRecord({ id: 'over-before', endedAt: DAY, recoveredAt: from }),
          makeRecord({ id: 'reaches-in', endedAt: DAY + 1, recoveredAt: from + 1 }),
          makeRecord({ id: 'spans-all', endedAt: DAY + 2, recoveredAt: to + HOUR }),
          makeRecord({ id: 'still-down', endedAt: DAY + 3 }),
          makeRecord({ id: 'inside', endedAt: from, recoveredAt: from }),
          makeRecord({ id: 'reaches-out', endedAt: to - 1 }),
          makeRecord({ id: 'after', endedAt: to }),
        );
        const range = { from, to };
        expect(await find({ range })).toEqual(['reaches-out', 'inside']);
        expect(await find({ range, by: 'overlap' })).toEqual([
          'reaches-out',
          'inside',
          'still-down',
          'spans-all',
          'reaches-in',
        ]);
        expect(await find({ range, by: 'overlap', limit: 3 })).toEqual([
          'reaches-out',
          'inside',
          'still-down',
        ]);
      });

      test('only what has not recovered, in pages, also normal ends', async () => {
        const open = Array.from({ length: 7 }, (_one, index) =>
          makeRecord({
            id: `open-${index}`,
            endedAt: DAY + Math.floor(index / 2),
            outcome: index % 3 === 0 ? 'ended' : 'broken',
          }),
        );
        await commit(
          ...open,
          ...open.map((_one, index) =>
            makeRecord({ id: `back-${index}`, endedAt: DAY + index, recoveredAt: DAY + HOUR }),
          ),
          makeRecord({ id: 'too-old', endedAt: DAY - 1 }),
        );
        const range = { from: DAY, to: DAY + HOUR };
        const wanted = idsOf(open).reverse();
        expect(await find({ range, isOpen: true })).toEqual(wanted);
        const after = open[4] as BreakRecord;
        expect(
          await find({
            ...{ range, isOpen: true, limit: 2 },
            after: { endedAt: after.event.endedAt, id: after.event.id },
          }),
        ).toEqual(wanted.slice(3, 5));
      });

      test('`*` is the only wildcard; everything else is literal', async () => {
        const names = ['shop-1', 'shop-22', 'shop[1]', 'shop?', 'shop%', 'shop_1', 'Shop-1', '*'];
        await commit(...names.map((stream) => makeRecord({ id: stream, endedAt: DAY, stream })));
        const findStreams = async (...stream: string[]) =>
          (await find({ filters: { stream } })).sort();
        expect(await findStreams('shop-*')).toEqual(['shop-1', 'shop-22']);
        expect(await findStreams('*[1]')).toEqual(['shop[1]']);
        expect(await findStreams('shop?*')).toEqual(['shop?']);
        expect(await findStreams('shop%*')).toEqual(['shop%']);
        expect(await findStreams('*_1')).toEqual(['shop_1']);
        expect(await findStreams('*shop**-1*')).toEqual(['shop-1']);
        expect(await findStreams('shop-1', 'Shop*')).toEqual(['Shop-1', 'shop-1']);
        expect(await findStreams('shop-1', 'shop-22', 'none')).toEqual(['shop-1', 'shop-22']);
        expect(await findStreams('*')).toHaveLength(names.length);
        expect(await findStreams()).toHaveLength(names.length);
        expect(await findStreams('none')).toEqual([]);
      });

      test('only the pattern `*` matches a missing value', async () => {
        await commit(makeRecord({ id: 'a', endedAt: DAY, clientIp: null, node: null }));
        expect(await find({ filters: { clientIp: ['*'], node: ['*'] } })).toEqual(['a']);
        expect(await find({ filters: { clientIp: ['1*'] } })).toEqual([]);
      });

      test('names of any script', async () => {
        const names = ['直播间-17', 'スタジオ', '방송', 'é', 'e\u0301', '🎥-live', "o'clock"];
        await commit(...names.map((stream) => makeRecord({ id: stream, endedAt: DAY, stream })));
        for (const stream of names) {
          expect(await find({ filters: { stream: [stream] } })).toEqual([stream]);
        }
        expect(await find({ filters: { stream: ['直*17'] } })).toEqual(['直播间-17']);
        expect(await find({ filters: { stream: ['🎥*'] } })).toEqual(['🎥-live']);
      });

      test('text that looks like SQL is text', async () => {
        const evil = `x'); DROP TABLE breaks; --`;
        await commit(
          makeRecord({ id: evil, endedAt: DAY, stream: evil, domain: evil, rule: evil }),
          makeRecord({ id: 'b', endedAt: DAY }),
        );
        await store.append([makeEntry(evil, { account: evil })]);
        const attempts = [`' OR '1'='1`, `shop-17' OR 1=1 --`, '1) OR (1=1', '"', '\\', '?', '%'];
        for (const name of ['stream', 'domain', 'rule', 'clientIp'] as const) {
          for (const attempt of attempts) {
            expect(await find({ filters: { [name]: [attempt] } })).toEqual([]);
            expect(await find({ filters: { [name]: [attempt, `${attempt}*`] } })).toEqual([]);
          }
        }
        expect(await find({ filters: { stream: [evil] } })).toEqual([evil]);
        expect(await find({ after: { endedAt: DAY, id: `' OR 1=1 --` } })).toEqual([]);
        expect(await store.breakById(evil)).not.toBeNull();
        await store.setState(evil, evil);
        expect(await store.getState(evil)).toBe(evil);
        expect(await find({})).toHaveLength(2);
      });

      test('thousands of filter values', async () => {
        await commit(makeRecord({ id: 'a', endedAt: DAY, stream: 's-49999' }));
        const stream = Array.from({ length: 50_000 }, (_, i) => `s-${i}`);
        expect(await find({ filters: { stream } })).toEqual(['a']);
      });
    });

    describe('series', () => {
      const search = (change: Partial<SeriesSearch>): SeriesSearch => ({
        range: { from: DAY, to: DAY + 4 * MINUTE },
        filters: {},
        groupBy: [],
        stepMs: MINUTE,
        measure: 'count',
        limit: 10,
        now: DAY + HOUR,
        ...change,
      });

      test('steps start at multiples of the step; breaks outside the range do not count', async () => {
        await commit(
          makeRecord({ id: 'too-early', endedAt: DAY + 29_999 }),
          makeRecord({ id: 'a', endedAt: DAY + 30_000 }),
          makeRecord({ id: 'b', endedAt: DAY + MINUTE }),
          makeRecord({ id: 'c', endedAt: DAY + 3 * MINUTE + 9_999 }),
          makeRecord({ id: 'too-late', endedAt: DAY + 3 * MINUTE + 10_000 }),
        );
        const range = { from: DAY + 30_000, to: DAY + 3 * MINUTE + 10_000 };
        const [group] = await store.series(search({ range }));
        expect([...(group?.points ?? [])]).toEqual([1, 1, 0, 1]);
        const [rate] = await store.series(search({ range, stepMs: 30_000, measure: 'rate' }));
        expect([...(rate?.points ?? [])]).toEqual([2, 2, 0, 0, 0, 2]);
      });

      test('groups by total, the largest first, limited; a missing value is an empty label', async () => {
        await commit(
          makeRecord({ id: '1', endedAt: DAY, node: 'x' }),
          makeRecord({ id: '2', endedAt: DAY, node: null }),
          makeRecord({ id: '3', endedAt: DAY + MINUTE, node: null }),
          makeRecord({ id: '4', endedAt: DAY, node: 'y' }),
          makeRecord({ id: '5', endedAt: DAY, node: 'y' }),
          makeRecord({ id: '6', endedAt: DAY, node: 'y', category: 'auth' }),
        );
        const groups = await store.series(search({ groupBy: ['node', 'category'], limit: 2 }));
        expect(groups.map(({ labels }) => labels)).toEqual([
          { node: '', category: 'network' },
          { node: 'y', category: 'network' },
        ]);
        expect(groups.map(({ points }) => [...points])).toEqual([
          [1, 1, 0, 0],
          [2, 0, 0, 0],
        ]);
      });

      test('no breaks give no group', async () => {
        expect(await store.series(search({}))).toEqual([]);
        expect(await store.series(search({ range: { from: DAY, to: DAY } }))).toEqual([]);
      });

      test('minutes lost: split over steps, until recovery or now, retries counted once', async () => {
        await commit(
          makeRecord({ id: 'a', endedAt: DAY - HOUR, recoveredAt: DAY + 30_000 }),
          makeRecord({ id: 'b', endedAt: DAY + MINUTE, recoveredAt: DAY + 3 * MINUTE }),
          makeRecord({
            id: 'b-retry',
            endedAt: DAY + MINUTE + 30_000,
            recoveredAt: DAY + 3 * MINUTE,
            outcome: 'refused',
          }),
          makeRecord({ id: 'c', endedAt: DAY + 2 * MINUTE, stream: 'other' }),
          makeRecord({ id: 'e', endedAt: DAY, outcome: 'ended', stream: 'third' }),
        );
        const now = DAY + 2 * MINUTE + 45_000;
        const [group] = await store.series(search({ measure: 'lostMinutes', now }));
        expect([...(group?.points ?? [])]).toEqual([0.5, 1, 1.75, 0]);
      });
    });

    describe('compared with reading everything', () => {
      const pick = <T>(random: () => number, list: readonly T[]): T =>
        list[Math.floor(random() * list.length)] as T;

      function randomRecord(random: () => number, id: string): BreakRecord {
        // Whole seconds over three days, to cover all roll-ups and their edges.
        const endedAt = DAY + Math.floor(random() * 3 * 86_400) * 1_000;
        const category = pick(random, ['auth', 'billing', 'network'] as const);
        return makeRecord({
          id,
          endedAt,
          account: pick(random, ['one', 'two']),
          domain: pick(random, ['a.example.com', 'b.example.com', 'c.example.org']),
          stream: pick(random, ['s1', 's2', 's3', 't1', 't2']),
          clientIp: pick(random, [null, '198.51.100.1', '203.0.113.2']),
          node: pick(random, [null, 'n1', 'n2']),
          outcome: pick(random, ['broken', 'broken', 'refused', 'ended'] as const),
          category,
          rule: `${category}/${pick(random, ['x', 'y'])}`,
          recoveredAt:
            random() < 0.3 ? null : endedAt + Math.floor(random() * random() * 20_000) * 1_000,
        });
      }

      function randomFilters(random: () => number): Filters {
        const choices: Partial<Record<FilterName, string[]>>[] = [
          {},
          {},
          { domain: ['a.example.com'] },
          { domain: ['*.example.com'], account: ['one'] },
          { category: ['auth', 'billing'] },
          { category: ['auth'], rule: ['auth/x'] },
          { stream: ['s1'] },
          { stream: ['s*'], category: ['network'] },
          { clientIp: ['*.2'] },
          { clientIp: ['198.51.100.1'] },
          { node: ['n1', 'n2'], outcome: ['refused'] },
          { outcome: ['broken', 'refused'] },
          { outcome: ['ended'] },
          { domain: ['b.example.com'], account: ['two'], category: ['auth'], stream: ['t*'] },
        ];
        return pick(random, choices) as Filters;
      }

      test('findBreaks, series and values agree after many inserts and updates', async () => {
        const random = randomFrom(17);
        const records = new Map<string, BreakRecord>();
        for (let batch = 0; batch < 8; batch++) {
          const breaks = Array.from({ length: 100 }, () =>
            // Half of the ids are written again with other values.
            randomRecord(random, `id-${Math.floor(random() * 500)}`),
          );
          await commit(...breaks);
          for (const record of breaks) {
            records.set(record.event.id, record);
          }
        }
        const known = [...records.values()];
        expect((await store.counts()).breaks).toBe(known.length);

        for (let round = 0; round < 80; round++) {
          const filters = randomFilters(random);
          const from = DAY + Math.floor(random() * 2 * 86_400) * 1_000;
          const range = { from, to: from + Math.floor(random() * 2 * 86_400) * 1_000 + 1_000 };
          const searchBreaks: BreakSearch = {
            range,
            filters,
            limit: pick(random, [3, 50, 1_000]),
            by: pick(random, ['ended', 'overlap'] as const),
          };
          const found = naiveFind(known, searchBreaks);
          expect(await store.findBreaks(searchBreaks)).toEqual(found);
          const middle = found[Math.floor(found.length / 2)];
          if (middle !== undefined) {
            const { endedAt, id } = middle.event;
            const rest = { ...searchBreaks, after: { endedAt, id } };
            expect(await store.findBreaks(rest)).toEqual(naiveFind(known, rest));
          }

          const searchSeries: SeriesSearch = {
            range,
            filters,
            groupBy: pick<GroupBy[]>(random, [
              [],
              ['category'],
              ['domain', 'category'],
              ['stream'],
              ['outcome', 'node'],
              ['clientIp'],
              ['stream', 'category'],
              ['stream', 'node'],
            ]),
            stepMs: pick(random, [77_000, MINUTE, 15 * MINUTE, HOUR, 2 * HOUR, 24 * HOUR]),
            measure: pick(random, ['count', 'rate', 'lostMinutes'] as const),
            limit: 1_000,
            now: DAY + 3 * 24 * HOUR,
          };
          const byLabels = (groups: Awaited<ReturnType<Store['series']>>) =>
            new Map(
              groups.map(({ labels, points }) => [
                JSON.stringify(labels),
                Array.from(points, (point) => Math.round(point * 1e6) / 1e6),
              ]),
            );
          expect(byLabels(await store.series(searchSeries))).toEqual(
            byLabels(naiveSeries(known, searchSeries)),
          );

          for (const name of ['domain', 'stream', 'clientIp', 'rule'] as const) {
            const counted = new Map<string, number>();
            for (const record of naiveFind(known, { range, filters: {}, limit: 1e9 })) {
              const value = wantedValue(record, name);
              if (value !== null) {
                counted.set(value, (counted.get(value) ?? 0) + 1);
              }
            }
            const values = await store.values(name, range, 100);
            expect([...values].sort()).toEqual([...counted.keys()].sort());
            const totals = values.map((value) => counted.get(value) as number);
            expect(totals).toEqual([...totals].sort((a, b) => b - a));
            expect(await store.values(name, range, 2)).toEqual(values.slice(0, 2));
            const part = values[0]?.slice(1, 4).toUpperCase() ?? '';
            expect(await store.values(name, range, 100, part)).toEqual(
              values.filter((value) => value.toUpperCase().includes(part)),
            );
            expect(await store.values(name, range, 100, '%_*none')).toEqual([]);
          }
        }
      });
    });

    test('the largest groups of hundreds of streams are the same as without a limit', async () => {
      const random = randomFrom(23);
      // Some streams mostly end normally, so that their breaks of any outcome say little about a group's size.
      const records = Array.from({ length: 1_500 }, (_one, index) => {
        const number = Math.floor(300 * random() * random());
        return makeRecord({
          id: `id-${index}`,
          endedAt: DAY + Math.floor(random() * 4 * 86_400) * 1_000,
          stream: `s${number}`,
          outcome: number % 3 === 0 && random() < 0.9 ? 'ended' : 'broken',
          category: random() < 0.5 ? 'auth' : 'network',
        });
      });
      await commit(...records);
      const search = (limit: number, groupBy: GroupBy[]): SeriesSearch => ({
        range: { from: DAY + 1_234_000, to: DAY + 3 * 86_400_000 + 5_000 },
        filters: { outcome: ['broken'] },
        groupBy,
        stepMs: 2 * HOUR,
        measure: 'count',
        limit,
        now: DAY,
      });
      for (const groupBy of [['stream'], ['stream', 'category']] as GroupBy[][]) {
        const all = await store.series(search(10_000, groupBy));
        expect(all.length).toBeGreaterThan(150);
        for (const limit of [1, 2, 31, 32, 33, 100, 150]) {
          expect(await store.series(search(limit, groupBy))).toEqual(all.slice(0, limit));
        }
      }
    });

    describe('pushes of all streams', () => {
      const push = (
        stream: string,
        startedAt: number,
        endedAt: number | null,
        account = 'default',
      ) => ({ ...STREAM, stream, account, startedAt, endedAt, sequence: null }) satisfies Push;
      const namesOf = async (change: { account?: string[]; limit?: number } = {}) => {
        const found = await store.pushesDuring({
          range: { from: DAY, to: DAY + HOUR },
          limit: 100,
          ...change,
        });
        return found.map(({ stream }) => stream);
      };

      test('live in a range, the latest start first', async () => {
        const pushes = [
          push('over before', DAY - HOUR, DAY),
          push('over in it', DAY - HOUR, DAY + 1),
          push('still live', DAY - 40 * DAY, null),
          push('within', DAY + 10, DAY + 20),
          push('to the end', DAY + HOUR - 1, DAY + 2 * HOUR),
          push('after it', DAY + HOUR, null),
          push('for days', DAY - 1, DAY + HOUR + MAX_PUSH_AFTER_MS),
          push('for longer than is looked for', DAY - 2, DAY + HOUR + MAX_PUSH_AFTER_MS + 1),
          push('of another account', DAY + 5, null, 'other'),
        ];
        await store.commit({ breaks: [], removed: [], pushes, cursor: 0 });
        expect(await namesOf()).toEqual([
          'to the end',
          'within',
          'of another account',
          'for days',
          'over in it',
          'still live',
        ]);
        expect(await namesOf({ account: ['other'] })).toEqual(['of another account']);
        expect(await namesOf({ limit: 2 })).toEqual(['to the end', 'within']);
      });
    });

    describe('documents', () => {
      const document = (id: string, change: Partial<StoredDocument> = {}): StoredDocument => ({
        kind: 'note',
        id,
        account: 'default',
        at: DAY,
        open: false,
        body: { text: `about ${id}` },
        ...change,
      });
      const idsFound = async (change: Partial<DocumentSearch> = {}) => {
        const found = await store.findDocuments({ kind: 'note', limit: 100, ...change });
        return found.map(({ id }) => id);
      };

      test('keep the last of a kind and id, newest first', async () => {
        const { body: _body, ...text } = document('b');
        await store.putDocuments([document('a'), { ...text, json: '"中"' }]);
        await store.putDocuments([
          document('a', { at: DAY + 1, open: true, body: [1, null], account: 'other' }),
          document('a', { kind: 'other kind', body: null }),
        ]);
        expect(await store.findDocuments({ kind: 'note', limit: 100 })).toEqual([
          document('a', { at: DAY + 1, open: true, body: [1, null], account: 'other' }),
          document('b', { body: '中' }),
        ]);
        expect(await idsFound({ kind: 'other kind' })).toEqual(['a']);
      });

      test('must match all conditions', async () => {
        await store.putDocuments([
          document('a', { open: true }),
          document('b', { at: DAY + 1 }),
          document('c', { at: DAY + 2, open: true, account: 'other' }),
        ]);
        expect(await idsFound({ open: true })).toEqual(['c', 'a']);
        expect(await idsFound({ open: false })).toEqual(['b']);
        expect(await idsFound({ ids: ['b', 'a', 'unknown'] })).toEqual(['b', 'a']);
        expect(await idsFound({ ids: [] })).toEqual([]);
        expect(await idsFound({ account: ['other'] })).toEqual(['c']);
        expect(await idsFound({ range: { from: DAY, to: DAY + 2 } })).toEqual(['b', 'a']);
        expect(await idsFound({ limit: 1 })).toEqual(['c']);
        expect(await idsFound({ open: true, range: { from: DAY, to: DAY + 1 } })).toEqual(['a']);
      });

      test('are found by the time that they are about, however long that is', async () => {
        const days = (count: number) => count * 24 * HOUR;
        const one = (id: string, at: number, endedAt: number | null) =>
          document(id, {
            at: DAY + at,
            open: endedAt === null,
            ...(endedAt !== null && { endedAt: DAY + endedAt }),
          });
        await store.putDocuments([
          one('before', days(10) - 9 * HOUR, days(10) - HOUR),
          one('short', days(10) - HOUR, days(10)),
          one('long', days(2), days(10) + HOUR),
          one('open', days(10) + HOUR, null),
          one('open for days', days(1), null),
          one('across', days(9), days(20)),
          one('inside', days(10) + 1, days(10) + 2),
          one('after', days(11), days(12)),
        ]);
        const overlaps = { from: DAY + days(10), to: DAY + days(11) };
        const all = ['open', 'inside', 'short', 'across', 'long', 'open for days'];
        expect(await idsFound({ overlaps })).toEqual(all);
        for (let limit = 1; limit < all.length; limit++) {
          expect(await idsFound({ overlaps, limit })).toEqual(all.slice(0, limit));
        }
        expect(await idsFound({ overlaps, account: ['other'] })).toEqual([]);
        await store.putDocuments([one('open for days', days(1), days(2))]);
        expect(await idsFound({ overlaps })).toEqual(all.slice(0, -1));
      });

      test('of a batch are stored with it', async () => {
        const batch = { breaks: [], removed: [], pushes: [], cursor: 7 };
        const { body: _body, ...text } = document('a');
        await store.commit({ ...batch, documents: [{ ...text, json: '1' }] });
        await store.commit({ ...batch, documents: [{ ...text, json: '2' }] });
        expect(await store.findDocuments({ kind: 'note', limit: 10 })).toEqual([
          document('a', { body: 2 }),
        ]);
        expect(await store.cursor()).toBe(7);
      });

      test('are deleted by kind and id', async () => {
        await store.putDocuments([document('a'), document('b'), document('a', { kind: 'other' })]);
        await store.removeDocuments('note', ['a', 'unknown']);
        expect(await idsFound()).toEqual(['b']);
        expect(await idsFound({ kind: 'other' })).toEqual(['a']);
      });
    });

    describe('rule texts and states', () => {
      test('rule texts stay as first stored', async () => {
        const texts = (ruleHash: string, en: string): RuleTexts => ({
          ruleHash,
          cause: { en, zh: '断流' },
          fix: [{ en: 'first' }, { en: 'second' }],
        });
        await store.putRuleTexts([texts('a', 'one'), texts('b', 'two')]);
        await store.putRuleTexts([texts('a', 'changed')]);
        const found = await store.ruleTexts(['a', 'b', 'unknown']);
        expect(found.sort((x, y) => (x.ruleHash < y.ruleHash ? -1 : 1))).toEqual([
          texts('a', 'one'),
          texts('b', 'two'),
        ]);
        expect(await store.ruleTexts([])).toEqual([]);
      });

      test('a state has its last value', async () => {
        expect(await store.getState('poll')).toBeUndefined();
        await store.setState('poll', { cursors: [1, 2], name: '主' });
        await store.setState('poll', { cursors: [3] });
        await store.setState('none', null);
        expect(await store.getState('poll')).toEqual({ cursors: [3] });
        expect(await store.getState('none')).toBeNull();
      });
    });

    testPurge(() => store);
    testBorders(() => store);

    describe('close', () => {
      test('finishes earlier calls', async () => {
        const pending = Array.from({ length: 50 }, (_, i) => store.append([makeEntry(`k-${i}`)]));
        const committed = commit(makeRecord({ id: 'a', endedAt: DAY }));
        await store.close();
        await Promise.all([...pending, committed]);
        store = await opener.open();
        expect(await store.counts()).toEqual({ breaks: 1, journal: 50 });
      });

      test('later calls fail with a code, and closing again does nothing', async () => {
        await store.close();
        await store.close();
        await expect(store.append([makeEntry('a')])).rejects.toMatchObject({
          code: 'STORE_FAILED',
        });
        await expect(store.cursor()).rejects.toMatchObject({ code: 'STORE_FAILED' });
        await expect(store.findBreaks(all())).rejects.toMatchObject({ code: 'STORE_FAILED' });
      });
    });
  });
}
