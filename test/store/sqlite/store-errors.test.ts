import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { enableWal } from '../../../src/store/sqlite/connection.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { codeOfSqlite } from '../../../src/store/sqlite/sqlite-error.ts';
import { DAY, makeEntry, makeRecord } from '../make-record.ts';

const PAGE = 4_096;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwatch-errors-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** Returns the code of the error that a function throws. */
function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    return codeOfSqlite(thrown);
  }
  return 'nothing';
}

describe('an error of SQLite', () => {
  const fill = (database: DatabaseSync) =>
    database.exec(
      'CREATE TABLE filler (text TEXT); INSERT INTO filler VALUES (hex(zeroblob(90000)))',
    );

  test('for a full disk', () => {
    const database = new DatabaseSync(join(folder, 'a.db'));
    database.exec('PRAGMA max_page_count = 4');
    expect(codeOf(() => fill(database))).toBe('STORE_FULL');
    database.close();
  });

  test('for a file that another program locks', () => {
    const [one, other] = [0, 0].map(() => new DatabaseSync(join(folder, 'a.db'), { timeout: 0 }));
    one?.exec('BEGIN EXCLUSIVE');
    expect(codeOf(() => other?.exec('BEGIN IMMEDIATE'))).toBe('STORE_BUSY');
    one?.close();
    other?.close();
  });

  test('for a file that cannot be written or opened', () => {
    const file = join(folder, 'a.db');
    new DatabaseSync(file).close();
    const database = new DatabaseSync(file, { readOnly: true });
    expect(codeOf(() => fill(database))).toBe('STORE_READ_ONLY');
    database.close();
    const missing = join(folder, 'missing', 'a.db');
    expect(codeOf(() => new DatabaseSync(missing))).toBe('STORE_READ_ONLY');
  });

  test('for missing shared memory', () => {
    const database = new DatabaseSync(':memory:');
    expect(() => enableWal(database)).toThrowError(
      expect.objectContaining({ code: 'STORE_NO_LOCKS' }),
    );
    database.close();
  });

  test('with the details of an I/O error', () => {
    const ioError = (kind: number) => codeOfSqlite({ errcode: 10 | (kind << 8) });
    // READ, SHORT_READ, WRITE, LOCK, SHMMAP, CORRUPTFS
    expect([1, 2, 3, 15, 21, 33].map(ioError)).toEqual([
      'STORE_FAILED',
      'STORE_DAMAGED',
      'STORE_FAILED',
      'STORE_NO_LOCKS',
      'STORE_NO_LOCKS',
      'STORE_DAMAGED',
    ]);
    expect(codeOfSqlite(new Error('something else'))).toBe('STORE_FAILED');
    expect(codeOfSqlite(undefined)).toBe('STORE_FAILED');
  });
});

describe('a damaged file', () => {
  /** Overwrites the first page of a table or index. */
  async function damage(name: string, table: string): Promise<void> {
    const file = join(folder, name);
    const database = new DatabaseSync(file);
    const { rootpage } = database
      .prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?')
      .get(table) as { rootpage: number };
    database.close();
    const handle = await open(file, 'r+');
    await handle.write(Buffer.alloc(PAGE, 7), 0, PAGE, (rootpage - 1) * PAGE);
    await handle.close();
  }

  async function filled(): Promise<void> {
    const store = await openSqliteStore({ folder });
    const numbers = Array.from({ length: 200 }, (_, i) => i);
    await store.append(numbers.map((i) => makeEntry(`${i}`)));
    await store.commit({
      breaks: numbers.map((i) => makeRecord({ id: `${i}`, endedAt: DAY + i })),
      removed: [],
      pushes: [],
      cursor: 0,
    });
    await store.close();
  }

  test('with derived data does not stop callbacks from being stored', async () => {
    await filled();
    await damage('breakwatch.db', 'breaks_by_time');
    const store = await openSqliteStore({ folder });
    const search = { range: { from: 0, to: DAY * 2 }, filters: {}, limit: 1_000 };
    await expect(store.findBreaks(search)).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
    const before = DAY + 100;
    const request = { before, arrivedBefore: before, openBefore: before, minutesBefore: 0 };
    await expect(store.purge({ ...request, needed: [] })).rejects.toMatchObject({
      code: 'STORE_DAMAGED',
    });
    expect(await store.append([makeEntry('new')])).toMatchObject([{ duplicate: false }]);
    await store.close();
  });

  test('with the journal is reported when a callback arrives, which is not acknowledged', async () => {
    await filled();
    await damage('journal.db', 'journal');
    const store = await openSqliteStore({ folder });
    await expect(store.append([makeEntry('new')])).rejects.toMatchObject({
      code: 'STORE_DAMAGED',
    });
    await store.close();
  });

  test('that is not a database stops the start, and for the lock file the error says that it can be deleted', async () => {
    await writeFile(join(folder, 'breakwatch.db'), 'this is no database, '.repeat(400));
    await expect(openSqliteStore({ folder })).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
    await writeFile(join(folder, 'owner.db'), 'this is no database, '.repeat(400));
    await expect(openSqliteStore({ folder })).rejects.toMatchObject({
      code: 'STORE_DAMAGED',
      details: { problem: expect.stringContaining('owner.db, which can be deleted') },
    });
  });
});
