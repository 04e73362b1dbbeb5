import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningBreakwatch, runServer } from '../../../src/cli/server/run-server.ts';
import type { EngineHealth } from '../../../src/model/health.ts';
import { type Simulator, startSimulator } from '../../../src/simulator/start-simulator.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { breakRecord } from '../../helpers/break-record.ts';
import { finishedPush } from '../../helpers/finished-push.ts';
import { runBreakwatch, runHosted } from '../../helpers/run-breakwatch.ts';

const KEYS = { secretId: 'AKIDtest', secretKey: 'the-right-key-of-the-test' };
const MINUTE = 60_000;
const DAY = 86_400_000;

let folder: string;
let simulator: Simulator;
let server: RunningBreakwatch | undefined;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-evidence-'));
  simulator = await startSimulator(KEYS);
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await simulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

function run(args: string[], more: NodeJS.ProcessEnv = {}, start = runHosted) {
  const environment = {
    TENCENTCLOUD_SECRET_ID: KEYS.secretId,
    TENCENTCLOUD_SECRET_KEY: KEYS.secretKey,
    BREAKWATCH_API_ENDPOINT: simulator.url,
    BREAKWATCH_DATA: folder,
    ...more,
  };
  return start(args, { environment });
}

describe('breakwatch evidence', () => {
  beforeEach(async () => {
    const endedAt = Math.floor(Date.now() / 1000) * 1000 - 10 * MINUTE;
    const push = finishedPush(endedAt, {
      stream: 'shop-17',
      startedAt: endedAt - 3_600_000,
      silentFrom: endedAt - 70_000,
      streamParam: 'txSecret=00112233445566778899aabbccddeeff&txTime=6553f100',
    });
    simulator.world.finished.push(push);
    const { domain, app, stream, startedAt, sequence } = push;
    const event = { domain, app, stream, startedAt, endedAt, sequence, outcome: 'broken' } as const;
    const store = await openSqliteStore({ folder });
    await store.commit({
      breaks: [
        breakRecord('b1', { event }),
        breakRecord('old', { event: { endedAt: 1, outcome: 'broken' } }),
      ],
      removed: [],
      pushes: [],
      cursor: 0,
    });
    await store.close();
  });

  it('shows what the samples mean, with the values below', async () => {
    const { code, output } = await run(['evidence', 'b1'], {}, runBreakwatch);
    expect(code).toBe(0);
    expect(output).toMatch(
      /^push\.example\.com\/live\/shop-17 {2}broke \S+Z, now inactive\n\nVideo/,
    );
    expect(output.replace(/\s+/g, ' ')).toContain('so the uplink could not carry the stream.');
    expect(output).toMatch(/video fps +[▁▂▃▄▅▆▇█]{40,48} +25 → \d/);
    expect(output).toContain('push URL  txSecret=***&txTime=6553f100');
    const json = await run(['evidence', 'b1', '--lang', 'zh', '--json']);
    expect(JSON.parse(json.output)).toMatchObject({ breakId: 'b1', finding: { kind: 'uplink' } });
    expect(json.output).toContain('上行链路承载不了该流');
    expect(output + json.output).not.toContain('00112233');
  });

  it('explains why CSS could not be asked, and reports an unknown break', async () => {
    const keyless = await run(['evidence', 'b1'], {
      TENCENTCLOUD_SECRET_ID: '',
      TENCENTCLOUD_SECRET_KEY: '',
      BREAKWATCH_CALLBACK_KEY: 'some-callback-key',
    });
    expect(keyless.code).toBe(3);
    expect(keyless.output).toContain('EVIDENCE_NO_KEY');
    const expired = await run(['evidence', 'old']);
    expect(expired.output.replace(/\s+/g, ' ')).toContain('CSS keeps push measurements');
    const unknown = await run(['evidence', 'nobody']);
    expect(unknown).toMatchObject({ code: 1 });
    expect(unknown.errors).toContain('UNKNOWN_BREAK');
  });

  it('asks the server that owns the data folder', async () => {
    server = await runServer({
      ...config(),
      accounts: [
        {
          name: 'default',
          site: 'cn',
          endpoint: simulator.url,
          credentials: KEYS,
          callbackKeys: [],
          pushKeys: [],
          backfillMs: DAY,
          pollSeconds: 1,
        },
      ],
    });
    const url = server.server.url;
    const { code, output } = await run(['evidence', 'b1', '--url', url]);
    expect(code).toBe(0);
    expect(output).toContain('now inactive');
    expect((await run(['evidence', 'nobody', '--url', url])).errors).toContain('UNKNOWN_BREAK');
  });
});

describe('breakwatch status', () => {
  it('waits until the back-fill is done, and shows the health of the server', async () => {
    for (let day = 1; day < 6; day += 1) {
      simulator.world.finished.unshift(finishedPush(Date.now() - day * DAY));
    }
    server = await runServer({
      ...config(),
      accounts: [
        {
          name: 'shop',
          site: 'cn',
          endpoint: simulator.url,
          credentials: KEYS,
          callbackKeys: [],
          pushKeys: [],
          backfillMs: 7 * DAY,
          pollSeconds: 1,
        },
      ],
    });
    const { url } = server.server;
    server.engine.startPolling();
    const { code, output } = await run(['status', '--wait', '--url', url], {}, runBreakwatch);
    expect(code).toBe(0);
    expect(output).toMatch(/^Breakwatch \S+ at http:\S+: healthy$/m);
    expect(output).toMatch(/account {2}shop: ok; polled \d+ s ago, last callback never/);
    expect(output).toMatch(/back-fill \[#{24}\] done since \S+ \S+ UTC/);
    const json = await run(['status', '--json', '--url', url]);
    const health = JSON.parse(json.output) as EngineHealth;
    expect(health.accounts[0]?.backfill).toMatchObject({ done: true, remainingMs: 0 });
    expect(health.store.breaks).toBe(5);
    expect(output).toMatch(/^ {2}kept {5}400 days; the oldest break ended \S+ \S+ UTC$/m);
    expect(health.retention).toMatchObject({ keepDays: 400, refused: 0, error: null });
  });

  it('reports that no server answers', async () => {
    const { code, errors } = await run(['status', '--url', 'http://127.0.0.1:9']);
    expect(code).toBe(1);
    expect(errors).toContain('SERVER_UNREACHABLE');
  });
});

function config() {
  return {
    host: '127.0.0.1',
    port: 0,
    token: undefined,
    dataFolder: folder,
    rulesFolder: undefined,
    directoryFile: undefined,
  } as unknown as Parameters<typeof runServer>[0];
}
