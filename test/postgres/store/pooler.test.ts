import { afterEach, beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest';
import { openPostgresStore } from '../../../src/store/postgres/open-postgres-store.ts';
import { openSharedStore } from '../../../src/store/postgres/open-shared-store.ts';
import { makeEntry } from '../../store/make-record.ts';
import { newSchema, type TestSchema } from '../new-schema.ts';
import { startPgbouncer } from '../start-pgbouncer.ts';

const IGNORES =
  'ignore_startup_parameters = options, idle_in_transaction_session_timeout, extra_float_digits';

let made: TestSchema;
let user: string;

beforeEach(async () => {
  made = newSchema();
  user = `pooled_${made.schema}`;
  await made.query(`CREATE ROLE ${user} LOGIN SUPERUSER`);
});

afterEach(async () => {
  await made.remove();
  await made.query(`DROP OWNED BY ${user}; DROP ROLE ${user}`);
});

async function settingsBehind(...lines: string[]) {
  const pooler = await startPgbouncer(inject('postgresSocket'), user, lines);
  onTestFinished(() => pooler.close());
  return { url: pooler.url, schema: made.schema };
}

const hasSchema = async () =>
  (await made.query(`SELECT 1 FROM pg_namespace WHERE nspname = '${made.schema}'`)).length > 0;
const setPath = () => made.query(`ALTER ROLE ${user} SET search_path = ${made.schema}`);

describe('PgBouncer between Breakwatch and PostgreSQL', () => {
  test('is named when it refuses the settings of connections, as it does by default', async () => {
    const settings = await settingsBehind('pool_mode = transaction');
    await expect(openSharedStore(settings)).rejects.toMatchObject({
      code: 'DATABASE_UNSUITABLE',
      details: { problem: expect.stringContaining('PgBouncer is in between') },
    });
  });

  test.each(['session', 'transaction'])(
    'is refused in %s mode when it ignores them: the tables would be in another schema',
    async (mode) => {
      const settings = await settingsBehind(`pool_mode = ${mode}`, IGNORES);
      await expect(openSharedStore(settings)).rejects.toMatchObject({
        code: 'DATABASE_UNSUITABLE',
        details: { problem: expect.stringContaining('search_path') },
      });
      expect(await hasSchema()).toBe(false);
    },
  );

  test.each(['transaction', 'statement'])(
    'is refused in %s mode with the right schema, also when others use it',
    async (mode) => {
      await setPath();
      const settings = await settingsBehind(`pool_mode = ${mode}`, IGNORES);
      for (const open of [openSharedStore, openPostgresStore]) {
        await expect(open(settings)).rejects.toMatchObject({
          code: 'DATABASE_UNSUITABLE',
          details: { problem: expect.stringContaining('after each transaction or statement') },
        });
      }
      expect(await hasSchema()).toBe(false);
    },
  );

  test('works in session mode with the right schema', async () => {
    await setPath();
    const store = await openPostgresStore(
      await settingsBehind('pool_mode = session', 'default_pool_size = 30', IGNORES),
    );
    onTestFinished(() => store.close());
    await store.append([makeEntry('a')]);
    expect(await store.counts()).toEqual({ breaks: 0, journal: 1 });
  });
});
