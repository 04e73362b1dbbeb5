import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runServer } from '../../src/cli/server/run-server.ts';
import type { Field, FieldType, Frame } from '../../src/model/frame.ts';
import { startSimulator } from '../../src/simulator/start-simulator.ts';
import { breakRecord, HOUR, MINUTE, NOON } from '../helpers/break-record.ts';
import { startTestServer, type TestServer } from '../helpers/running-server.ts';
import { CALLBACK_KEY, signedCallback } from '../helpers/signed-callback.ts';
import {
  type BuiltPlugin,
  buildForTest,
  type Context,
  type Host,
  type ReadFrame,
  startHost,
} from './start-host.ts';

const FROM = 1_790_000_000_000;
const RANGE = { from: NOON - HOUR, to: NOON + HOUR };
const DAY_MS = 86_400_000;

const field = (name: string, type: FieldType, values: Field['values']): Field => ({
  name,
  type,
  values,
});

/** Every column type, with and without missing values, and what is likely to upset a decoder. */
const FRAMES: Frame[] = [
  {
    name: 'breaks',
    meta: {
      type: 'table',
      notices: [{ severity: 'warning', text: 'cut' }],
      custom: { truncated: true },
    },
    fields: [
      field('time', 'time', [FROM, FROM + 1]),
      field('timeEnd', 'time', [null, FROM + 2]),
      { ...field('downMs', 'number', [1.5, null]), config: { unit: 'ms' } },
      field('count', 'number', [1, 2e300]),
      field('cause', 'string', ['断流', 'a\ud800b']),
      field('fix', 'string', [null, '']),
      field('isRegion', 'boolean', [true, false]),
      field('paged', 'boolean', [null, true]),
      field('facts', 'json', [{ reason: 'expiry_passed' }, ['x']]),
      field('more', 'json', [null, 1]),
      // Two of one name, of different types.
      field('same', 'number', [1, 2]),
      field('same', 'string', [null, 'x']),
    ],
  },
  {
    name: 'series',
    meta: { type: 'timeseries-multi', typeVersion: [0, 1] },
    fields: [
      field('time', 'time', [FROM, FROM + 60_000]),
      {
        ...field('value', 'number', [3, null]),
        labels: { category: 'auth', domain: 'push.example.com' },
        config: { displayNameFromDS: 'auth', links: [{ title: 'a', url: '/b' }] },
      },
    ],
  },
  { name: 'none', meta: { type: 'timeseries-multi', typeVersion: [0, 1] }, fields: [] },
  {
    name: 'no rows',
    fields: (['time', 'number', 'string', 'boolean', 'json'] as const).map((type) =>
      field(type, type, []),
    ),
  },
  // Each type as the first column, which the decoder reads by another way.
  ...(
    [
      ['time', [null, FROM]],
      ['number', [null, 1.5]],
      ['string', [null, 'x']],
      ['boolean', [null, true]],
    ] as [FieldType, Field['values']][]
  ).map(([type, values]) => ({ name: `first ${type}`, fields: [field('first', type, values)] })),
];

