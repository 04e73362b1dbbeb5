import pg from 'pg';
import { expect, inject, test } from 'vitest';
import type { BreakRecord } from '../../../src/model/break.ts';
import { connectionOf } from '../../../src/store/postgres/connection-settings.ts';
import { Database } from '../../../src/store/postgres/database.ts';
import { rebuildLostTime } from '../../../src/store/postgres/rebuild-lost-time.ts';
import { rebuildRollUps } from '../../../src/store/postgres/roll-ups.ts';
import type { PurgeRequest, Store } from '../../../src/store/store.ts';
import { DAY, makeRecord } from '../../store/make-record.ts';
import { withSchema } from '../with-schema.ts';

const HOUR = 3_600_000;
/** `DAY` is the start of May. */
const APRIL = Date.UTC(2026, 3);
const EVER = { from: 0, to: Number.MAX_SAFE_INTEGER };

const made = withSchema();

/** More breaks in April than are deleted by the row, and some in May; a part reaches into the next month, or has no end. */
const records = Array.from({ length: 400 }, (_one, n) => {
  const endedAt = APRIL + (Math.floor((n * 7_919 * HOUR) / 400) % (40 * 24 * HOUR));
  return makeRecord({
    id: `b${n}`,
    endedAt,
    stream: `s-${n % 7}`,
    domain: `push${n % 3}.example.com`,
    recoveredAt: n % 11 === 0 ? null : n % 5 === 0 ? endedAt + 9 * 24 * HOUR : endedAt + HOUR / 2,
  });
});
const inApril = records.filter(({ event }) => event.endedAt < DAY);

const commit = (store: Store, breaks: BreakRecord[]) =>
  store.commit({ breaks, removed: [], pushes: [], cursor: 0 });

async function purge(store: Store, change: Partial<PurgeRequest> = {}) {
  const steps: number[] = [];
  await store.purge(
    { before: DAY, arrivedBefore: 0, openBefore: 0, minutesBefore: 0, needed: [], ...change },
    ({ breaks = 0 }) => steps.push(breaks),
  );
  return steps;
}

