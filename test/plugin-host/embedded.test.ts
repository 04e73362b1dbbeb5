import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/start-simulator.ts';
import {
  type BuiltPlugin,
  buildForTest,
  type Context,
  type Host,
  type ReadFrame,
  startHost,
} from './start-host.ts';

const DAY_MS = 86_400_000;
const SECRET_KEY = 'simulated-secret-key-7f3a';
const ALL_OUTCOMES = { outcome: ['ended', 'broken', 'refused'] };

const column = (frame: ReadFrame | undefined, name: string): unknown[] =>
  frame?.fields.find((field) => field.name === name)?.values ?? [];

/** Whether a process runs. One that ended, but was not waited for, does not. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Processes whose parent is this one. */
function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return new RegExp(`^PPid:\\s+${pid}$`, 'm').test(
          readFileSync(`/proc/${name}/status`, 'utf8'),
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Reads health until its message matches: a server that starts is not well yet. */
const healthOf = (host: Host, context: Context, message: RegExp) =>
  vi.waitFor(
    async () => {
      const health = await host.health(context);
      expect(health.message).toMatch(message);
      return health;
    },
    { timeout: 90_000, interval: 200 },
  );

const READY = /is ready: 1 account/;

describe('a data source in embedded mode', () => {
  let plugin: BuiltPlugin;
  let simulator: Simulator;
  let folder: string;
  let data: string;
  let host: Host;
  beforeAll(async () => {
    plugin = buildForTest(true);
    folder = mkdtempSync(join(tmpdir(), 'breakwatch-embedded-'));
    data = join(folder, 'data');
    simulator = await startSimulator({
      secretId: 'AKIDsimulated',
      secretKey: SECRET_KEY,
      scenario: 'day',
      seed: 3,
    });
    host = await startHost(plugin, { GF_PLUGIN_DATA_PATH: data });
  });
  afterAll(async () => {
    await host?.stop();
    await simulator?.stop();
    plugin?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const embedded = (uid: string, change: object = {}, secretKey = SECRET_KEY): Context => ({
    uid,
    settings: {
      mode: 'embedded',
      secretId: 'AKIDsimulated',
      endpoint: simulator.url,
      accountName: 'shop',
      // Enough for tests that ask for no history.
      backfillDays: 0.01,
      ...change,
    },
    secure: { secretKey },
  });
  const range = () => ({ from: Date.now() - DAY_MS, to: Date.now() + 60_000 });

  it('says what is wrong with the key, the address and the folder', async () => {
    const other = await startHost(plugin, { GF_PLUGIN_DATA_PATH: join(folder, 'wrong') });
    try {
      const [key, address, place, relative] = await Promise.all([
        healthOf(
          other,
          embedded('a', {}, 'not-the-right-key'),
          /credentials.*shop.*Check SecretId and SecretKey/s,
        ),
        healthOf(
          other,
          embedded('b', { endpoint: 'http://127.0.0.1:1' }),
          /API endpoint in the settings/,
        ),
        healthOf(other, embedded('c', { dataFolder: '/proc/breakwatch' }), /\/proc\/breakwatch/),
        healthOf(other, embedded('d', { dataFolder: 'data' }), /must be an absolute path/),
      ]);
      for (const { status, message } of [key, address, place, relative]) {
        expect(status).toBe('ERROR');
        expect(message).not.toContain('not-the-right-key');
        expect(message).not.toContain('BREAKWATCH_');
      }
    } finally {
      await other.stop();
    }
  });

  it('needs a data folder', async () => {
    const other = await startHost(plugin);
    try {
      const { status, message } = await other.health(embedded('nowhere'));
      expect(status).toBe('ERROR');
      expect(message).toMatch(/dataFolder.*GF_PLUGIN_DATA_PATH/s);
    } finally {
      await other.stop();
    }
  });

  it('names streams by a directory file, and reports a file that is missing', async () => {
    const directory = join(folder, 'names.csv');
    writeFileSync(directory, 'stream,room,user,team\nnamed-17,Room 9,anna,Night shift\n');
    simulator.break({
      domain: 'push.example.com',
      app: 'live',
      stream: 'named-17',
      errcode: 3,
      subErrcode: 0,
    });
    const named = embedded('named', { directory });
    const filters = { ...ALL_OUTCOMES, stream: ['named-17'] };
    await vi.waitFor(
      async () => {
        const { responses } = await host.query(named, range(), {
          A: { queryType: 'breaks', filters },
        });
        expect(column(responses.A?.frames[0], 'team')).toEqual(['Night shift']);
      },
      { timeout: 90_000, interval: 500 },
    );
    const missing = embedded('missing', { directory: join(folder, 'no.csv') });
    expect((await healthOf(host, missing, /no\.csv/)).status).toBe('ERROR');
  });

  it('lets new settings take over the folder of the old ones', async () => {
    const dataFolder = join(folder, 'own');
    await healthOf(host, embedded('own', { dataFolder }), READY);
    const changed = { ...embedded('own', { dataFolder, accountName: 'shop2' }), updated: 2 };
    const after = await healthOf(host, changed, READY);
    expect(after.details.health).toMatchObject({ accounts: [{ account: 'shop2' }] });
  });

  it('collects from the first call on, back-fills, diagnoses and answers', async () => {
    const context = embedded('bw', { backfillDays: 1 });
    expect((await healthOf(host, context, READY)).status).toBe('OK');
    const ended = simulator.truth().breaks.filter(({ endedAt }) => {
      const ago = Date.now() - endedAt;
      // Inside the range, and not so young that no poll can have it.
      return ago > 5_000 && ago < DAY_MS - 120_000;
    }).length;
    expect(ended).toBeGreaterThan(20);
    const model = { queryType: 'breaks', limit: 10_000, filters: ALL_OUTCOMES };
    const breaks = async () =>
      (await host.query(context, range(), { A: model })).responses.A?.frames[0];
    await expect
      .poll(async () => (await breaks())?.rows ?? 0, { timeout: 60_000 })
      .toBeGreaterThanOrEqual(ended);
    const table = await breaks();
    expect(new Set(column(table, 'account'))).toEqual(new Set(['shop']));
    expect(new Set(column(table, 'category')).size).toBeGreaterThanOrEqual(4);

    const { responses } = await host.query(
      context,
      range(),
      { A: { queryType: 'series', groupBy: ['category', 'severity', 'domain'] } },
      { FromAlert: 'true' },
    );
    expect(responses.A?.error).toBeUndefined();
    const labels = responses.A?.frames.map(({ fields }) => JSON.stringify(fields[1]?.labels)) ?? [];
    expect(labels.length).toBeGreaterThan(1);
    expect(new Set(labels).size).toBe(labels.length);

    // The data is in its folder, and the secret is nowhere: neither in files, nor in the log, nor in arguments and
    // environment of any process.
    const stored = join(data, '1-bw');
    const files = readdirSync(stored, { recursive: true, withFileTypes: true });
    expect(files.length).toBeGreaterThan(0);
    for (const file of files.filter((one) => one.isFile())) {
      const bytes = readFileSync(join(file.parentPath, file.name));
      expect(bytes.includes(SECRET_KEY), file.name).toBe(false);
    }
    expect(host.log.join('\n')).not.toContain(SECRET_KEY);
    const servers = childrenOf(host.pluginPid);
    expect(servers.length).toBeGreaterThan(0);
    for (const pid of servers) {
      const visible = ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`));
      expect(visible.some((bytes) => bytes.includes(SECRET_KEY))).toBe(false);
    }
  });

  it('starts its server again after a crash, and leaves none behind when Grafana is killed', async () => {
    const killed = await startHost(plugin, { GF_PLUGIN_DATA_PATH: join(folder, 'killed') });
    const context = embedded('bw');
    await healthOf(killed, context, READY);
    const [server] = childrenOf(killed.pluginPid) as [number];
    process.kill(server, 'SIGKILL');
    await expect
      .poll(() => childrenOf(killed.pluginPid).filter((pid) => pid !== server), { timeout: 60_000 })
      .toHaveLength(1);
    await healthOf(killed, context, READY);
    const [again] = childrenOf(killed.pluginPid) as [number];
    expect(again).not.toBe(server);

    process.kill(killed.pid, 'SIGKILL');
    await expect
      .poll(() => [killed.pluginPid, again].filter(isRunning), { timeout: 30_000 })
      .toEqual([]);
    // So the data folder is free.
    const next = await startHost(plugin, { GF_PLUGIN_DATA_PATH: join(folder, 'killed') });
    try {
      await healthOf(next, context, READY);
    } finally {
      await next.stop();
    }
  });

  it('collects again after a restart of Grafana, and fills the gap', async () => {
    const dataFolder = join(folder, 'restarted');
    const context = embedded('restarted', { dataFolder });
    const first = await startHost(plugin);
    await healthOf(first, context, READY);
    await first.stop();
    const place = { domain: 'push.example.com', app: 'live', stream: 'while-stopped' };
    simulator.break({ ...place, errcode: 3, subErrcode: 0 });
    const next = await startHost(plugin);
    try {
      const startedAt = performance.now();
      // The alert rule asks every 10 s, and nothing else asks.
      const rule = { queryType: 'alerts', value: 'state' };
      await next.query(context, range(), { A: rule }, { FromAlert: 'true' });
      const filters = { ...ALL_OUTCOMES, stream: [place.stream] };
      await vi.waitFor(
        async () => {
          const { responses } = await next.query(context, range(), {
            A: { queryType: 'breaks', filters },
          });
          expect(column(responses.A?.frames[0], 'stream')).toEqual([place.stream]);
        },
        { timeout: 90_000, interval: 500 },
      );
      const seconds = (performance.now() - startedAt) / 1_000;
      process.stdout.write(`collected again after ${seconds.toFixed(1)} s\n`);
    } finally {
      await next.stop();
    }
  });

  it('names the owner of a data folder that another Grafana uses', async () => {
    const dataFolder = join(folder, 'shared');
    await healthOf(host, embedded('first', { dataFolder }), READY);
    const rival = await startHost(plugin);
    try {
      const { status, message } = await healthOf(
        rival,
        embedded('second', { dataFolder }),
        /Data folder in the settings/,
      );
      expect(status).toBe('ERROR');
      expect(message).toContain(dataFolder);
    } finally {
      await rival.stop();
    }
  });

  it('ends all servers when Grafana stops it', async () => {
    const own = await startHost(plugin, { GF_PLUGIN_DATA_PATH: join(folder, 'stopped') });
    await healthOf(own, embedded('bw'), READY);
    const all = [own.pluginPid, ...childrenOf(own.pluginPid)];
    expect(all.length).toBe(2);
    await own.stop();
    await expect.poll(() => all.filter(isRunning), { timeout: 30_000 }).toEqual([]);
  });
});
