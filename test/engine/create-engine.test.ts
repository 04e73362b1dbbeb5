import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callbackEntry, parseCallback } from '../../src/css/callbacks/callback.ts';
import { loadRules } from '../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createEngine, type StartableEngine } from '../../src/engine/create-engine.ts';
import { readDirectory } from '../../src/engine/directory.ts';
import type { Account } from '../../src/engine/engine.ts';
import type { BreakRecord } from '../../src/model/break.ts';
import type { Frame } from '../../src/model/frame.ts';
import { startSimulator } from '../../src/simulator/start-simulator.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { CALLBACK_KEY, signedCallback } from '../helpers/signed-callback.ts';

const DAY_MS = 86_400_000;

const ACCOUNT: Account = {
  name: 'default',
  site: 'cn',
  callbackKeys: [CALLBACK_KEY],
  pushKeys: [],
  backfillMs: DAY_MS,
  pollSeconds: 1,
};

const lastDay = () => ({ from: Date.now() - DAY_MS, to: Date.now() + 60_000 });

async function breaksOf(engine: StartableEngine, stream?: string): Promise<BreakRecord[]> {
  const filters = stream === undefined ? {} : { stream: [stream] };
  const { records } = await engine.breaks({ range: lastDay(), filters, limit: 1_000 });
  return records;
}

describe('an engine', () => {
  let folder: string;
  let engine: StartableEngine;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'breakwatch-engine-'));
    const { ruleSet } = await loadRules([shippedRulesFolder()]);
    const { directory } = await readDirectory(['room,user,team', '293710,14y2l2c,Night shift']);
    engine = await createEngine({
      store: await openSqliteStore({ folder }),
      rules: ruleSet,
      accounts: [ACCOUNT],
      directory,
      // On a busy machine too.
      answersWaitMs: 60_000,
      version: '1.2.3',
    });
  });
  afterAll(async () => {
    await engine?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('adds names from the directory to breaks and to the table', async () => {
    const stream_id = '8888_81265058829fd2e50c8ec2ac78d55127';
    await engine.acceptCallback('default', signedCallback({ change: { errcode: 13, stream_id } }));
    await engine.idle();
    const [record] = await breaksOf(engine, stream_id);
    expect(record?.event.facts).toMatchObject({
      room: '293710',
      user: '14y2l2c',
      streamType: 'main',
      team: 'Night shift',
    });
    const { results } = await engine.query({
      ...lastDay(),
      queries: [{ refId: 'A', queryType: 'breaks', filters: { stream: [stream_id] } }],
    });
    const frame = (results.A as { frames: Frame[] }).frames[0];
    const cell = (name: string) => frame?.fields.find((field) => field.name === name)?.values[0];
    expect(cell('title')).toBe('14y2l2c in room 293710');
    expect(cell('team')).toBe('Night shift');
  });

  it('accepts a callback once, reports duplicates, and calls subscribers', async () => {
    const heard: string[] = [];
    const stop = engine.subscribe(({ event }) => heard.push(event.id));
    const body = signedCallback({ change: { sequence: '76', stream_id: 'once' } });
    const first = await engine.acceptCallback('default', body);
    expect(first).toEqual({ duplicate: false, eventType: 0 });
    expect(await engine.acceptCallback('default', body)).toMatchObject({ duplicate: true });
    await engine.idle();
    const [record] = await breaksOf(engine, 'once');
    expect(heard).toEqual([record?.event.id]);
    stop();
    await engine.acceptCallback(
      'default',
      signedCallback({ change: { sequence: '78', stream_id: 'once' } }),
    );
    await engine.idle();
    expect(heard).toHaveLength(1);
  });

  it('shows an acknowledged callback in the very next answer', async () => {
    for (let sequence = 1; sequence <= 20; sequence += 1) {
      const change = { sequence: `1000${sequence}`, stream_id: `shop-${sequence}` };
      await engine.acceptCallback('default', signedCallback({ change }));
      expect(await breaksOf(engine, 'shop-*')).toHaveLength(sequence);
    }
  });

  it.each([
    ['UNKNOWN_ACCOUNT', 'nobody', signedCallback()],
    ['CALLBACK_BAD_SIGN', 'default', signedCallback({ callbackKey: 'another' })],
    ['CALLBACK_EXPIRED', 'default', signedCallback({ at: Date.now() - DAY_MS })],
  ])('refuses with %s and keeps nothing', async (code, account, body) => {
    const { store: before } = await engine.health();
    await expect(engine.acceptCallback(account, body)).rejects.toMatchObject({ code });
    expect((await engine.health()).store).toEqual(before);
  });

  it('never reports an unchecked account as ok', async () => {
    expect((await engine.health()).accounts[0]).toMatchObject({ state: 'unverified' });
  });
});

