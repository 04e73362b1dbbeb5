import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import type { ErrorCode } from '../../../src/model/error-catalogue.ts';
import { connectionOf } from '../../../src/store/postgres/connection-settings.ts';
import { Database } from '../../../src/store/postgres/database.ts';
import { openPostgresStore } from '../../../src/store/postgres/open-postgres-store.ts';
import { makeEntry } from '../../store/make-record.ts';
import { newSchema, type TestSchema } from '../new-schema.ts';

let made: TestSchema;

beforeEach(() => {
  made = newSchema();
});

afterEach(() => made.remove());

const urlOf = (user: string, database: string) =>
  `postgres://${user}@/${database}?host=${encodeURIComponent(inject('postgresSocket'))}`;

describe('errors of the database', () => {
  test.each<[string, ErrorCode]>([
    ['53100', 'STORE_FULL'],
    ['25006', 'STORE_READ_ONLY'],
    ['42501', 'DATABASE_NO_RIGHTS'],
    ['53300', 'DATABASE_REFUSED'],
    ['40P01', 'STORE_BUSY'],
    ['55P03', 'STORE_BUSY'],
    ['57P01', 'DATABASE_UNREACHABLE'],
    ['XX001', 'STORE_DAMAGED'],
    ['XX000', 'STORE_FAILED'],
  ])('SQLSTATE %s is %s', async (state, code) => {
    const database = new Database({ connection: connectionOf(made.settings), size: 1 });
    try {
      const raise = `DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '${state}', MESSAGE = 'what happened'; END $$`;
      await expect(database.run(raise)).rejects.toMatchObject({
        code,
        details: { problem: 'what happened' },
      });
      // The connection can be used again.
      expect(await database.row('SELECT 1')).toEqual([1]);
    } finally {
      await database.close();
    }
  });

  test('an unknown user and an unknown database are refused', async () => {
    for (const url of [urlOf('nobody', 'breakwatch'), urlOf('breakwatch', 'nothing')]) {
      await expect(openPostgresStore({ url })).rejects.toMatchObject({ code: 'DATABASE_REFUSED' });
    }
  });

  test('a server that is not there is not reachable, and its password stays secret', async () => {
    const url = 'postgres://someone:very-secret-word@127.0.0.1:1/breakwatch';
    const error = await openPostgresStore({ url }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    expect(`${error.message} ${JSON.stringify(error.toAnswer())}`).not.toContain(
      'very-secret-word',
    );
  });

  test('a user without rights gets a remedy, and creates nothing', async () => {
    const user = `reader_${made.schema}`;
    await made.query(`CREATE ROLE ${user} LOGIN`);
    try {
      await expect(
        openPostgresStore({ url: urlOf(user, 'breakwatch'), schema: made.schema }),
      ).rejects.toMatchObject({ code: 'DATABASE_NO_RIGHTS' });
    } finally {
      await made.query(`DROP ROLE ${user}`);
    }
    const found = await made.query(`SELECT 1 FROM pg_namespace WHERE nspname = '${made.schema}'`);
    expect(found).toEqual([]);
  });

  test('a database that is read-only is named', async () => {
    const user = `frozen_${made.schema}`;
    await made.query(`CREATE ROLE ${user} LOGIN SUPERUSER`);
    await made.query(`ALTER ROLE ${user} SET default_transaction_read_only = on`);
    try {
      await expect(
        openPostgresStore({ url: urlOf(user, 'breakwatch'), schema: made.schema }),
      ).rejects.toMatchObject({ code: 'STORE_READ_ONLY' });
    } finally {
      await made.query(`DROP ROLE ${user}`);
    }
  });

  test('a database of another encoding is not suitable', async () => {
    const name = `latin_${made.schema}`;
    await made.query(`CREATE DATABASE ${name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`);
    try {
      await expect(openPostgresStore({ url: urlOf('breakwatch', name) })).rejects.toMatchObject({
        code: 'DATABASE_UNSUITABLE',
        details: { problem: expect.stringContaining('LATIN1') },
      });
    } finally {
      await made.query(`DROP DATABASE ${name}`);
    }
  });

  test('two stores that open an empty database at the same time: one gets it', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 4 }, () => openPostgresStore(made.settings)),
    );
    const opened = results.filter(({ status }) => status === 'fulfilled');
    const refused = results.filter(({ status }) => status === 'rejected');
    expect(opened).toHaveLength(1);
    for (const { reason } of refused as PromiseRejectedResult[]) {
      expect(reason).toMatchObject({ code: 'DATABASE_OWNED' });
    }
    const [{ value: store }] = opened as [
      PromiseFulfilledResult<Awaited<ReturnType<typeof openPostgresStore>>>,
    ];
    await store.append([makeEntry('a')]);
    await store.close();
    // Closing gives the schema back.
    await (await openPostgresStore(made.settings)).close();
  });
});
