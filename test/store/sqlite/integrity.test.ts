import { copyFile, mkdtemp, open, readdir, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StoreIntegrity } from '../../../src/model/health.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { makeEntry, makeRecord } from '../make-record.ts';

const ENTRIES = 2_000;
const DAY = Date.UTC(2026, 4, 1);

let folder: string;
let journal: string;

/** Appends entries and marks all of them as derived. */
async function fill(names: string[]): Promise<void> {
  const store = await openSqliteStore({ folder });
  const appended = await store.append(names.map((name) => makeEntry(name)));
  const breaks = names
    .slice(0, 200)
    .map((name, i) => makeRecord({ id: name, endedAt: DAY + i * 1_000 }));
  const cursor = appended.at(-1)?.seq as number;
  await store.commit({ breaks, removed: [], pushes: [], cursor });
  await store.close();
}

/** Overwrites the last fifth of a file, which the start does not read. */
async function overwrite(file: string): Promise<void> {
  const { size } = await stat(file);
  const handle = await open(file, 'r+');
  const length = Math.floor(size / 5);
  await handle.write(Buffer.alloc(length, 0xa5), 0, length, size - length);
  await handle.close();
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwatch-integrity-'));
  journal = join(folder, 'journal.db');
  await fill(Array.from({ length: ENTRIES }, (_none, i) => `a${i}`));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a journal that lacks derived entries', () => {
  const older = async () => {
    await copyFile(journal, `${journal}.copy`);
    await fill(['later']);
    await copyFile(`${journal}.copy`, journal);
    await rm(`${journal}.copy`);
  };
  test.each<[string, () => Promise<unknown>, number, number]>([
    ['removed', () => rm(journal), 0, ENTRIES],
    ['emptied', () => truncate(journal, 0), 0, ENTRIES],
    ['replaced by an older copy', older, ENTRIES, ENTRIES + 1],
  ])('that was %s stops the start, and nothing is changed', async (_how, lose, last, cursor) => {
    await lose();
    const before = await readdir(folder);
    const size = (await stat(journal).catch(() => null))?.size;
    await expect(openSqliteStore({ folder })).rejects.toMatchObject({
      code: 'JOURNAL_BEHIND',
      details: { folder, last, cursor },
    });
    expect(await readdir(folder)).toEqual(before);
    expect((await stat(journal).catch(() => null))?.size).toBe(size);
  });

  test('is accepted on request, once; stored breaks stay and no seq is used twice', async () => {
    await rm(journal);
    let store = await openSqliteStore({ folder, acceptJournalLoss: true });
    expect((await store.counts()).breaks).toBe(200);
    expect((await store.append([makeEntry('new')]))[0]?.seq).toBe(ENTRIES + 1);
    await store.close();
    store = await openSqliteStore({ folder });
    await store.close();
  });
});

test('a journal is not behind when its old entries were purged', async () => {
  let store = await openSqliteStore({ folder });
  await store.purge({
    before: 0,
    arrivedBefore: Number.MAX_SAFE_INTEGER,
    openBefore: 0,
    minutesBefore: 0,
    needed: [],
  });
  expect((await store.counts()).journal).toBe(0);
  await store.close();
  store = await openSqliteStore({ folder });
  await store.close();
});

describe('the check of the database files', () => {
  async function check(): Promise<StoreIntegrity> {
    const checked = Promise.withResolvers<StoreIntegrity>();
    const store = await openSqliteStore({ folder, onChecked: checked.resolve });
    try {
      expect(store.integrity()).toEqual({ state: 'checking', checkedAt: null, error: null });
      const result = await checked.promise;
      expect(store.integrity()).toEqual(result);
      return result;
    } finally {
      await store.close();
    }
  }

  test('finds intact files intact', async () => {
    const result = await check();
    expect(result).toMatchObject({ state: 'ok', error: null });
    expect(result.checkedAt).toBeGreaterThan(0);
  });

  test.each(['journal.db', 'breakwatch.db'])('names damage in %s', async (file) => {
    await overwrite(join(folder, file));
    const result = await check();
    expect(result).toMatchObject({ state: 'damaged', error: { code: 'STORE_DAMAGED' } });
    expect(result.error?.message).toContain(file);
  });

  test('does not delay closing before it began', async () => {
    const store = await openSqliteStore({ folder });
    await store.close();
    expect(store.integrity()?.state).toBe('checking');
  });
});
