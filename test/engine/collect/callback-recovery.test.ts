import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApiCaller } from '../../../src/css/api/api-caller.ts';
import { callbackEntry, parseCallback } from '../../../src/css/callbacks/callback.ts';
import { loadRules } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import {
  type RecoveryStatus,
  startCallbackRecovery,
} from '../../../src/engine/collect/callback-recovery.ts';
import { CallbackLookups } from '../../../src/engine/collect/missed-callbacks.ts';
import type { Poller } from '../../../src/engine/collect/poller.ts';
import { createEngine, type StartableEngine } from '../../../src/engine/create-engine.ts';
import type { Account } from '../../../src/engine/engine.ts';
import type { BreakRecord } from '../../../src/model/break.ts';
import type { AccountHealth } from '../../../src/model/health.ts';
import { VirtualClock } from '../../../src/simulator/clock.ts';
import { type Simulator, startSimulator } from '../../../src/simulator/start-simulator.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { CALLBACK_KEY } from '../../helpers/signed-callback.ts';

const KEYS = { secretId: 'AKIDtest', secretKey: 'the-right-key-of-the-test' };
const PUSH_KEY = 'a-push-key';
const MINUTE = 60_000;
const ORDER = {
  domain: 'push.example.com',
  app: 'live',
  stream: 'shop-17',
  errcode: 4,
  subErrcode: 0,
};

let folder: string;
let clock: VirtualClock;
let simulator: Simulator;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwatch-recover-'));
  // Signatures are checked against real time, so the clock may be moved a few minutes only.
  clock = new VirtualClock(Math.floor(Date.now() / 1000) * 1000 - 4 * MINUTE);
  simulator = await startSimulator({
    ...KEYS,
    clock,
    callbackUrl: 'http://127.0.0.1:9/nobody',
    callbackKey: CALLBACK_KEY,
    pushKey: PUSH_KEY,
    faults: { callbackLostPercent: 100 },
  });
});
afterEach(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

function accountOf(part: Partial<Account> = {}): Account {
  return {
    name: 'default',
    site: 'cn',
    endpoint: simulator.url,
    credentials: KEYS,
    callbackKeys: [CALLBACK_KEY],
    pushKeys: [{ domain: '*', key: PUSH_KEY }],
    backfillMs: 86_400_000,
    pollSeconds: 1,
    ...part,
  };
}

describe('an engine', { timeout: 120_000 }, () => {
  const engines: StartableEngine[] = [];
  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.close()));
  });

  async function open(account = accountOf()): Promise<StartableEngine> {
    const { ruleSet } = await loadRules([shippedRulesFolder()]);
    const engine = await createEngine({
      store: await openSqliteStore({ folder }),
      rules: ruleSet,
      accounts: [account],
      version: '1.2.3',
      now: () => clock.now(),
    });
    engines.push(engine);
    return engine;
  }

  async function only(engine: StartableEngine): Promise<BreakRecord> {
    const { records } = await engine.breaks({
      range: { from: 0, to: clock.now() + 1 },
      filters: {},
      limit: 10,
    });
    expect(records).toHaveLength(1);
    return records[0] as BreakRecord;
  }

  async function healthOf(engine: StartableEngine): Promise<AccountHealth> {
    const { accounts } = await engine.health();
    return accounts[0] as AccountHealth;
  }

  it('finds the numeric code of a break that was only polled', async () => {
    const first = await open();
    const push = simulator.break(ORDER);
    clock.advance(1_000);
    first.startPolling();
    const before = await vi.waitFor(() => only(first), { timeout: 60_000 });
    // The text of CSS can mean any of five codes.
    expect(before.event).toMatchObject({ reason: 'client_closed', code: null, node: null });
    await first.close();
    engines.length = 0;

    clock.advance(2 * MINUTE);
    const second = await open();
    second.startPolling();
    const after = await vi.waitFor(
      async () => {
        const record = await only(second);
        expect(record.event.code).toEqual({ errcode: 4, subErrcode: null });
        return record;
      },
      { timeout: 60_000 },
    );
    expect(after.event).toMatchObject({
      id: before.event.id,
      node: push.node,
      sequence: push.sequence,
      facts: { errcode: 4, txSecretMatches: 'yes' },
    });
    expect(after.event.sources.map(({ source }) => source)).toEqual(['api', 'callback']);
    // A callback that was looked up still counts as missed, also after a restart.
    expect(await healthOf(second)).toMatchObject({
      missedCallbacks: 1,
      recovery: { waiting: 0, found: 1, notFound: 0, error: null },
    });
    await vi.waitFor(async () => expect((await healthOf(second)).lastPollAt).toBe(clock.now()), {
      timeout: 60_000,
    });
    const stored = JSON.stringify(after);
    expect(stored).not.toContain(/txSecret=(\w+)/.exec(push.streamParam)?.[1] ?? '?');

    // The callback arrives late: it is a duplicate, and no longer missed.
    const body = sentBody();
    expect(await second.acceptCallback('default', body, clock.now())).toMatchObject({
      duplicate: true,
    });
    expect((await healthOf(second)).missedCallbacks).toBe(0);
    expect((await only(second)).event.sources).toHaveLength(2);
  });

  function sentBody(): unknown {
    // The callbacks that the simulator did not send are in its records.
    const poster = simulator.sent('shop-17', 0);
    return JSON.parse(poster[0] ?? '{}');
  }
});

