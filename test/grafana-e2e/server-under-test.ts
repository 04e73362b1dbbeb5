import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { startSimulator } from '../../src/simulator/start-simulator.ts';
import { startServe } from '../helpers/serve-process.ts';

/** Streams that break together, because of one cause. */
const STREAMS = 40;
const MINUTE_MS = 60_000;

/** A Breakwatch server with one open incident. A data source in one of the two modes asks it. */
export interface ServerUnderTest {
  settings: { jsonData: Record<string, unknown>; secureJsonData: Record<string, string> };
  /** Fills the settings into the editor, if need be with another secret, or address of the server or the API. */
  fill(page: Page, change?: { secret?: string; address?: string }): Promise<void>;
  /** What the health check says about a wrong secret, and about an address where nothing listens. */
  messages: { secret: string; address: string };
  /** Makes the server hang, as `kill -STOP` does. */
  hang(): void;
  wake(): void;
  /** Lets a push of a new stream be refused, and in remote mode reports it this late, ms. */
  refuse(stream: string, lateMs?: number): Promise<void>;
  /** Starts all pushes again. */
  recoverAll(): Promise<void>;
  remove(): Promise<void>;
}

const TOKEN = 'e2e-token-0123456789';

/** Starts a server for a data source in remote mode. */
export async function startRemote(): Promise<ServerUnderTest> {
  const served = await startServe('', { BREAKWATCH_TOKEN: TOKEN });
  await served.breakAll(STREAMS);
  return {
    settings: {
      jsonData: { mode: 'remote', url: served.url },
      secureJsonData: { token: TOKEN },
    },
    async fill(page, { secret = TOKEN, address = served.url } = {}) {
      await page.locator('#config-url').fill(address);
      await page.locator('#config-token').fill(secret);
    },
    messages: { secret: 'token', address: 'Cannot reach' },
    hang: () => process.kill(served.pid() as number, 'SIGSTOP'),
    wake: () => process.kill(served.pid() as number, 'SIGCONT'),
    refuse: (stream, lateMs = 0) => served.refuse(stream, Date.now() - lateMs),
    recoverAll: () => served.recoverAll(),
    remove: () => served.remove(),
  };
}

const SECRET_ID = 'AKIDsimulated';
const SECRET_KEY = 'simulated-secret-key-7f3a';
const ACCOUNT = 'shop';

/** Starts a simulated CSS, which the plugin's own server polls. */
export async function startEmbedded(): Promise<ServerUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'breakwatch-e2e-'));
  const dataFolder = join(folder, 'data');
  const simulator = await startSimulator({
    secretId: SECRET_ID,
    secretKey: SECRET_KEY,
    scenario: {
      historyMs: 10 * MINUTE_MS,
      play(world) {
        for (let index = 0; index < STREAMS; index += 1) {
          const [domain, stream] = [`push${index % 3}.example.com`, `room-${index}`];
          const host = { domain, stream, clientIp: `203.0.${index}.7`, reconnect: 'none' } as const;
          world.addHost(host).start();
        }
      },
    },
  });
  const { world } = simulator;
  for (const domain of new Set(world.hosts.map((host) => host.domain))) {
    // The bill of the account would stop the API, too.
    world.suspend(domain);
  }
  /** The server that the plugin has started. It is another one after a hang. */
  const kill = (signal: 'SIGSTOP' | 'SIGCONT') =>
    process.kill(Number(readFileSync(join(dataFolder, 'owner.pid'), 'utf8')), signal);
  return {
    settings: {
      jsonData: {
        mode: 'embedded',
        secretId: SECRET_ID,
        endpoint: simulator.url,
        accountName: ACCOUNT,
        backfillDays: 0.02,
        dataFolder,
      },
      secureJsonData: { secretKey: SECRET_KEY },
    },
    async fill(page, { secret = SECRET_KEY, address = simulator.url } = {}) {
      await page.getByRole('radio', { name: 'Embedded' }).check({ force: true });
      await page.getByLabel('SecretId').fill(SECRET_ID);
      await page.getByLabel('SecretKey').fill(secret);
      await page.getByLabel('Account name').fill(ACCOUNT);
      await page.getByLabel('API endpoint').fill(address);
      await page.getByLabel('Back-fill').fill('0');
      await page.getByLabel('Data folder').fill(join(folder, randomUUID()));
    },
    messages: { secret: 'credentials', address: 'API endpoint in the settings' },
    hang: () => kill('SIGSTOP'),
    wake() {
      try {
        kill('SIGCONT');
      } catch {
        // The plugin has killed a server that hung for long, and starts another one.
      }
    },
    async refuse(stream) {
      // A domain of its own, which stays suspended after the others have recovered.
      const domain = 'refused.example.com';
      world.suspend(domain);
      world.addHost({ domain, stream, clientIp: '203.0.99.7', reconnect: 'none' }).start();
    },
    async recoverAll() {
      for (const host of world.hosts) {
        world.restore(host.domain);
        host.start();
      }
    },
    async remove() {
      await simulator.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
