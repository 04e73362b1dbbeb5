import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, inject, test } from 'vitest';
import { watchJournal } from '../../../src/engine/collect/watch-journal.ts';
import { openPostgresStore } from '../../../src/store/postgres/open-postgres-store.ts';
import { makeEntry } from '../../store/make-record.ts';
import { withSchema } from '../with-schema.ts';

const MB = 2 ** 20;

const made = withSchema();
const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const one of undo.splice(0).reverse()) {
    await one();
  }
});

/** Mounts a small disk, for which the test must run as root; undefined when that is not possible. @throws in CI */
function mountDisk(megabytes: number): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'breakwatch-disk-'));
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], {
      stdio: 'ignore',
    });
  } catch (error) {
    if (process.env.CI) {
      throw error;
    }
    return undefined;
  }
  undo.push(() => execFileSync('umount', [folder]));
  execFileSync('chown', ['postgres', folder]);
  chmodSync(folder, 0o700);
  return folder;
}

test('a full disk is an error with a remedy, loses nothing that was acknowledged, and needs no restart', async ({
  skip,
}) => {
  const disk = mountDisk(40);
  if (disk === undefined) {
    return skip('it needs the right to mount a disk');
  }
  const user = `small_${made.schema}`;
  await made.query(`CREATE ROLE ${user} LOGIN SUPERUSER`);
  await made.query(`CREATE TABLESPACE ${user} LOCATION '${disk}'`);
  await made.query(`ALTER ROLE ${user} SET default_tablespace = ${user}`);
  undo.push(async () => {
    await made.query(`DROP OWNED BY ${user} CASCADE`);
    await made.query(`DROP TABLESPACE ${user}`);
    await made.query(`DROP ROLE ${user}`);
  });
  const socket = encodeURIComponent(inject('postgresSocket'));
  const store = await openPostgresStore({
    url: `postgres://${user}@/breakwatch?host=${socket}`,
    schema: made.schema,
  });
  undo.push(() => store.close());
  const journal = watchJournal(store, 50);
  undo.push(() => journal.close());
  const filler = join(disk, 'filler');
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(filler, Buffer.alloc(bavail * bsize - 3 * MB));

  const acknowledged: string[] = [];
  let number = 0;
  const append = async () => {
    const keys = Array.from({ length: 20 }, () => `key-${number++}`);
    // Random text, which PostgreSQL does not compress.
    const pad = () => Array.from({ length: 100 }, () => Math.random().toString(36)).join('');
    await journal.append(
      keys.map((key) => makeEntry(key, { body: { stream_id: key, pad: pad() } })),
    );
    acknowledged.push(...keys);
  };
  const fillDisk = async () => {
    for (let batch = 0; batch < 500; batch++) {
      await append();
    }
  };
  await expect(fillDisk()).rejects.toMatchObject({ code: 'STORE_FULL' });
  expect(acknowledged.length).toBeGreaterThan(100);
  await expect(append()).rejects.toMatchObject({ code: 'STORE_FULL' });
  expect(journal.error()?.code).toBe('STORE_FULL');

  rmSync(filler);
  // Without another callback.
  await expect.poll(() => journal.error(), { timeout: 20_000 }).toBeNull();
  await append();
  const entries = await store.journal(0, 20_000);
  expect(entries.map(({ key }) => key)).toEqual(acknowledged);
  expect(entries.map(({ seq }) => seq)).toEqual(acknowledged.map((_one, n) => n + 1));
});
