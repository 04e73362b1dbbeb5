import { afterEach, beforeEach, expect, test } from 'vitest';
import { measurePostgresSize } from '../../../src/store/postgres/measure-size.ts';
import { openPostgresStore } from '../../../src/store/postgres/open-postgres-store.ts';
import { totalBytes } from '../../../src/store/size/plan-size.ts';
import { EXPECTED, fillForSize, partsOf } from '../../store/size/testable-size.ts';
import { newSchema, type TestSchema } from '../new-schema.ts';

let made: TestSchema;

beforeEach(() => {
  made = newSchema();
});

afterEach(() => made.remove());

test('the tables of a schema, while a server runs', async () => {
  const store = await openPostgresStore(made.settings);
  await fillForSize(store);
  const size = await measurePostgresSize(made.settings);
  await store.close();
  expect(partsOf(size)).toMatchObject(EXPECTED);
  const [{ sum }] = (await made.query(
    `SELECT sum(pg_total_relation_size(oid)) FROM pg_class
     WHERE relnamespace = '${made.schema}'::regnamespace AND relkind = 'r'`,
  )) as [{ sum: string }];
  expect(totalBytes(size)).toBe(Number(sum));
});

test('a schema without a store', async () => {
  await expect(measurePostgresSize(made.settings)).rejects.toMatchObject({
    code: 'DATABASE_EMPTY',
    details: { schema: made.schema },
  });
});