describe('startCallbackRecovery', { timeout: 120_000 }, () => {
  let store: Store;
  let notes: RecoveryStatus[];
  const started: Poller[] = [];
  beforeEach(async () => {
    store = await openSqliteStore({ folder });
    notes = [];
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((one) => one.close()));
    await store.close();
  });

  function recover(part: { account?: string; secretKey?: string } = {}): CallbackLookups {
    const { account = 'shop', secretKey = KEYS.secretKey } = part;
    const untold = new CallbackLookups(0);
    const polledAt = clock.now();
    simulator.break(ORDER);
    simulator.break({ ...ORDER, stream: 'shop-18', errcode: 35 });
    for (const stream of ['shop-17', 'shop-18']) {
      const sources = [{ source: 'api' as const, key: stream, receivedAt: polledAt }];
      untold.changed({ id: stream, stream, endedAt: polledAt, outcome: 'broken', sources });
    }
    clock.advance(2 * MINUTE);
    started.push(
      startCallbackRecovery({
        account,
        caller: createApiCaller({
          account,
          secretId: KEYS.secretId,
          secretKey,
          site: 'cn',
          endpoint: simulator.url,
        }),
        keys: { pushKeys: [{ domain: '*', key: PUSH_KEY }], callbackKeys: [CALLBACK_KEY] },
        lookups: untold,
        onStatus: (note) => notes.push(note),
        known: (entries) => store.journalEntries(account, entries),
        accept: async (entries) => {
          await store.append(entries);
        },
        everyMs: 20,
        now: () => clock.now(),
      }),
    );
    return untold;
  }

  const errcodes = async () =>
    (await store.journal(0, 100))
      .map(({ body }) => body.errcode)
      .sort((a, b) => +String(a) - +String(b));

  it('creates the same entry from a record as from the callback', async () => {
    recover();
    await vi.waitFor(async () => expect(await errcodes()).toEqual([4, 35]), { timeout: 60_000 });
    const [stored] = (await store.journal(0, 100)).filter(({ body }) => body.errcode === 4);
    const body = JSON.parse(simulator.sent('shop-17', 0)[0] ?? '');
    const { seq: _seq, ...entry } = stored ?? { seq: 0 };
    expect(entry).toEqual(
      callbackEntry('shop', parseCallback(body), clock.now(), [{ domain: '*', key: PUSH_KEY }]),
    );
  });

  it('reads all pages of a stream that broke often', async () => {
    for (let index = 0; index < 44; index += 1) {
      simulator.break({ ...ORDER, errcode: 3 });
    }
    recover();
    await vi.waitFor(async () => expect(await errcodes()).toHaveLength(46), { timeout: 60_000 });
    expect((await errcodes()).filter((errcode) => errcode === 3)).toHaveLength(44);
  });

  it('repeats failed lookups until everything is found', async () => {
    simulator.setFaults({ apiFailurePercent: 100, apiFailureMode: 'garbage' });
    const untold = recover();
    await vi.waitFor(() => expect(notes.at(-1)?.error?.code).toBe('CSS_BAD_ANSWER'), {
      timeout: 60_000,
    });
    expect(untold.size).toBe(2);
    simulator.setFaults({ apiFailurePercent: 0 });
    clock.advance(MINUTE);
    await vi.waitFor(async () => expect(await errcodes()).toEqual([4, 35]), { timeout: 60_000 });
    expect(notes.at(-1)).toEqual({ recovered: [], error: null });
  });

  it('passes on no entry that the journal has, and does not report it as recovered', async () => {
    const push = simulator.break(ORDER);
    const body = JSON.parse(simulator.sent('shop-17', 0)[0] ?? '');
    await store.append([callbackEntry('shop', parseCallback(body), clock.now(), [])]);
    recover();
    await vi.waitFor(async () => expect(await errcodes()).toEqual([4, 4, 35]), { timeout: 60_000 });
    expect(notes.flatMap(({ recovered }) => recovered)).not.toContain(`${push.sequence}:0`);
  });

  it('pauses for an hour without permission, and does not delay other accounts', async () => {
    recover({ account: 'denied', secretKey: 'wrong' });
    await vi.waitFor(() => expect(notes.at(-1)?.error?.code).toBe('CSS_CREDENTIALS'), {
      timeout: 60_000,
    });
    const errors = notes.length;
    recover({ account: 'shop' });
    await vi.waitFor(async () => expect(await errcodes()).toContain(35), { timeout: 60_000 });
    expect(notes.filter(({ error }) => error)).toHaveLength(errors);
  });
});
