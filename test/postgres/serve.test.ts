import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../src/cli/server/ports.ts';
import { runBreakwatch } from '../helpers/run-breakwatch.ts';
import { prepareServe, type ServeProcess } from '../helpers/serve-process.ts';
import { CALLBACK_KEY, signedCallback } from '../helpers/signed-callback.ts';
import { type RunningPostgres, startPostgres } from './start-postgres.ts';

const PASSWORD = 'a-password-that-nobody-sees';
const STREAMS = 12;

let folder: string;
let postgres: RunningPostgres;
let environment: Record<string, string>;
let served: ServeProcess;

/** The tests of this file follow each other: one server, its failures, and the commands without it. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwatch-serve-postgres-'));
  const port = await freePort();
  postgres = await startPostgres({ port });
  postgres.run('psql', '-qc', `CREATE ROLE app LOGIN PASSWORD '${PASSWORD}'`, 'breakwatch');
  postgres.run('psql', '-qc', 'CREATE SCHEMA breakwatch AUTHORIZATION app', 'breakwatch');
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, `${PASSWORD}\n`);
  environment = {
    BREAKWATCH_DATABASE_URL: `postgres://app@localhost:${port}/breakwatch?sslmode=verify-full&sslrootcert=${postgres.certificate}`,
    BREAKWATCH_DATABASE_PASSWORD_FILE: passwordFile,
    BREAKWATCH_CALLBACK_KEY: CALLBACK_KEY,
  };
  served = await prepareServe('', environment);
  await served.start();
}, 120_000);

afterAll(async () => {
  await served?.remove();
  await postgres?.remove();
  await rm(folder, { recursive: true, force: true });
});

async function health() {
  const answer = await fetch(`${served.url}/api/v1/health`);
  return (await answer.json()) as {
    store: { kind: string; breaks: number; journal: number; integrity?: unknown };
    deriving: { behind: number };
  };
}

const callback = (sequence: string) =>
  fetch(`${served.url}/callbacks/css/default`, {
    method: 'POST',
    body: JSON.stringify(signedCallback({ change: { sequence, stream_id: `late-${sequence}` } })),
  });

describe('breakwatch serve on PostgreSQL', () => {
  test('takes callbacks over TLS with a password from a file, and groups an incident', async () => {
    await served.breakAll(STREAMS);
    await expect
      .poll(async () => (await health()).store, { timeout: 30_000 })
      .toMatchObject({
        kind: 'postgres',
        breaks: STREAMS,
        journal: 2 * STREAMS,
      });
    const incidents = async () => {
      const now = Date.now();
      const answer = await fetch(`${served.url}/api/v1/query`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          from: now - 600_000,
          to: now + 60_000,
          queries: [{ refId: 'A', queryType: 'incidents' }],
        }),
      });
      const { results } = (await answer.json()) as {
        results: { A: { frames: { fields: { name: string; values: unknown[] }[] }[] } };
      };
      return results.A.frames[0]?.fields.find(({ name }) => name === 'id')?.values.length;
    };
    await expect.poll(incidents, { timeout: 30_000 }).toBe(1);
    const { store } = await health();
    expect(store).not.toHaveProperty('integrity');
    expect(store).toMatchObject({ connections: { max: 7, waiting: 0 } });
    const metrics = await (await fetch(`${served.url}/metrics`)).text();
    expect(metrics).toContain('breakwatch_derive_behind_entries 0');
    expect(metrics).toContain('breakwatch_database_connections_max 7');
    expect(metrics).toMatch(/breakwatch_database_connections\{state="busy"\} [0-7]\n/);
    // The current month has not ended.
    expect(metrics).toContain('breakwatch_database_oldest_partition_seconds 0\n');
  });

  test('commands ask the server that has the database open', async () => {
    const alone = { ...environment, BREAKWATCH_PORT: new URL(served.url).port };
    const { output, errors, code } = await served.runAlone(alone, 'export');
    expect(errors).not.toContain('DATABASE');
    expect(code).toBe(0);
    expect(output.trim().split('\n').length).toBeGreaterThan(STREAMS);
  });

  test('while PostgreSQL is away nothing is acknowledged, and afterwards nothing is missing', async () => {
    const { journal } = (await health()).store;
    await postgres.stop('immediate');
    const refused = await callback('away');
    expect(refused.status).toBe(503);
    expect(await refused.text()).toContain('DATABASE_UNREACHABLE');
    expect(await (await fetch(`${served.url}/metrics`)).text()).toContain('breakwatch_up 0');
    await postgres.start();
    await expect.poll(async () => (await callback('away')).status, { timeout: 30_000 }).toBe(200);
    await expect
      .poll(async () => (await health()).store, { timeout: 30_000 })
      .toMatchObject({ journal: journal + 1, breaks: STREAMS + 1 });
  });

  test('kill -9 loses nothing that was acknowledged', async () => {
    const before = (await health()).store;
    const answers = await Promise.all(Array.from({ length: 40 }, (_one, n) => callback(`k${n}`)));
    expect(answers.map(({ status }) => status)).toEqual(Array(40).fill(200));
    await served.kill('SIGKILL');
    await served.start();
    await expect
      .poll(async () => (await health()).store, { timeout: 30_000 })
      .toMatchObject({ journal: before.journal + 40, breaks: before.breaks + 40 });
  });

  test('without a server, commands open the database themselves', async () => {
    await served.kill('SIGTERM');
    const alone = { ...environment, BREAKWATCH_PORT: '1' };
    const exported = await served.runAlone(alone, 'export');
    expect(exported.errors).toBe('');
    expect(exported.output.match(/late-k/g)?.length).toBeGreaterThanOrEqual(40);
    const tested = await served.runAlone(alone, 'rules', 'backtest');
    expect(tested.errors).not.toContain('DATABASE');
    expect(tested.code).toBe(0);
    expect(tested.output).toContain(`${STREAMS + 41}`);
    const backup = await served.runAlone(alone, 'backup', join(folder, 'copy'));
    expect(backup.code).not.toBe(0);
    expect(backup.errors).toContain('pg_dump');
  });

  test('a server without the right certificate is refused, and so is one without TLS', async () => {
    const given = environment.BREAKWATCH_DATABASE_URL as string;
    for (const url of [
      given.replace(/&sslrootcert=.*/, ''),
      given.replace('localhost', '127.0.0.1'),
      given.replace(/sslmode=.*/, 'sslmode=disable'),
    ]) {
      const refused = await runBreakwatch(['serve'], {
        cwd: folder,
        environment: { ...environment, BREAKWATCH_DATABASE_URL: url, BREAKWATCH_PORT: '0' },
      });
      expect(refused.code).not.toBe(0);
      expect(refused.errors).toContain('DATABASE_REFUSED');
    }
  });

  test('a wrong password is an error with a remedy, and no output ever shows a password', async () => {
    const url = (environment.BREAKWATCH_DATABASE_URL as string).replace(
      'app@',
      `app:x${PASSWORD}@`,
    );
    const { BREAKWATCH_DATABASE_PASSWORD_FILE: _file, ...rest } = environment;
    const wrong = await runBreakwatch(['serve'], {
      cwd: folder,
      environment: { ...rest, BREAKWATCH_DATABASE_URL: url, BREAKWATCH_PORT: '0' },
    });
    expect(wrong.errors).toContain('DATABASE_REFUSED');
    expect(wrong.errors).not.toContain(PASSWORD);
    expect(served.errors).not.toContain(PASSWORD);
  });
});
