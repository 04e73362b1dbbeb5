import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../../src/store/store.ts';

const MORTAL = new URL('./mortal-worker.ts', import.meta.url);

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwatch-mortal-'));
  store = await openSqliteStore({ folder, workerUrl: MORTAL });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const entry = (key: string) =>
  ({
    account: 'default',
    source: 'callback',
    key,
    receivedAt: 1,
    body: {},
    derived: {},
  }) as const;

it('replaces a thread that dies: its calls fail, later ones are served, nothing acknowledged is lost', async () => {
  await store.append([entry('before')]);
  const died = { code: 'STORE_FAILED', message: expect.stringContaining('has ended') };
  await Promise.all([
    expect(store.append([entry('die now')])).rejects.toMatchObject(died),
    expect(store.getState('die now')).rejects.toMatchObject(died),
    expect(store.setState('die now', 1)).rejects.toMatchObject(died),
  ]);
  const wait = { timeout: 50_000 };
  await expect
    .poll(() => store.append([entry('after')]).then(() => 'stored', String), wait)
    .toBe('stored');
  await expect
    .poll(() => store.setState('one', 1).then(() => 'stored', String), wait)
    .toBe('stored');
  await expect.poll(() => store.getState('one').catch(String), wait).toBe(1);
  const keys = (await store.journal(0, 10)).map(({ key }) => key);
  expect(keys).toEqual(['before', 'after']);
});

it('closes while a thread is stopped', async () => {
  await expect(store.append([entry('die now')])).rejects.toThrow('has ended');
  await store.close();
  store = await openSqliteStore({ folder });
  expect(await store.journal(0, 10)).toEqual([]);
});
