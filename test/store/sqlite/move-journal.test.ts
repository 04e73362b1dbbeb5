import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MIGRATIONS } from '../../../src/store/sqlite/migrate.ts';
import { moveJournal } from '../../../src/store/sqlite/move-journal.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { runSteps } from '../../../src/store/sqlite/run-steps.ts';
import { makeEntry } from '../make-record.ts';
import { deriveAll } from './derive-all.ts';

const BEFORE = MIGRATIONS.slice(0, MIGRATIONS.indexOf(moveJournal));

describe('a data folder from before the journal had a file of its own', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'breakwatch-move-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Entries with a gap in their seqs, as a purge of the oldest leaves one at their beginning. */
  function makeOldFolder(count: number, cursor: number): void {
    const database = new DatabaseSync(join(folder, 'breakwatch.db'));
    database.exec('PRAGMA journal_mode = WAL');
    runSteps(database, folder, BEFORE);
    const add = database.prepare(
      `INSERT INTO journal (seq, account, source, key, received_at, body, derived)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    database.exec('BEGIN');
    for (let n = 0; n < count; n++) {
      const { account, source, key, receivedAt, body, derived } = makeEntry(`old-${n}`);
      const texts = [JSON.stringify(body), JSON.stringify(derived)] as const;
      add.run(101 + n, account, source, key, receivedAt, ...texts);
    }
    database.prepare(`UPDATE meta SET value = ? WHERE name = 'cursor'`).run(cursor);
    database.exec('COMMIT');
    database.close();
  }

  const hasOldJournal = () => {
    const database = new DatabaseSync(join(folder, 'breakwatch.db'), { readOnly: true });
    const found = database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'journal'`).get();
    database.close();
    return found !== undefined;
  };

  /** Opens the folder and holds everything that was in the journal against what is there now. */
  async function expectWhole(count: number, cursor: number): Promise<void> {
    const store = await openSqliteStore({ folder });
    const entries = await store.journal(0, 1e9);
    expect(entries.map(({ seq, key }) => `${seq} ${key}`)).toEqual(
      Array.from({ length: count }, (_, n) => `${101 + n} old-${n}`),
    );
    expect(entries[0]).toEqual({ ...makeEntry('old-0'), seq: 101 });
    expect(await store.cursor()).toBe(cursor);
    expect((await store.counts()).journal).toBe(count);
    // Keys are still known, and seqs go on where they were.
    expect(await store.append([makeEntry('old-1'), makeEntry('new')])).toEqual([
      { seq: 102, duplicate: true },
      { seq: 101 + count, duplicate: false },
    ]);
    await store.close();
    expect(hasOldJournal()).toBe(false);
  }

  test('keeps every entry under its seq', async () => {
    makeOldFolder(300, 250);
    await expectWhole(300, 250);
  });

  test('goes on where a move was broken off, or was whole but for its end', async () => {
    for (const moved of [120, 300]) {
      makeOldFolder(300, 250);
      const half = new DatabaseSync(join(folder, 'breakwatch.db'));
      // As if it had ended after so many entries: the rest comes back to the old place.
      half.exec('BEGIN');
      moveJournal(half, folder);
      half.exec('ROLLBACK');
      half.close();
      const journal = new DatabaseSync(join(folder, 'journal.db'));
      journal.prepare('DELETE FROM journal WHERE seq > ?').run(100 + moved);
      journal.close();
      expect(hasOldJournal()).toBe(true);
      await expectWhole(300, 250);
      await Promise.all(
        ['breakwatch.db', 'journal.db'].map((file) => rm(join(folder, file), { force: true })),
      );
    }
  });

  test('is moved whole whenever kill -9 hits', async () => {
    const count = 60_000;
    makeOldFolder(count, 7);
    const script = `
      import { openSqliteStore } from ${JSON.stringify(
        new URL('../../../src/store/sqlite/open-sqlite-store.ts', import.meta.url).href,
      )};
      console.log('opening');
      await openSqliteStore({ folder: ${JSON.stringify(folder)} });`;
    for (let run = 0; run < 4; run++) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), 80 + run * 120));
      await gone;
    }
    await expectWhole(count, 7);
  }, 60_000);

  test('is left as it was when a journal of another folder lies in it', async () => {
    makeOldFolder(20, 3);
    const foreign = await mkdtemp(join(tmpdir(), 'breakwatch-foreign-'));
    const store = await openSqliteStore({ folder: foreign });
    await store.append(Array.from({ length: 110 }, (_, n) => makeEntry(`foreign-${n}`)));
    await store.close();
    await writeFile(join(folder, 'journal.db'), await readFile(join(foreign, 'journal.db')));
    await rm(foreign, { recursive: true });
    await expect(openSqliteStore({ folder })).rejects.toMatchObject({
      code: 'STORE_FAILED',
      details: { problem: expect.stringContaining('journal.db is not that of breakwatch.db') },
    });
    expect(hasOldJournal()).toBe(true);
    await rm(join(folder, 'journal.db'));
    await expectWhole(20, 3);
  });
});

describe('a folder of which a part is gone', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'breakwatch-part-'));
    const store = await openSqliteStore({ folder });
    await store.append(Array.from({ length: 30 }, (_, n) => makeEntry(`key-${n}`)));
    await deriveAll(store, 10);
    await store.close();
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('without its journal: what arrives comes behind the cursor, so it is derived', async () => {
    await rm(join(folder, 'journal.db'));
    const store = await openSqliteStore({ folder });
    expect((await store.counts()).breaks).toBe(30);
    expect(await store.append([makeEntry('new')])).toEqual([{ seq: 31, duplicate: false }]);
    await deriveAll(store, 10);
    expect((await store.counts()).breaks).toBe(31);
    await store.close();
  });

  test('without what was derived: the journal tells it again', async () => {
    await rm(join(folder, 'breakwatch.db'));
    const store = await openSqliteStore({ folder });
    expect(await store.counts()).toEqual({ breaks: 0, journal: 30 });
    await deriveAll(store, 10);
    expect((await store.counts()).breaks).toBe(30);
    await store.close();
  });
});
