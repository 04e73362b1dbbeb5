import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { totalBytes } from '../../../src/store/size/plan-size.ts';
import { measureSqliteSize } from '../../../src/store/sqlite/measure-size.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { DAY } from '../make-record.ts';
import { EXPECTED, fillForSize, partsOf } from '../size/testable-size.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwatch-size-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test('all tables together are the files, and a server may run meanwhile', async () => {
  const store = await openSqliteStore({ folder });
  await fillForSize(store);
  expect(partsOf(await measureSqliteSize(folder))).toMatchObject(EXPECTED);
  await store.purge({
    before: DAY * 2,
    arrivedBefore: 0,
    openBefore: 0,
    minutesBefore: 0,
    needed: [],
  });
  await store.close();
  const size = await measureSqliteSize(folder);
  const files = await Promise.all(
    ['breakwatch.db', 'journal.db'].map(async (name) => (await stat(join(folder, name))).size),
  );
  const all = files.reduce((sum, one) => sum + one, 0);
  const measured = totalBytes(size) + size.freeBytes;
  // The tables of SQLite itself, and pages that map others, are not listed.
  expect(measured).toBeLessThanOrEqual(all);
  expect(measured).toBeGreaterThan(all - 200_000);
  expect(size.freeBytes).toBeGreaterThan(100_000);
  expect(partsOf(size)).toMatchObject({ breaks: 0 });
  expect(await readdir(folder)).not.toContain('breakwatch.db-wal');
});
