import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { DAY } from '../make-record.ts';
import { deriveAll } from './derive-all.ts';

const CHILD = fileURLToPath(new URL('./append-until-killed.ts', import.meta.url));
const RUNS = 10;

/** Lets a child process write for a while, kills it, and returns the acknowledged keys. */
async function acknowledgedUntilKilled(folder: string, run: number): Promise<string[]> {
  const child = spawn(process.execPath, [CHILD, folder, String(run)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<NodeJS.Signals | null>((resolve) =>
    child.once('close', (_code, signal) => resolve(signal)),
  );
  let output = '';
  child.stdout.on('data', (data) => {
    if (output === '') {
      // After the first acknowledgement, it may be killed at any moment.
      setTimeout(() => child.kill('SIGKILL'), Math.random() * 200);
    }
    output += data;
  });
  expect(await ended).toBe('SIGKILL');
  // The last line may be incomplete; it then does not count.
  return output.slice(0, output.lastIndexOf('\n')).split('\n');
}

test('kill -9 at any moment: acknowledged entries are stored and derived once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'breakwatch-kill-'));
  const acknowledged: string[] = [];
  for (let run = 0; run < RUNS; run++) {
    acknowledged.push(...(await acknowledgedUntilKilled(folder, run)));
  }
  expect(new Set(acknowledged.map((key) => key.split('-')[0])).size).toBe(RUNS);

  const store = await openSqliteStore({ folder });
  await deriveAll(store, 500);
  const entries = await store.journal(0, 1e9);
  const seqOfKey = new Map(entries.map(({ key, seq }) => [key, seq]));
  expect(seqOfKey.size).toBe(entries.length);
  expect(acknowledged.filter((key) => !seqOfKey.has(key))).toEqual([]);

  const range = { from: DAY, to: DAY + (entries.length + 1_000) * 1_000 };
  const breaks = await store.findBreaks({ range, filters: {}, limit: 1e9 });
  const expected = entries.map(({ seq, key }) => `${seq}/${key}`);
  expect(breaks.map(({ event }) => event.id).reverse()).toEqual(expected);
  // The roll-ups count each break once too.
  const [group] = await store.series({
    range: { from: DAY, to: DAY + 40 * 86_400_000 },
    filters: {},
    groupBy: [],
    stepMs: 86_400_000,
    measure: 'count',
    limit: 1,
    now: DAY,
  });
  expect(Array.from(group?.points ?? []).reduce((sum, point) => sum + point, 0)).toBe(
    entries.length,
  );
  expect(await store.counts()).toEqual({ breaks: entries.length, journal: entries.length });
  await store.close();

  const database = new DatabaseSync(join(folder, 'breakwatch.db'), { readOnly: true });
  expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  database.close();
  await rm(folder, { recursive: true, force: true });
}, 120_000);