describe('a data source in remote mode', () => {
  let plugin: BuiltPlugin;
  let host: Host;
  let running: TestServer;
  let folder: string;
  const uids: string[] = [];
  /** A data source of its own for each server and token. */
  const uidOf = (server: string) => {
    if (!uids.includes(server)) {
      uids.push(server);
    }
    return `remote-${uids.indexOf(server)}`;
  };
  const context = (url: string, token = ''): Context => ({
    uid: uidOf(`${url} ${token}`),
    settings: { url },
    secure: { token },
  });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'breakwatch-remote-'));
    plugin = buildForTest(false);
    host = await startHost(plugin);
    running = await startTestServer();
    await running.temporary.insert(
      breakRecord('expired', { event: { recoveredAt: NOON + 2 * MINUTE } }),
      breakRecord('lost', {
        rule: 'network/link-lost',
        event: { endedAt: NOON + MINUTE, stream: 'shop-18' },
        verdict: { reason: 'network', category: 'network', outcome: 'broken', side: 'network' },
      }),
    );
  });
  afterAll(async () => {
    await host?.stop();
    await running?.stop();
    plugin?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('gives every query type to Grafana as frames', async () => {
    expect(host.protocol).toBe(2);
    const types = ['breaks', 'series', 'annotations', 'incidents', 'streams', 'alerts'];
    const models = Object.fromEntries(types.map((queryType) => [queryType, { queryType }]));
    const { responses } = await host.query(context(running.url), RANGE, {
      ...models,
      lookup: { queryType: 'lookup', text: '6012' },
    });
    for (const refId of [...types, 'lookup']) {
      expect(responses[refId]).toMatchObject({ status: 200, frames: [{ refId }] });
      expect(responses[refId]?.error).toBeUndefined();
    }
    const table = responses.breaks?.frames[0] as ReadFrame;
    const column = (name: string) => table.fields.find((one) => one.name === name)?.values;
    expect(column('id')).toEqual(['lost', 'expired']);
    expect(column('time')).toEqual(['2026-03-14T12:01:00Z', '2026-03-14T12:00:00Z']);
    expect(column('category')).toEqual(['network', 'auth']);
  });

  it('keeps types, missing values, labels, config and meta', async () => {
    const frames = await startTestServer({}, () => ({
      query: async ({ queries }) => ({
        results: Object.fromEntries(queries.map(({ refId }) => [refId, { frames: FRAMES }])),
      }),
    }));
    try {
      const { responses } = await host.query(context(frames.url), RANGE, { A: {} });
      expect(responses.A?.error).toBeUndefined();
      const [table, series, none, empty, ...firsts] = (responses.A?.frames ?? []) as [
        ReadFrame,
        ReadFrame,
        ReadFrame,
        ReadFrame,
        ...ReadFrame[],
      ];
      expect(table.meta).toMatchObject({
        type: 'table',
        notices: [{ severity: 'warning', text: 'cut' }],
        custom: { truncated: true },
      });
      const at = (ms: number) => new Date(FROM + ms).toISOString().replace(/\.?0*Z$/, 'Z');
      expect(
        table.fields.map(({ name, type, nullable, values }) => [name, type, nullable, values]),
      ).toEqual([
        ['time', 'time.Time', false, [at(0), at(1)]],
        ['timeEnd', 'time.Time', true, [null, at(2)]],
        ['downMs', 'float64', true, [1.5, null]],
        ['count', 'float64', false, [1, 2e300]],
        ['cause', 'string', false, ['断流', 'a\ufffdb']],
        ['fix', 'string', true, [null, '']],
        ['isRegion', 'bool', false, [true, false]],
        ['paged', 'bool', true, [null, true]],
        ['facts', 'json.RawMessage', false, [{ reason: 'expiry_passed' }, ['x']]],
        ['more', 'json.RawMessage', true, [null, 1]],
        ['same', 'float64', false, [1, 2]],
        ['same', 'string', true, [null, 'x']],
      ]);
      expect(table.fields[2]?.config).toEqual({ unit: 'ms' });
      expect(series.kind).toBe('wide');
      expect(series.meta).toMatchObject({ type: 'timeseries-multi', typeVersion: [0, 1] });
      expect(series.fields[1]).toMatchObject({
        type: 'float64',
        nullable: true,
        labels: { category: 'auth', domain: 'push.example.com' },
        config: { displayNameFromDS: 'auth', links: [{ title: 'a', url: '/b' }] },
        values: [3, null],
      });
      expect(none.fields).toEqual([]);
      expect(none.meta).toMatchObject({ type: 'timeseries-multi' });
      expect(empty.fields.map(({ type, values }) => [type, values])).toEqual([
        ['time.Time', []],
        ['float64', []],
        ['string', []],
        ['bool', []],
        ['json.RawMessage', []],
      ]);
      expect(firsts.map(({ fields }) => fields[0]?.values)).toEqual([
        [null, at(0)],
        [null, 1.5],
        [null, 'x'],
        [null, true],
      ]);
    } finally {
      await frames.stop();
    }
  });

  it('gives alert rules only numbers, and an error for other query types', async () => {
    const { responses } = await host.query(
      context(running.url),
      RANGE,
      {
        A: { queryType: 'series', groupBy: ['category'] },
        B: { queryType: 'breaks' },
        C: { queryType: 'alerts' },
      },
      { FromAlert: 'true' },
    );
    const labels = responses.A?.frames.map(({ fields }) => fields[1]?.labels?.category);
    expect(labels?.sort()).toEqual(['auth', 'network']);
    for (const frame of responses.A?.frames ?? []) {
      expect(frame.kind).toBe('wide');
      expect(frame.fields.map(({ type }) => type)).toEqual(['time.Time', 'float64']);
    }
    expect(responses.B).toMatchObject({ status: 400, frames: [], errorSource: 'downstream' });
    expect(responses.B?.error).toContain('does not support alerting');
    expect(responses.C).toMatchObject({
      status: 200,
      frames: [{ meta: { type: 'numeric-long' } }],
    });
  });

  it('answers the resources of the editors, and has metrics', async () => {
    const values = await host.resource(
      context(running.url),
      `values/domain?from=${RANGE.from}&to=${RANGE.to}`,
    );
    expect(values).toEqual({ code: 200, body: '{"values":["push.shop.example"]}' });
    expect((await host.resource(context(running.url), 'nothing')).code).toBe(404);
    const unknown = await host.resource(context(running.url), 'values/streams');
    expect(unknown.code).toBe(400);
    expect(JSON.parse(unknown.body).error.message).toContain('did you mean stream?');
    const metrics = await host.metrics();
    expect(metrics).toMatch(/^plugins_datasource_request_total\{.*\} \d+$/m);
    expect(metrics).toMatch(/^plugins_active_instances \d+$/m);
  });

  it('shows the same diagnosis of a callback as the API, until the server is gone', async () => {
    const token = 'open-sesame-token';
    const server = await runServer({
      host: '127.0.0.1',
      port: 0,
      dataFolder: join(folder, 'remote'),
      token,
      rulesFolder: undefined,
      accounts: [
        {
          name: 'default',
          site: 'cn',
          callbackKeys: [CALLBACK_KEY],
          pushKeys: [],
          backfillMs: DAY_MS,
          pollSeconds: 10,
        },
      ],
    });
    const { url } = server.server;
    const range = { from: Date.now() - DAY_MS, to: Date.now() + MINUTE };
    const filters = { outcome: ['broken', 'refused', 'ended'] };
    const breaks = { A: { queryType: 'breaks', filters } };
    try {
      const posted = await fetch(`${url}/callbacks/css/default`, {
        method: 'POST',
        body: JSON.stringify(signedCallback()),
      });
      expect(posted.status).toBe(200);
      await server.engine.idle();
      const headers = { authorization: `Bearer ${token}` };
      const { breaks: shown } = await (await fetch(`${url}/api/v1/breaks`, { headers })).json();
      expect(shown).toHaveLength(1);
      const { responses } = await host.query(context(url, token), range, breaks);
      const table = responses.A?.frames[0];
      const column = (name: string) => table?.fields.find((one) => one.name === name)?.values;
      expect(column('id')).toEqual([shown[0].id]);
      for (const name of ['category', 'severity', 'side', 'confidence', 'rule', 'cause']) {
        expect([name, column(name)]).toEqual([name, [shown[0].diagnosis[name]]]);
      }
      const health = await host.health(context(url, token));
      expect(health.status).toBe('OK');
      expect(health.message).toContain('Not verified: default.');
      const refused = await host.health(context(url, 'wrong-token'));
      expect(refused.status).toBe('ERROR');
      expect(refused.message).toContain('token');
      expect(refused.message).not.toContain('wrong-token');
    } finally {
      await server.close();
    }
    // An equal question could still get the answer of the last 2 s.
    const later = { ...range, to: range.to + 1 };
    const gone = await host.query(context(url, token), later, breaks);
    expect(gone.responses.A).toMatchObject({ status: 502, errorSource: 'downstream', frames: [] });
    expect(gone.responses.A?.error).toContain('Cannot reach');
    expect(host.log.join('\n')).not.toContain(token);
  });

  it('fails a series in an alert rule while collection is down', async () => {
    // An account with a wrong key is blind at once.
    const simulator = await startSimulator({
      secretId: 'AKIDx',
      secretKey: 'another-key',
      seed: 1,
    });
    const server = await runServer({
      host: '127.0.0.1',
      port: 0,
      dataFolder: join(folder, 'blind'),
      token: undefined,
      rulesFolder: undefined,
      accounts: [
        {
          name: 'shop',
          site: 'cn',
          endpoint: simulator.url,
          credentials: { secretId: 'AKIDx', secretKey: 'a-wrong-key' },
          callbackKeys: [],
          pushKeys: [],
          backfillMs: 0,
          pollSeconds: 1,
        },
      ],
    });
    try {
      server.engine.startPolling();
      await expect
        .poll(async () => (await server.engine.health()).accounts[0]?.state, { timeout: 30_000 })
        .toBe('blind');
      const { responses } = await host.query(
        context(server.server.url),
        { from: Date.now() - HOUR, to: Date.now() },
        { A: { queryType: 'series' }, B: { queryType: 'alerts' } },
        { FromAlert: 'true' },
      );
      expect(responses.A).toMatchObject({ status: 502, frames: [] });
      expect(responses.A?.error).toContain('Collection is down for shop');
      expect(responses.B?.error).toBeUndefined();
      const [frame] = responses.B?.frames ?? [];
      expect(frame?.fields.find(({ name }) => name === 'kind')?.values).toContain('blind');
    } finally {
      await server.close();
      await simulator.stop();
    }
  });

  it('has no embedded mode in the small package, and says so', async () => {
    const settings = { mode: 'embedded', secretId: 'AKIDx' };
    const health = await host.health({ uid: 'e', settings, secure: { secretKey: 'the-secret' } });
    expect(health.status).toBe('ERROR');
    expect(health.message).toContain('Install the full package');
  });
});
