import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openBlockHistory } from '../../../src/store/columns/open-block-history.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { DAY, makeEntry, makeRecord } from '../make-record.ts';

const CHILD = fileURLToPath(new URL('./purge-until-killed.ts', import.meta.url));
const MINUTE = 60_000;
const olderThan = (before: number) => ({
  before,
  arrivedBefore: before,
  openBefore: before,
  minutesBefore: 0,
  needed: [],
});

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwatch-purge-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test('a new file releases free space beyond a reserve', async () => {
  const store = await openSqliteStore({ folder });
  const filler = 'x'.repeat(1024 * 1024);
  const seqs = await store.append(
    Array.from({ length: 24 }, (_, i) => makeEntry(`${i}`, { body: { filler } })),
  );
  const cursor = seqs.at(-1)?.seq as number;
  await store.commit({ breaks: [], removed: [], pushes: [], cursor });
  await store.purge(olderThan(DAY + 1));
  await store.close();
  // There were 24 MB; 16 MB may stay free for new data.
  const { size } = await stat(join(folder, 'journal.db'));
  expect(size).toBeLessThan(18 * 1024 * 1024);
  expect(size).toBeGreaterThan(12 * 1024 * 1024);
});

test('column files are deleted with their breaks, or rebuilt from the remaining ones', async () => {
  const store = await openSqliteStore({ folder });
  const breaks = [DAY, DAY + MINUTE].map((endedAt, i) => makeRecord({ id: `${i}`, endedAt }));
  await store.commit({ breaks, removed: [], pushes: [], cursor: 0 });
  const history = openBlockHistory(folder);
  const read = async () => {
    const found: number[] = [];
    for await (const block of history.blocks({ from: 0, to: DAY * 2 }, new Set())) {
      found.push(...block.endedAt());
    }
    return found;
  };
  expect(await read()).toEqual([DAY, DAY + MINUTE]);
  await store.purge(olderThan(DAY + 1));
  expect(await read()).toEqual([DAY + MINUTE]);
  expect(await readdir(join(folder, 'columns'))).toHaveLength(1);
  await store.purge(olderThan(DAY + MINUTE + 1));
  expect(await history.list()).toEqual([]);
  expect(await read()).toEqual([]);
  expect(await readdir(join(folder, 'columns'))).toEqual([]);
  await history.close();
  await store.close();
});

test('kill -9 at any moment leaves consistent counts, and the next purge continues', async () => {
  const breaks = Array.from({ length: 800 }, (_, i) =>
    makeRecord({ id: `${i}`, endedAt: DAY + i * MINUTE, domain: `${i % 3}.example.com` }),
  );
  const entries = breaks.map(({ event }) => makeEntry(event.id, { receivedAt: event.endedAt }));
  const before = DAY + 700 * MINUTE;
  const first = await openSqliteStore({ folder });
  const seqs = await first.append(entries);
  await first.commit({ breaks, removed: [], pushes: [], cursor: seqs.at(-1)?.seq as number });
  await first.close();
  for (const steps of [1, 4]) {
    await purgeUntilKilled(before, steps);
    const database = new DatabaseSync(join(folder, 'breakwatch.db'));
    const counts = database
      .prepare(
        `SELECT (SELECT count(*) FROM breaks) AS breaks, (SELECT count(*) FROM break_details) AS details,
           (SELECT sum(breaks) FROM rollup_day) AS days,
           (SELECT sum(breaks) FROM rollup_quarter) AS quarters`,
      )
      .get() as Record<string, number>;
    expect(counts.breaks).toBeLessThan(800);
    expect(new Set(Object.values(counts)).size).toBe(1);
    expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    expect(database.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
    database.close();
  }
  const store = await openSqliteStore({ folder });
  await store.purge(olderThan(before));
  expect(await store.counts()).toEqual({ breaks: 100, journal: 100 });
  expect(await store.oldest()).toBe(before);
  for (const name of ['stream', 'clientIp', 'node'] as const) {
    const groups = await store.series({
      range: { from: DAY, to: DAY + 24 * 60 * MINUTE },
      filters: {},
      groupBy: [name],
      stepMs: 60 * MINUTE,
      measure: 'count',
      limit: 10,
      now: DAY,
    });
    const counts = groups.flatMap(({ points }) => [...points]);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(100);
  }
  await store.close();
}, 60_000);

/** Runs a purge in a child process and kills it after a number of steps, unless it ends earlier. */
async function purgeUntilKilled(before: number, steps: number): Promise<void> {
  const child = spawn(process.execPath, [CHILD, folder, String(before)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let seen = 0;
  child.stdout.on('data', (data: Buffer) => {
    seen += data.toString().split('\n').length - 1;
    if (seen >= steps) {
      child.kill('SIGKILL');
    }
  });
  await new Promise((resolve) => child.once('close', resolve));
}
