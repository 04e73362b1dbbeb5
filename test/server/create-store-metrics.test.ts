import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createStoreMetrics } from '../../src/server/create-store-metrics.ts';

const NAME = 'breakwatch_database_oldest_partition_seconds';
const store = { kind: 'postgres', breaks: 1, journal: 1 };

test('the oldest month is as old as its end, and the current one has no age', async () => {
  const registry = new Registry();
  const end = Date.UTC(2026, 4, 1);
  let now = end + 90_000;
  const read = createStoreMetrics(registry, () => now);
  read({ store });
  expect(await registry.metrics()).not.toMatch(new RegExp(`^${NAME} `, 'm'));
  read({ store: { ...store, oldestPartition: end } });
  expect(await registry.metrics()).toContain(`${NAME} 90\n`);
  now = end - 5_000;
  read({ store: { ...store, oldestPartition: end } });
  expect(await registry.metrics()).toContain(`${NAME} 0\n`);
});