describe('createEngine', () => {
  let folder: string;
  let engines: StartableEngine[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'breakwatch-engine-'));
    engines = [];
  });
  afterEach(async () => {
    await Promise.all(engines.map((engine) => engine.close()));
    await rm(folder, { recursive: true, force: true });
  });

  async function open(account: Account = ACCOUNT): Promise<StartableEngine> {
    const { ruleSet } = await loadRules([shippedRulesFolder()]);
    const engine = await createEngine({
      store: await openSqliteStore({ folder }),
      rules: ruleSet,
      accounts: [account],
      version: '1.2.3',
    });
    engines.push(engine);
    return engine;
  }

  it('closes everything that it opened if the start fails', async () => {
    const { ruleSet } = await loadRules([shippedRulesFolder()]);
    const begin = async (deriverThreadUrl?: URL) =>
      createEngine({
        store: await openSqliteStore({ folder }),
        rules: ruleSet,
        accounts: [ACCOUNT],
        deriverThreadUrl,
        version: '1.2.3',
      });
    const threads = () => process.getActiveResourcesInfo().filter((one) => one === 'MessagePort');
    const before = threads().length;
    // No thread can be started from there.
    await expect(begin(new URL('http://127.0.0.1/nowhere.ts'))).rejects.toThrow(TypeError);
    expect(threads()).toHaveLength(before);
    // The data folder is free again.
    engines.push(await begin());
    expect(threads().length).toBeGreaterThan(before);
  });

  it('derives the entries that a crash left in the journal when it starts', async () => {
    const store = await openSqliteStore({ folder });
    const message = parseCallback(signedCallback({ change: { errcode: 13, sequence: '77' } }));
    await store.append([callbackEntry('default', message, Date.now(), [])]);
    await store.close();

    const engine = await open();
    await engine.idle();
    expect((await breaksOf(engine)).map(({ event }) => event.sequence)).toEqual(['77']);
  });

  it('polls a CSS that sends no callbacks: every break of its truth, once, with recovery', async () => {
    const simulator = await startSimulator({
      secretId: 'id',
      secretKey: 'key',
      scenario: 'day',
      seed: 3,
    });
    try {
      const engine = await open({
        ...ACCOUNT,
        endpoint: simulator.url,
        credentials: { secretId: 'id', secretKey: 'key' },
      });
      engine.startPolling();
      const { pushes, breaks } = simulator.truth();
      const ended = breaks.filter((one) => one.endedAt < Date.now() - 5_000);
      expect(ended.length).toBeGreaterThan(20);
      await expect
        .poll(async () => (await breaksOf(engine)).length, { timeout: 50_000 })
        .toBeGreaterThanOrEqual(ended.length);
      await engine.idle();
      const records = await breaksOf(engine);
      expect(new Set(records.map(({ event }) => event.id)).size).toBe(records.length);
      for (const truth of ended) {
        const found = records.filter(
          ({ event }) =>
            event.stream === truth.stream && Math.abs(event.endedAt - truth.endedAt) < 1_000,
        );
        expect(found.length, `${truth.stream} at ${truth.endedAt}`).toBeGreaterThan(0);
      }
      expect(pushes.length).toBeGreaterThan(0);
      expect(records.some(({ event }) => event.recoveredAt !== null)).toBe(true);
      expect((await engine.health()).accounts[0]).toMatchObject({ state: 'ok', error: null });
    } finally {
      await simulator.stop();
    }
  });

  it('reports the gap between two runs, and that it was filled', async () => {
    const simulator = await startSimulator({ secretId: 'id', secretKey: 'key' });
    try {
      const store = await openSqliteStore({ folder });
      const away = Date.now() - 5 * 60_000;
      await store.setState('coverage:default', { seenAt: away, callbacksSince: null, gaps: [] });
      await store.close();
      const engine = await open({
        ...ACCOUNT,
        endpoint: simulator.url,
        credentials: { secretId: 'id', secretKey: 'key' },
      });
      const gaps = async () => (await engine.health()).accounts[0]?.gaps;
      expect(await gaps()).toEqual([{ from: away, to: null, filledAt: null }]);
      engine.startPolling();
      await expect
        .poll(async () => (await gaps())?.[0]?.filledAt, { timeout: 50_000 })
        .toBeTruthy();
      expect(await gaps()).toHaveLength(1);
      expect((await engine.health()).accounts[0]?.missedCallbacks).toBe(0);
    } finally {
      await simulator.stop();
    }
  });

  it('reports why the API refuses a key', async () => {
    const simulator = await startSimulator({ secretId: 'id', secretKey: 'key' });
    try {
      const engine = await open({
        ...ACCOUNT,
        endpoint: simulator.url,
        credentials: { secretId: 'id', secretKey: 'wrong' },
      });
      engine.startPolling();
      await expect
        .poll(async () => (await engine.health()).accounts[0]?.error?.code, { timeout: 50_000 })
        .toBe('CSS_CREDENTIALS');
      expect(JSON.stringify(await engine.health())).not.toContain('wrong');
    } finally {
      await simulator.stop();
    }
  });
});
