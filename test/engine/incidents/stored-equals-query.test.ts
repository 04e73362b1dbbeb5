import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadRules } from '../../../src/diagnosis/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/shipped-rules-folder.ts';
import { createEngine, type StartableEngine } from '../../../src/engine/create-engine.ts';
import type { StoredIncident } from '../../../src/model/stored-incident.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { HOUR, MINUTE, NOON } from '../../helpers/break-record.ts';
import { CALLBACK_KEY, signedCallback } from '../../helpers/signed-callback.ts';

let folder: string;
let store: Store;
let engine: StartableEngine;
let clock: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwatch-equality-'));
  store = await openSqliteStore({ folder });
  clock = NOON - HOUR;
  const { ruleSet } = await loadRules([shippedRulesFolder()]);
  engine = await createEngine({
    store,
    rules: ruleSet,
    accounts: [
      {
        name: 'default',
        site: 'cn',
        callbackKeys: [CALLBACK_KEY],
        pushKeys: [],
        backfillMs: 0,
        pollSeconds: 10,
      },
    ],
    version: '1.2.3',
    now: () => clock,
  });
});
afterEach(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

const linkLost = (stream: string, index: number) =>
  signedCallback({
    at: NOON,
    change: {
      app: 'push.example.com',
      stream_id: stream,
      channel_id: stream,
      sequence: `${stream}-1`,
      event_type: 0,
      user_ip: `203.0.${index}.7`,
      errcode: 13,
      errmsg: '',
      push_duration: '600000',
    },
  });

it('stores the cause that the query answers when half of a node was judged early', async () => {
  const streams = Array.from({ length: 10 }, (_unused, index) => `room-${index}`);
  clock = NOON + 2_000;
  // Five breaks are judged while no other break of the node is known.
  for (const [index, stream] of [...streams.slice(5), ...streams.slice(0, 5)].entries()) {
    await engine.acceptCallback('default', linkLost(stream, index), clock);
    await engine.settled();
  }
  clock = NOON + 2 * MINUTE;
  await engine.settled();
  const found = await store.findDocuments({ kind: 'incident', open: true, limit: 10 });
  const stored = found.map(({ body }) => body as StoredIncident);
  const answer = await engine.query({
    from: NOON - HOUR,
    to: clock,
    queries: [{ refId: 'A', queryType: 'incidents' }],
  });
  const table = answer.results.A;
  const fields = (table && 'frames' in table && table.frames[0]?.fields) || [];
  const row = Object.fromEntries(fields.map(({ name, values }) => [name, values[0]]));
  expect(stored).toHaveLength(1);
  expect(stored[0]).toMatchObject({
    id: row.id,
    scope: { kind: 'node', value: row.scopeValue },
    cause: { rule: { id: 'network/node-wide-cut' } },
    streams: 10,
  });
  expect(row).toMatchObject({ rule: 'network/node-wide-cut' });
});