async function partitions(): Promise<string[]> {
  const rows = await made.query(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent IN ('breaks'::regclass, 'break_details'::regclass) AND c.relname < 'breaks_2026_06'
     ORDER BY 1`,
  );
  return rows.map(({ name }) => name).filter((name) => /_2026_0[45]$/.test(name));
}

/** All that is counted of breaks, in an order that says nothing of how it came about. */
async function counted(): Promise<unknown> {
  const open = await made.query('SELECT stream_hash, spans FROM lost_open ORDER BY 1');
  return {
    rollUps: await made.query('SELECT width, cell, at, breaks FROM rollups ORDER BY 1, 2, 3'),
    sums: await made.query(
      `SELECT day, cells, encode(sums, 'hex') AS sums FROM lost_time JOIN cell_sets USING (set_hash)
       ORDER BY 1, 2`,
    ),
    open: open.map(({ stream_hash, spans }) => [stream_hash, JSON.parse(spans as string).sort()]),
  };
}

/** Counts what is left again, and expects the same. */
async function expectExactCounts(): Promise<void> {
  const before = await counted();
  const database = new Database({ connection: connectionOf(made.settings), size: 1 });
  await database.transaction(async (sql) => {
    await rebuildRollUps(sql);
    await rebuildLostTime(sql);
  });
  await database.close();
  expect(before).toEqual(await counted());
}

const idsLeft = async (store: Store) =>
  (await store.findBreaks({ range: EVER, filters: {}, limit: 1_000 }))
    .map(({ event }) => event.id)
    .sort();
const idsOf = (some: BreakRecord[]) => some.map(({ event }) => event.id).sort();

test('a month that is old is dropped, and all counts are those of what is left', async () => {
  const store = await made.open();
  await commit(store, records);
  await store.commit({
    breaks: records.slice(0, 5),
    removed: [],
    pushes: [],
    cursor: 0,
    supersedes: { ids: idsOf(records), at: DAY },
  });
  expect(await partitions()).toHaveLength(4);
  expect(await store.oldestPartition()).toBe(DAY);
  const steps = await purge(store);
  expect(await store.oldestPartition()).toBe(Date.UTC(2026, 5));
  expect(Math.max(...steps)).toBeGreaterThan(100);
  expect(steps.reduce((sum, one) => sum + one, 0)).toBe(inApril.length);
  expect(await partitions()).toEqual(['break_details_2026_05', 'breaks_2026_05']);
  const left = records.filter((record) => !inApril.includes(record));
  expect(await idsLeft(store)).toEqual(idsOf(left));
  expect(await store.counts()).toEqual({ breaks: left.length, journal: 0 });
  expect(await store.oldest()).toBe(Math.min(...left.map(({ event }) => event.endedAt)));
  for (const table of ['break_ids', 'break_details', 'earlier_verdicts']) {
    expect(await made.query(`SELECT count(*)::integer AS n FROM ${table}`)).toEqual([
      { n: left.length },
    ]);
  }
  await expectExactCounts();
  // The same events may come again.
  await commit(store, inApril.slice(0, 3));
  expect((await store.counts()).breaks).toBe(left.length + 3);
  await expectExactCounts();
});

test('a month that an open incident needs is deleted by the row, without what is needed', async () => {
  const store = await made.open();
  await commit(store, records);
  const from = DAY - 48 * HOUR;
  const steps = await purge(store, { needed: [{ account: 'default', from }] });
  expect(Math.max(...steps)).toBeLessThanOrEqual(100);
  expect(await idsLeft(store)).toEqual(idsOf(records.filter(({ event }) => event.endedAt >= from)));
  expect(await partitions()).toHaveLength(4);
  await expectExactCounts();
  // An incident of another account needs none of it.
  await purge(store, { needed: [{ account: 'other', from: 0 }] });
  await purge(store);
  expect(await partitions()).toEqual(['break_details_2026_05', 'breaks_2026_05']);
});

test('a month that is partly old is deleted by the row, and dropped when it is empty', async () => {
  const store = await made.open();
  await commit(store, records);
  const steps = await purge(store, { before: DAY - 1 });
  expect(Math.max(...steps)).toBeLessThanOrEqual(100);
  expect(await partitions()).toHaveLength(4);
  await expectExactCounts();
  await purge(store);
  await purge(store);
  expect(await partitions()).toEqual(['break_details_2026_05', 'breaks_2026_05']);
});

test('breaks of a wrong clock that are older are deleted first', async () => {
  const store = await made.open();
  await commit(store, [
    ...records,
    makeRecord({ id: 'behind', endedAt: 7, recoveredAt: DAY + HOUR }),
  ]);
  const steps = await purge(store);
  expect(Math.max(...steps)).toBeLessThanOrEqual(100);
  expect(await idsLeft(store)).toEqual(idsOf(records.filter((one) => !inApril.includes(one))));
  await expectExactCounts();
});

test('a drop lets long queries end, and is tried again', async () => {
  const store = await made.open();
  await commit(store, records);
  const reader = new pg.Client({
    host: inject('postgresSocket'),
    user: 'breakwatch',
    database: 'breakwatch',
  });
  await reader.connect();
  try {
    await reader.query(`BEGIN; SELECT count(*) FROM ${made.schema}.breaks`);
    const purging = purge(store);
    // Others are not stopped by the drop that waits.
    for (let turn = 0; turn < 5; turn++) {
      expect(
        (await store.findBreaks({ range: EVER, filters: {}, limit: 1_000 })).length,
      ).toBeGreaterThan(0);
    }
    await reader.query('COMMIT');
    await purging;
  } finally {
    await reader.end();
  }
  expect(await partitions()).toEqual(['break_details_2026_05', 'breaks_2026_05']);
  await expectExactCounts();
});
