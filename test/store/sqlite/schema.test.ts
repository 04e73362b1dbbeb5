import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { makeEntry } from '../make-record.ts';
import { deriveAll } from './derive-all.ts';

/** A schema of development: its journal was a table of `breakwatch.db`. */
const OLD_SCHEMA = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE journal (seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL);
  INSERT INTO journal (key) VALUES ('old-1'), ('old-2');
`;

describe('a data folder of an older version', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'breakwatch-old-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  function write(file: string, sql: string): void {
    const database = new DatabaseSync(join(folder, file));
    database.exec(sql);
    database.close();
  }

  /** Names and bytes of all database files, without the lock. */
  async function content(): Promise<Record<string, string>> {
    const files = (await readdir(folder)).filter((file) => !file.startsWith('owner.')).sort();
    const bytes = await Promise.all(files.map((file) => readFile(join(folder, file), 'base64')));
    return Object.fromEntries(files.map((file, place) => [file, bytes[place] as string]));
  }

  async function expectRefused(found: number): Promise<void> {
    const before = await content();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(openSqliteStore({ folder })).rejects.toMatchObject({
        code: 'STORE_TOO_OLD',
        details: { folder, found },
        remedy: expect.stringContaining('breakwatch export > breakwatch.jsonl'),
      });
      expect(await content()).toEqual(before);
    }
  }

  test('is refused and not changed', async () => {
    write('breakwatch.db', `${OLD_SCHEMA} PRAGMA user_version = 3;`);
    await expectRefused(3);
  });

  test('is refused and not changed when it has no schema version', async () => {
    write('breakwatch.db', OLD_SCHEMA);
    await expectRefused(0);
  });

  test('is refused for its journal alone, and no new database is created beside it', async () => {
    write('journal.db', OLD_SCHEMA);
    await expectRefused(0);
  });

  test('is refused for its database although the journal is current', async () => {
    const current = await mkdtemp(join(tmpdir(), 'breakwatch-current-'));
    await (await openSqliteStore({ folder: current })).close();
    await copyFile(join(current, 'journal.db'), join(folder, 'journal.db'));
    await rm(current, { recursive: true });
    write('breakwatch.db', `${OLD_SCHEMA} PRAGMA user_version = 4;`);
    await expectRefused(4);
  });

  test('is refused and not changed when only the JSON in its tables is older', async () => {
    const store = await openSqliteStore({ folder });
    await store.append(Array.from({ length: 3 }, (_, n) => makeEntry(`key-${n}`)));
    await deriveAll(store, 10);
    await store.close();
    // Version 5 stored the values that a rule expects as text.
    write('breakwatch.db', 'PRAGMA user_version = 5;');
    await expectRefused(5);
  });
});

describe('a data folder with a missing file', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'breakwatch-part-'));
    const store = await openSqliteStore({ folder });
    await store.append(Array.from({ length: 30 }, (_, n) => makeEntry(`key-${n}`)));
    await deriveAll(store, 10);
    await store.close();
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('without its journal, if the loss is accepted: new entries get seqs after the cursor, so they are derived', async () => {
    await rm(join(folder, 'journal.db'));
    await expect(openSqliteStore({ folder })).rejects.toMatchObject({ code: 'JOURNAL_BEHIND' });
    const store = await openSqliteStore({ folder, acceptJournalLoss: true });
    expect((await store.counts()).breaks).toBe(30);
    expect(await store.append([makeEntry('new')])).toEqual([{ seq: 31, duplicate: false }]);
    await deriveAll(store, 10);
    expect((await store.counts()).breaks).toBe(31);
    await store.close();
  });

  test('without its database: breaks are derived again from the journal', async () => {
    await rm(join(folder, 'breakwatch.db'));
    const store = await openSqliteStore({ folder });
    expect(await store.counts()).toEqual({ breaks: 0, journal: 30 });
    await deriveAll(store, 10);
    expect((await store.counts()).breaks).toBe(30);
    await store.close();
  });
});
