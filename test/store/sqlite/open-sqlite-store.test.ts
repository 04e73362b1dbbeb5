import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { makeEntry } from '../make-record.ts';
import { testStore } from '../store-contract.ts';

const temporaryFolder = () => mkdtemp(join(tmpdir(), 'breakwatch-store-'));

testStore('sqlite', async () => {
  const folder = await temporaryFolder();
  return {
    open: () => openSqliteStore({ folder }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
});

describe('the data folder', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('is created with its parents', async () => {
    const deep = join(folder, 'a', 'b c', '数据');
    const store = await openSqliteStore({ folder: deep });
    await store.close();
    expect(await readdir(deep)).toContain('breakwatch.db');
  });

  test('has one owner within a process', async () => {
    const store = await openSqliteStore({ folder });
    await expect(openSqliteStore({ folder })).rejects.toMatchObject({
      code: 'DATA_FOLDER_OWNED',
      details: { folder, pid: String(process.pid) },
    });
    // The refused attempt does not affect the owner.
    await expect(openSqliteStore({ folder })).rejects.toMatchObject({ code: 'DATA_FOLDER_OWNED' });
    await store.append([makeEntry('a')]);
    await store.close();
    await (await openSqliteStore({ folder })).close();
  });

  test('has one owner among processes, named by its pid; kill -9 leaves no lock behind', async () => {
    const script = `
      const { openSqliteStore } = await import(${JSON.stringify(
        new URL('../../../src/store/sqlite/open-sqlite-store.ts', import.meta.url).href,
      )});
      await openSqliteStore({ folder: ${JSON.stringify(folder)} });
      console.log('open');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve, reject) => {
      child.stdout.once('data', resolve);
      child.once('exit', () => reject(new Error('the child has ended')));
    });
    await expect(openSqliteStore({ folder })).rejects.toMatchObject({
      code: 'DATA_FOLDER_OWNED',
      details: { pid: String(child.pid) },
    });
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    await (await openSqliteStore({ folder })).close();
  });

  test('that is a file, or below one, cannot be written', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    for (const place of [file, join(file, 'below'), '/proc/breakwatch']) {
      await expect(openSqliteStore({ folder: place })).rejects.toMatchObject({
        code: 'DATA_FOLDER_UNWRITABLE',
        details: { folder: place },
      });
    }
  });

  test('that another user may only read cannot be written', async () => {
    await (await openSqliteStore({ folder })).close();
    const outcome = await openAsStranger(folder);
    expect(outcome).toBe('DATA_FOLDER_UNWRITABLE');
  });

  test('of a newer Breakwatch is refused and not changed', async () => {
    await (await openSqliteStore({ folder })).close();
    const file = join(folder, 'breakwatch.db');
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 4711');
    database.close();
    const before = await readFile(file);
    await expect(openSqliteStore({ folder })).rejects.toMatchObject({
      code: 'STORE_TOO_NEW',
      details: { folder, found: 4711 },
    });
    // The lock is free again.
    await expect(openSqliteStore({ folder })).rejects.toMatchObject({ code: 'STORE_TOO_NEW' });
    expect(before.equals(await readFile(file))).toBe(true);
  });

  test('contains no temporary files after closing', async () => {
    const store = await openSqliteStore({ folder });
    await store.append([makeEntry('a')]);
    await store.close();
    expect((await readdir(folder)).sort()).toEqual(['breakwatch.db', 'journal.db', 'owner.db']);
  });
});

/** Opens the folder in another process, as a user without write permission; returns the error code. */
async function openAsStranger(folder: string): Promise<string> {
  const { chmod } = await import('node:fs/promises');
  const asRoot = process.getuid?.() === 0;
  const script = `
    import { openSqliteStore } from ${JSON.stringify(
      new URL('../../../src/store/sqlite/open-sqlite-store.ts', import.meta.url).href,
    )};
    try {
      await openSqliteStore({ folder: ${JSON.stringify(folder)} });
      console.log('opened');
      process.exit();
    } catch (thrown) {
      console.log(thrown.code);
    }`;
  await chmod(folder, 0o555);
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Root may write everywhere, so the attempt runs as another user.
    ...(asRoot ? { uid: 65_534, gid: 65_534 } : {}),
  });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  await new Promise((resolve) => child.once('exit', resolve));
  await chmod(folder, 0o755);
  return output.trim();
}
