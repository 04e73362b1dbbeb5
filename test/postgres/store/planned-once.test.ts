import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectionOf } from '../../../src/store/postgres/connection-settings.ts';
import { Database } from '../../../src/store/postgres/database.ts';
import { plannedOnce } from '../../../src/store/postgres/planned-once.ts';
import { makeRecord } from '../../store/make-record.ts';
import { withSchema } from '../with-schema.ts';

const made = withSchema();
let database: Database;
beforeEach(() => {
  database = new Database({ connection: connectionOf(made.settings), size: 1 });
});
afterEach(() => database.close());

test('a statement is planned once, and others are planned for their values as before', async () => {
  const store = await made.open();
  const [first, second] = [Date.UTC(2026, 2, 5), Date.UTC(2026, 4, 5)];
  await store.commit({
    breaks: [makeRecord({ id: 'a', endedAt: first }), makeRecord({ id: 'b', endedAt: second })],
    removed: [],
    pushes: [],
    cursor: 0,
  });
  const text = 'SELECT id FROM breaks WHERE ended_at >= $1::bigint AND ended_at < $2::bigint';
  await database.transaction(async (sql) => {
    for (const [at, id] of [[first, 'a'] as const, [second, 'b'] as const]) {
      expect(await plannedOnce(sql, 'of-time', text, at, at + 1)).toEqual([[id]]);
    }
    const plans = 'SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE name = $1';
    expect(await sql.row(plans, 'of-time')).toEqual([2, 0]);
    const settings = `SELECT current_setting('plan_cache_mode'), current_setting('enable_seqscan')`;
    expect(await sql.row(settings)).toEqual(['force_custom_plan', 'on']);
  });
});
