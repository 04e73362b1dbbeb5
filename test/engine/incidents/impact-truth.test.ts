import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadRules } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createEngine, type StartableEngine } from '../../../src/engine/create-engine.ts';
import { type Simulator, startSimulator } from '../../../src/simulator/start-simulator.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';

const SECRET = { secretId: 'AKIDimpact', secretKey: 'impact-secret-key' };
const HOUR = 3_600_000;
/** The API tells whole seconds. */
const MAX_OFF_MS = 1_000;

let folder: string;
let simulator: Simulator;
let engine: StartableEngine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwatch-impact-'));
  simulator = await startSimulator({ ...SECRET, scenario: 'day' });
  const { ruleSet } = await loadRules([shippedRulesFolder()]);
  engine = await createEngine({
    store: await openSqliteStore({ folder }),
    rules: ruleSet,
    accounts: [
      {
        name: 'default',
        site: 'cn',
        endpoint: simulator.url,
        credentials: SECRET,
        callbackKeys: [],
        pushKeys: [],
        backfillMs: 14 * HOUR,
        pollSeconds: 1,
      },
    ],
    version: '1.2.3',
  });
  engine.startPolling();
});
afterAll(async () => {
  await engine.close();
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

it('tells within a second how long each break of a scripted day lasted', {
  timeout: 300_000,
}, async () => {
  await expect
    .poll(async () => (await engine.health()).accounts[0]?.backfill?.done, { timeout: 200_000 })
    .toBe(true);
  await engine.idle();
  const { liveFrom, breaks } = simulator.truth();
  const over = breaks.filter(
    ({ endedAt, downMs }) => downMs !== null && endedAt + downMs < liveFrom,
  );
  // The day has in it what this is about.
  expect(over.length).toBeGreaterThan(50);
  const { records } = await engine.breaks({
    range: { from: liveFrom - 14 * HOUR, to: liveFrom },
    // The API's words do not tell a client that went away from one that said goodbye.
    filters: {},
    limit: 5_000,
  });
  const off: unknown[] = [];
  for (const { domain, stream, endedAt, downMs } of over) {
    const own = records.filter(
      ({ event }) =>
        event.domain === domain &&
        event.stream === stream &&
        Math.abs(event.endedAt - endedAt) <= MAX_OFF_MS,
    );
    const isRight = own.some(
      ({ event }) =>
        event.recoveredAt !== null &&
        Math.abs(event.recoveredAt - event.endedAt - (downMs as number)) <= MAX_OFF_MS,
    );
    if (!isRight) {
      off.push({ stream, endedAt, downMs, found: own.map(({ event }) => event.recoveredAt) });
    }
  }
  expect(off).toEqual([]);
});
