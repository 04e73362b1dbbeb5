import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadRules } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createEngine, type StartableEngine } from '../../../src/engine/create-engine.ts';
import type { StoredIncident } from '../../../src/model/incident.ts';
import { createRandom } from '../../../src/simulator/random.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { CALLBACK_KEY, signedCallback } from '../../helpers/signed-callback.ts';

const ARREARS =
  'Your CSS services have been suspended due to overdue payments. Please top up your account balance.';
const ORDERS = 3;
const SEED = 7;

const now = Math.floor(Date.now() / 1_000) * 1_000;
const ACCOUNTS = Array.from({ length: ORDERS + 1 }, (_, index) => `account-${index}`);

let folder: string;
let store: Store;
let engine: StartableEngine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwatch-orders-'));
  store = await openSqliteStore({ folder });
  const { ruleSet } = await loadRules([shippedRulesFolder()]);
  engine = await createEngine({
    store,
    rules: ruleSet,
    accounts: ACCOUNTS.map((name) => ({
      name,
      site: 'cn',
      callbackKeys: [CALLBACK_KEY],
      pushKeys: [],
      backfillMs: 0,
      pollSeconds: 10,
    })),
    version: '1.2.3',
    now: () => now,
  });
});
afterAll(async () => {
  await engine?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Brings callbacks of an account to the engine, and tells the incidents that it keeps of it. */
async function incidentsOf(bodies: readonly Record<string, unknown>[], account: string) {
  for (const body of bodies) {
    await engine.acceptCallback(account, body, now);
  }
  await engine.settled();
  const found = await store.findDocuments({ kind: 'incident', limit: 1_000 });
  return found
    .map(({ body }) => body as StoredIncident)
    .filter(({ state, scope }) => state !== 'gone' && scope.account === account)
    .map(({ scope, state, startedAt, endedAt, streams, streamsDown, breaks, cause }) => ({
      // An account stands in its scope by name.
      scope: JSON.parse(JSON.stringify(scope).replaceAll(account, 'one')),
      state,
      startedAt,
      endedAt,
      streams,
      streamsDown,
      breaks,
      reason: cause.reason,
    }))
    .sort((a, b) => a.startedAt - b.startedAt || a.streams - b.streams);
}

it('keeps the same incidents in whatever order callbacks come, some of them twice', {
  timeout: 300_000,
}, async () => {
  const make = (stream: string, secondsAgo: number, change: Record<string, unknown>) =>
    signedCallback({
      at: now - secondsAgo * 1_000,
      change: {
        app: 'a.example.com',
        stream_id: stream,
        channel_id: stream,
        sequence: `${stream}-${secondsAgo}`,
        event_type: 0,
        errcode: 18,
        errmsg: ARREARS,
        push_duration: '0',
        // They come when they come; the message is still good then.
        t: Math.floor(now / 1_000) + 600,
        ...change,
      },
    });
  const history = [
    make('cut', 100, { errcode: 13, errmsg: '', push_duration: '600000' }),
    make('cut', 60, { event_type: 1, errcode: 0, errmsg: '' }),
    make('room-1', 50, {}),
    make('room-2', 49, {}),
    make('room-3', 47, {}),
    make('room-1', 45, {}),
  ];
  const first = await incidentsOf(history, ACCOUNTS[ORDERS] as string);
  expect(first).toMatchObject([
    { scope: { kind: 'stream' }, state: 'recovered', reason: 'network' },
    { streams: 3, streamsDown: 3, state: 'open', reason: 'arrears', breaks: 4 },
  ]);
  const random = createRandom(SEED);
  for (let order = 0; order < ORDERS; order++) {
    const shuffled = history
      .flatMap((body, index) => (index % 3 === order % 3 ? [body, body] : [body]))
      .map((body) => ({ body, at: random.next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ body }) => body);
    const account = ACCOUNTS[order] as string;
    expect(await incidentsOf(shuffled, account), `order ${order} of seed ${SEED}`).toEqual(first);
  }
});
