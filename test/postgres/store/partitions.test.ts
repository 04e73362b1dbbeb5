import pg from 'pg';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { connectionOf } from '../../../src/store/postgres/connection-settings.ts';
import { Database } from '../../../src/store/postgres/database.ts';
import { Partitions } from '../../../src/store/postgres/partitions.ts';
import type { Store } from '../../../src/store/store.ts';
import { DAY, makeRecord } from '../../store/make-record.ts';
import { withSchema } from '../with-schema.ts';

const TABLES = ['breaks', 'break_details'];
const RANGE = { from: 0, to: Number.MAX_SAFE_INTEGER };

const made = withSchema();
let database: Database;
let store: Store;

beforeEach(async () => {
  store = await made.open();
  database = new Database({ connection: connectionOf(made.settings), size: 4 });
});

afterEach(() => database.close());

/** The partitions of a table, without its name. */
async function partitions(table: string): Promise<string[]> {
  const rows = await made.query(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = '${table}'::regclass ORDER BY 1`,
  );
  return rows.map(({ name }) => name.slice(table.length + 1));
}

/** In which partition each break and its details are. */
async function places(): Promise<Record<string, string[]>> {
  const rows = await made.query(
    `SELECT b.id, b.tableoid::regclass::text AS one, d.tableoid::regclass::text AS other
     FROM breaks b LEFT JOIN break_details d USING (id, bucket, ended_at) ORDER BY 1`,
  );
  return Object.fromEntries(rows.map(({ id, one, other }) => [id, [one, other]]));
}

const commit = (...times: [id: string, endedAt: number][]) =>
  store.commit({
    breaks: times.map(([id, endedAt]) => makeRecord({ id, endedAt })),
    removed: [],
    pushes: [],
    cursor: 0,
  });
const nameOf = (time: number) => new Date(time).toISOString().slice(0, 7).replace('-', '_');

test('a new schema has this month, the next two, and the rest', async () => {
  const now = new Date();
  const months = [0, 1, 2].map((later) =>
    nameOf(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + later)),
  );
  for (const table of TABLES) {
    expect(await partitions(table)).toEqual([...months, 'rest']);
  }
});

test('a break goes to the month in which it ended; a time that cannot be right to the rest', async () => {
  await commit(['last', DAY - 1], ['first', DAY], ['behind', 7], ['ahead', Date.UTC(2091, 0)]);
  expect(await places()).toEqual({
    last: ['breaks_2026_04', 'break_details_2026_04'],
    first: ['breaks_2026_05', 'break_details_2026_05'],
    behind: ['breaks_rest', 'break_details_rest'],
    ahead: ['breaks_rest', 'break_details_rest'],
  });
  await commit(['first', DAY - 2], ['last', DAY + 2]);
  expect(await places()).toMatchObject({
    first: ['breaks_2026_04', 'break_details_2026_04'],
    last: ['breaks_2026_05', 'break_details_2026_05'],
  });
  expect(await made.query('SELECT id, ended_at FROM break_ids ORDER BY 1')).toEqual([
    { id: 'ahead', ended_at: String(Date.UTC(2091, 0)) },
    { id: 'behind', ended_at: '7' },
    { id: 'first', ended_at: String(DAY - 2) },
    { id: 'last', ended_at: String(DAY + 2) },
  ]);
});

test('while a query is in the way, breaks go to the rest, and move to their month later', async () => {
  const reader = new pg.Client({
    host: inject('postgresSocket'),
    user: 'breakwatch',
    database: 'breakwatch',
  });
  await reader.connect();
  try {
    await reader.query(`BEGIN; SELECT count(*) FROM ${made.schema}.breaks_rest`);
    await reader.query(`SELECT count(*) FROM ${made.schema}.break_details_rest`);
    await commit(['a', DAY]);
    await commit(['a', DAY + 1], ['b', DAY - 1]);
    expect(Object.values(await places()).flat()).toEqual([
      ...['breaks_rest', 'break_details_rest', 'breaks_rest', 'break_details_rest'],
    ]);
    await new Partitions(database).keep();
    expect(await partitions('breaks')).not.toContain('2026_05');
    await reader.query('COMMIT');
  } finally {
    await reader.end();
  }
  const before = await store.findBreaks({ range: RANGE, filters: {}, limit: 9 });
  await new Partitions(database).keep();
  expect(await places()).toEqual({
    a: ['breaks_2026_05', 'break_details_2026_05'],
    b: ['breaks_2026_04', 'break_details_2026_04'],
  });
  expect(await store.findBreaks({ range: RANGE, filters: {}, limit: 9 })).toEqual(before);
  expect(before).toHaveLength(2);
});

test('servers and threads that make the same month at the same time make it once', async () => {
  const times = [DAY - 1, DAY, Date.UTC(2025, 11, 31)];
  await Promise.all(Array.from({ length: 4 }, () => new Partitions(database).prepare(times)));
  for (const table of TABLES) {
    expect((await partitions(table)).slice(0, 3)).toEqual(['2025_12', '2026_04', '2026_05']);
  }
});

test('months are made two ahead of the clock, whatever breaks say', async () => {
  const early = new Partitions(database, () => Date.UTC(2024, 11, 31));
  await early.prepare([Date.UTC(2025, 1, 28), Date.UTC(2025, 2, 1)]);
  expect((await partitions('breaks')).slice(0, 2)).toEqual(['2025_02', nameOf(Date.now())]);
  await early.keep();
  expect((await partitions('breaks')).slice(0, 3)).toEqual(['2024_12', '2025_01', '2025_02']);
});

test('a search of a time reads the partitions of its months alone', async () => {
  await commit(['last', DAY - 1], ['first', DAY]);
  const plan = await made.query(
    `EXPLAIN SELECT * FROM breaks WHERE ended_at >= ${DAY} AND ended_at < ${DAY + 9}
     ORDER BY ended_at DESC, id DESC LIMIT 5`,
  );
  const text = plan.map((row) => row['QUERY PLAN']).join('\n');
  expect(text).toContain('breaks_2026_05');
  expect(text).not.toMatch(/breaks_(?!2026_05)/);
});
