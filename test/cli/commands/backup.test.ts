import { appendFile, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runBreakwatch } from '../../helpers/run-breakwatch.ts';
import { prepareServe, type ServeProcess, startServe } from '../../helpers/serve-process.ts';
import { signedCallback } from '../../helpers/signed-callback.ts';

const HOUR = 3_600_000;
const YAML = 'accounts: []\n';

let folder: string;
let first: ServeProcess;
let second: ServeProcess | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwatch-backup-'));
  first = await startServe(YAML, { BREAKWATCH_DATA: join(folder, 'data') });
});

afterAll(async () => {
  await first?.remove();
  await second?.remove();
  await rm(folder, { recursive: true, force: true });
});

let sequence = 0;

async function send(at: number, change: Record<string, unknown>): Promise<number> {
  sequence += 1;
  const t = Math.floor(Date.now() / 1_000) + 600;
  const body = signedCallback({ at, change: { t, sequence: `push-${sequence}`, ...change } });
  const { status } = await fetch(`${first.url}/callbacks/css/default`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  return status;
}

/** Asks every query type for a range of time, and for the breaks of all outcomes as an export. */
async function answersOf({ url, run }: ServeProcess, from: number, to: number) {
  const types = ['breaks', 'annotations', 'incidents', 'streams', 'alerts'];
  const queries: Record<string, unknown>[] = [
    ...types.map((queryType) => ({ queryType })),
    ...['count', 'rate', 'lostMinutes'].map((measure) => ({
      queryType: 'series',
      measure,
      groupBy: ['category', 'stream'],
    })),
    { queryType: 'lookup', text: '18/501' },
  ];
  const answer = await fetch(`${url}/api/v1/query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      from,
      to,
      queries: queries.map((query, i) => ({ ...query, refId: `${i} ${query.queryType}` })),
    }),
  });
  const { results } = (await answer.json()) as { results: Record<string, unknown> };
  const until = new Date(to).toISOString();
  const range = ['--from', new Date(from).toISOString(), '--to', until];
  const breaks = await run('export', '--format', 'breaks', ...range);
  const journal = await run('export', ...range);
  expect([breaks.code, journal.code]).toEqual([0, 0]);
  // The first line says when it was exported.
  const [, ...lines] = journal.output.split('\n');
  return { ...results, breaks: breaks.output, journal: lines };
}

it('a backup made under load restores to a server with the same answers', async () => {
  const now = Date.now();
  const from = now - 6 * HOUR;
  // Outages that are over, so that no answer depends on when it is asked.
  for (let i = 0; i < 60; i += 1) {
    const at = from + i * 60_000;
    // Without parameters, because a warning of URLs that expire begins when a server first looks.
    const stream = {
      stream_id: `shop-${i % 12}`,
      channel_id: `shop-${i % 12}`,
      stream_param: '',
    };
    expect(await send(at, { ...stream, errcode: i % 2 ? 8 : 13, errmsg: '' })).toBe(200);
    expect(await send(at + 20_000, { ...stream, event_type: 1 })).toBe(200);
  }
  const to = now - 4 * HOUR;

  // Normal ends, so that they change no incident.
  let stopped = false;
  let acknowledged = 0;
  const feed = (async () => {
    for (let i = 0; !stopped; i += 1) {
      const stream = { stream_id: `busy-${i % 50}`, channel_id: `busy-${i % 50}` };
      acknowledged += (await send(now - HOUR + i, { ...stream, errcode: 1 })) === 200 ? 1 : 0;
    }
  })();
  await expect.poll(() => acknowledged, { timeout: 30_000 }).toBeGreaterThan(20);
  const before = acknowledged;
  const backup = join(folder, 'backups', 'one');
  const made = await first.runAlone({}, 'backup', backup, '--json');
  expect(made).toMatchObject({ code: 0, errors: '' });
  stopped = true;
  await feed;
  expect(acknowledged).toBeGreaterThan(before);
  const manifest = JSON.parse(made.output);
  expect(manifest.journal).toBeGreaterThanOrEqual(120 + before);
  expect(manifest.cursor).toBeLessThanOrEqual(manifest.journal);

  expect(await readdir(backup)).toEqual(
    expect.arrayContaining(['backup.json', 'breakwatch.db', 'journal.db']),
  );
  expect((await stat(backup)).mode & 0o777).toBe(0o700);
  for (const name of await readdir(backup)) {
    expect((await stat(join(backup, name))).mode & 0o777, name).toBe(0o600);
  }
  // Nothing half written stays beside it.
  expect(await readdir(join(folder, 'backups'))).toEqual(['one']);

  const restored = join(folder, 'restored');
  second = await prepareServe(YAML, { BREAKWATCH_DATA: restored });
  const restore = await second.runAlone({}, 'restore', backup);
  expect(restore).toMatchObject({ code: 0, errors: '' });
  await second.start();
  const wanted = await answersOf(first, from, to);
  expect(JSON.stringify(wanted)).toContain('shop-11');
  // The restored server derives the end of its journal and groups incidents first.
  const restarted = second;
  await expect.poll(() => answersOf(restarted, from, to), { timeout: 60_000 }).toEqual(wanted);

  // Everything that was acknowledged before the backup began is there, once.
  const busy = async ({ run }: ServeProcess) => {
    const since = ['--from', new Date(now - 2 * HOUR).toISOString()];
    const text = (await run('export', '--format', 'breaks', ...since, '--filter', 'outcome=ended'))
      .output;
    return text
      .trim()
      .split('\n')
      .filter((line) => line.includes('busy-'));
  };
  const countOf = (server: ServeProcess) => async () => (await busy(server)).length;
  await expect.poll(countOf(first), { timeout: 60_000 }).toBe(acknowledged);
  await expect.poll(countOf(restarted), { timeout: 60_000 }).toBe(manifest.journal - 120);
  const all = await busy(first);
  const kept = await busy(restarted);
  expect(all).toEqual(expect.arrayContaining(kept));
}, 180_000);

it('neither command writes over files', async () => {
  const target = join(folder, 'in use');
  await mkdir(target);
  await writeFile(join(target, 'notes.txt'), 'mine');
  for (const [command, argument, data] of [
    ['backup', target, join(folder, 'data')],
    ['restore', join(folder, 'backups', 'one'), target],
  ] as const) {
    const { code, errors } = await runBreakwatch([command, argument], {
      environment: { BREAKWATCH_DATA: data },
    });
    expect(code).toBe(1);
    expect(errors).toContain('FOLDER_NOT_EMPTY');
    expect(await readdir(target)).toEqual(['notes.txt']);
  }
});

it('restores no backup that was changed, and leaves no folder behind', async () => {
  const changed = join(folder, 'backups', 'one');
  await appendFile(join(changed, 'journal.db'), 'x');
  const data = join(folder, 'never');
  const { code, errors } = await runBreakwatch(['restore', changed], {
    environment: { BREAKWATCH_DATA: data },
  });
  expect(code).toBe(1);
  expect(errors).toContain('BACKUP_INVALID');
  expect(errors).toContain('journal.db changed');
  expect((await readdir(folder)).filter((name) => name.startsWith('never'))).toEqual([]);
});

it('says what is missing when there is no data folder', async () => {
  const { code, errors } = await runBreakwatch(['backup', join(folder, 'none')], {
    environment: { BREAKWATCH_DATA: join(folder, 'nowhere') },
  });
  expect(code).toBe(1);
  expect(errors).toContain('BACKUP_INVALID');
});
