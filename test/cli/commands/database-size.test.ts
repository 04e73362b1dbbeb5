import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { runHosted } from '../../helpers/run-breakwatch.ts';
import { fillForSize } from '../../store/size/testable-size.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwatch-database-size-'));
  const store = await openSqliteStore({ folder });
  await fillForSize(store);
  await store.close();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const size = (...args: string[]) =>
  runHosted(['database', 'size', ...args], {
    cwd: folder,
    environment: { BREAKWATCH_DATA: folder, BREAKWATCH_KEEP_DAYS: '100' },
  });

test('shows the tables, and with --plan what they will take', async () => {
  const shown = await size();
  expect(shown.errors).toBe('');
  expect(shown.output).toMatch(/^journal +3,000 +[\d.]+ [kM]B +[\d.]+ [kM]B$/m);
  expect(shown.output).not.toContain('a year');
  const planned = await size('--plan');
  expect(planned.output).toContain('1,440 callbacks a day (measured), 1,900 bytes each');
  expect(planned.output).toContain('the retention of 100 days: 274 MB');
  expect(planned.output).toMatch(/of disk, a fifth of it left free: up to [\d,]+ days/);
});

test('takes a number of callbacks and a disk', async () => {
  const { output } = await size('--plan', '--callbacks', '100000', '--disk', '1TB', '--json');
  expect(JSON.parse(output)).toMatchObject({
    kind: 'sqlite',
    plan: { entriesPerDay: 100_000, bytes: { year: 69.35e9 }, fittingDays: 4_210 },
  });
  for (const wrong of [
    ['--callbacks', '0'],
    ['--callbacks', 'many'],
    ['--disk', '12'],
  ]) {
    expect((await size('--plan', ...wrong)).code).toBe(2);
  }
});

test('a folder without a store is an error', async () => {
  const { code, errors } = await runHosted(['database', 'size'], {
    environment: { BREAKWATCH_DATA: join(folder, 'nothing') },
  });
  expect(code).toBe(1);
  expect(errors).toContain('DATA_FOLDER_WITHOUT_STORE');
});
