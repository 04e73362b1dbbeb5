import { expect, test } from 'vitest';
import { openPostgresStore } from '../../../src/store/postgres/open-postgres-store.ts';
import { newSchema } from '../new-schema.ts';

/** More than are counted one by one. */
const BREAKS = 150_000;

test('of many breaks are an estimate, and never fewer than were counted', async () => {
  const made = newSchema();
  const store = await openPostgresStore(made.settings);
  try {
    await made.query('ALTER TABLE breaks SET (autovacuum_enabled = false)');
    await made.query(
      `INSERT INTO breaks (bucket, id, cell, stream, ended_at, down, until, span_class)
       SELECT 0, 'id-' || n, 1, 's', n, 1, n, 0 FROM generate_series(1, ${BREAKS}) AS n`,
    );
    expect((await store.counts()).breaks).toBe(100_000);
    await made.query('ANALYZE breaks');
    const { breaks } = await store.counts();
    expect(breaks).toBeGreaterThan(0.9 * BREAKS);
    expect(breaks).toBeLessThan(1.1 * BREAKS);
  } finally {
    await store.close();
    await made.remove();
  }
});
