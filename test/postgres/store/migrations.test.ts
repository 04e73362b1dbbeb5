import { describe, expect, test } from 'vitest';
import { connectionOf } from '../../../src/store/postgres/connection-settings.ts';
import { Database } from '../../../src/store/postgres/database.ts';
import { BASE_VERSION, migrate, SCHEMA_VERSION } from '../../../src/store/postgres/migrations.ts';
import { openPostgresStore } from '../../../src/store/postgres/open-postgres-store.ts';
import { prepareSchema } from '../../../src/store/postgres/schema.ts';
import type { Store } from '../../../src/store/store.ts';
import { DAY, makeEntry, makeRecord } from '../../store/make-record.ts';
import { withSchema } from '../with-schema.ts';

const HOUR = 3_600_000;
const RANGE = { from: DAY - HOUR + 1, to: DAY + 30 * HOUR };

const made = withSchema();
const { open, closeAll } = made;

async function version(): Promise<Record<string, string>> {
  const rows = await made.query(`SELECT name, value FROM meta WHERE name IN ('schema', 'needs')`);
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

/** Every column, index and default of a schema. */
async function shape(): Promise<unknown> {
  return {
    columns: await made.query(
      `SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default
       FROM information_schema.columns WHERE table_schema = '${made.schema}' ORDER BY 1, 2`,
    ),
    indexes: await made.query(
      `SELECT replace(indexdef, '${made.schema}.', '') AS def FROM pg_indexes
       WHERE schemaname = '${made.schema}' ORDER BY 1`,
    ),
  };
}

const records = Array.from({ length: 300 }, (_one, n) =>
  makeRecord({
    id: `b${n}`,
    endedAt: DAY + n * 5 * 60_000,
    domain: `push${n % 3}.example.com`,
    ...(n % 4 === 0 && { reason: 'expiry_passed', category: 'auth', outcome: 'refused' }),
    recoveredAt: n % 7 === 0 ? null : DAY + n * 5 * 60_000 + (n % 50) * 60_000,
  }),
);

/** Counts and lost minutes. */
async function seriesOf(store: Store) {
  const search = {
    range: RANGE,
    filters: {},
    groupBy: ['domain', 'category'] as const,
    stepMs: HOUR,
    limit: 50,
    now: DAY + 100 * HOUR,
  };
  return [
    ...(await store.series({ ...search, groupBy: [...search.groupBy], measure: 'count' })),
    ...(await store.series({ ...search, groupBy: [...search.groupBy], measure: 'lostMinutes' })),
  ];
}

const EARLIER = Array.from(
  { length: SCHEMA_VERSION - BASE_VERSION },
  (_one, n) => BASE_VERSION + n,
);

/** Makes the tables as an earlier version did, with what it would have stored. */
async function makeVersion(version: number): Promise<void> {
  const store = await open();
  await store.append(records.map(({ event }) => makeEntry(event.id)));
  await store.commit({ breaks: records, removed: [], pushes: [], cursor: 300 });
  await closeAll();
  const { schema, settings } = made;
  await made.query(`ALTER SCHEMA ${schema} RENAME TO ${schema}_new`);
  const database = new Database({ connection: connectionOf(settings), size: 1 });
  await prepareSchema(database, schema);
  // The tables of the first version have the same rows today.
  const columns = await made.query(
    `SELECT a.table_name AS table, string_agg(a.column_name, ', ') AS columns,
       string_agg(a.column_name, ', ') FILTER (WHERE a.is_identity = 'YES') AS number
     FROM information_schema.columns a JOIN information_schema.columns b
       ON b.table_schema = a.table_schema || '_new' AND b.table_name = a.table_name
         AND b.column_name = a.column_name
     WHERE a.table_schema = '${schema}' AND a.table_name <> 'meta' GROUP BY 1 ORDER BY 1`,
  );
  for (const { table, columns: names, number } of columns) {
    await made.query(
      `DELETE FROM ${table};
       INSERT INTO ${table} (${names}) OVERRIDING SYSTEM VALUE
         SELECT ${names} FROM ${schema}_new.${table}`,
    );
    if (number !== null) {
      await made.query(
        `SELECT setval(pg_get_serial_sequence('${table}', '${number}'), max(${number})) FROM ${table}`,
      );
    }
  }
  await made.query(`UPDATE meta SET value = 300 WHERE name = 'cursor'`);
  await made.query(`DROP SCHEMA ${schema}_new CASCADE`);
  await database.transaction((sql) => migrate(sql, version));
  await database.close();
}

describe('tables of an earlier version', () => {
  test.each(EARLIER)(
    'of version %i are brought to this one with their data, and look like new ones',
    async (earlier) => {
      const fresh = await open();
      await fresh.commit({ breaks: records, removed: [], pushes: [], cursor: 0 });
      const expected = await seriesOf(fresh);
      await closeAll();
      const ofNew = await shape();
      await made.query(`DROP SCHEMA ${made.schema} CASCADE`);
      await makeVersion(earlier);
      const store = await open();
      expect(await shape()).toEqual(ofNew);
      expect(await version()).toMatchObject({ schema: String(SCHEMA_VERSION) });
      expect(expected.length).toBe(12);
      expect(await seriesOf(store)).toEqual(expected);
      expect(await store.counts()).toEqual({ breaks: 300, journal: 300 });
      // Opening again changes nothing.
      await closeAll();
      expect(await seriesOf(await open())).toEqual(expected);
    },
  );

  test('two servers that open them at the same time: one changes them, one is refused', async () => {
    await makeVersion(1);
    const results = await Promise.allSettled([open(), open(), open()]);
    const refused = results.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(2);
    for (const { reason } of refused as PromiseRejectedResult[]) {
      expect(reason).toMatchObject({ code: 'DATABASE_OWNED' });
    }
    const store = results.find((result) => result.status === 'fulfilled')?.value as Store;
    expect(await seriesOf(store)).toHaveLength(12);
  });

  test('are not changed under a server that uses them', async () => {
    const server = await open();
    await server.commit({ breaks: records, removed: [], pushes: [], cursor: 0 });
    await made.query(`UPDATE meta SET value = 1 WHERE name = 'schema'`);
    await expect(open()).rejects.toMatchObject({ code: 'DATABASE_OWNED' });
    expect((await version()).schema).toBe('1');
  });

  test('a migration that fails changes nothing', async () => {
    await makeVersion(1);
    // In the way of the new table.
    await made.query('CREATE VIEW rollups AS SELECT 1 AS one');
    await expect(open()).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(await version()).toEqual({ schema: '1' });
    await made.query('DROP VIEW rollups');
    expect(await seriesOf(await open())).toHaveLength(12);
  });
});

describe('tables of a later version', () => {
  const makeLater = async (needs: number) => {
    await closeAll();
    await made.query('ALTER TABLE breaks ADD COLUMN later text');
    await made.query('CREATE TABLE later (id integer PRIMARY KEY)');
    await made.query(`UPDATE meta SET value = ${SCHEMA_VERSION + 1} WHERE name = 'schema'`);
    await made.query(`UPDATE meta SET value = ${needs} WHERE name = 'needs'`);
  };

  test('that only add to this one are used, and stay', async () => {
    await open();
    await makeLater(SCHEMA_VERSION);
    const store = await open();
    await store.append([makeEntry('a')]);
    await store.commit({ breaks: records, removed: ['b7'], pushes: [], cursor: 1 });
    expect(await store.breakById('b8')).toEqual(records[8]);
    expect(await store.counts()).toEqual({ breaks: 300, journal: 1 });
    expect((await version()).schema).toBe(String(SCHEMA_VERSION + 1));
  });

  test('that this one cannot use are refused and not changed', async () => {
    await open();
    await makeLater(SCHEMA_VERSION + 1);
    await expect(open()).rejects.toMatchObject({
      code: 'DATABASE_OTHER_VERSION',
      details: { schema: made.schema, found: SCHEMA_VERSION + 1, known: SCHEMA_VERSION },
    });
    expect((await version()).schema).toBe(String(SCHEMA_VERSION + 1));
  });
});

test('the time zone, language and date style of the database change nothing', async () => {
  const user = `abroad_${made.schema}`;
  await made.query(`CREATE ROLE ${user} LOGIN SUPERUSER`);
  for (const setting of [
    "timezone = 'Asia/Kathmandu'",
    "datestyle = 'SQL, DMY'",
    'extra_float_digits = 0',
    "bytea_output = 'escape'",
    'standard_conforming_strings = off',
  ]) {
    await made.query(`ALTER ROLE ${user} SET ${setting}`);
  }
  try {
    const home = await open();
    await home.commit({ breaks: records, removed: [], pushes: [], cursor: 0 });
    const expected = await seriesOf(home);
    await closeAll();
    const url = made.settings.url.replace('breakwatch@', `${user}@`);
    const store = await openPostgresStore({ ...made.settings, url });
    try {
      expect(await seriesOf(store)).toEqual(expected);
      const odd = makeRecord({ id: `a\\b'c`, endedAt: DAY, stream: `\\x41 'quoted'` });
      await store.commit({ breaks: [odd], removed: [], pushes: [], cursor: 0 });
      expect(await store.breakById(`a\\b'c`)).toEqual(odd);
    } finally {
      await store.close();
    }
  } finally {
    await made.query(`DROP OWNED BY ${user}`);
    await made.query(`DROP ROLE ${user}`);
  }
});
