import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { runServer } from '../../../src/cli/server/run-server.ts';
import { EmptySchema, GRPCController } from '../../../src/grafana/backend/gen/go-plugin_pb.js';
import {
  CheckHealthRequestSchema,
  Data,
  type DataResponse,
  Diagnostics,
  CheckHealthResponse_HealthStatus as HealthStatus,
  type PluginContext,
  QueryDataRequestSchema,
} from '../../../src/grafana/backend/gen/pluginv2_pb.js';
import { type Simulator, startSimulator } from '../../../src/simulator/start-simulator.ts';
import { CALLBACK_KEY, signedCallback } from '../../helpers/signed-callback.ts';
import { contextOf } from './memory-service.ts';
import { type ReadFrame, readArrow } from './read-arrow.ts';
import { buildForTest, type Plugin, startPlugin } from './start-plugin.ts';

const DAY_MS = 86_400_000;
const SECRET_KEY = 'simulated-secret-key-7f3a';

let plugin: Awaited<ReturnType<typeof buildForTest>>;
let folder: string;
/** Where embedded engines of {@link first} keep their breaks unless told otherwise. */
let data: string;
/** What all tests ask, each by data sources of its own; the last test ends it. */
let first: Plugin;
/** Another process, which Grafana gave no folder for data. */
let second: Plugin;

beforeAll(async () => {
  plugin = await buildForTest();
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-real-'));
  data = join(folder, 'embedded');
  [first, second] = await Promise.all([
    startPlugin(plugin.executable, { GF_PLUGIN_DATA_PATH: data }),
    startPlugin(plugin.executable),
  ]);
});
afterAll(async () => {
  await Promise.all([first.stop(), second.stop()]);
  plugin.remove();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(
  process: Plugin,
  pluginContext: PluginContext,
  models: Record<string, object>,
  headers: Record<string, string> = {},
): Promise<Record<string, DataResponse & { read: ReadFrame[] }>> {
  const to = Date.now() + 60_000;
  const { responses } = await process.call(
    Data.method.queryData,
    create(QueryDataRequestSchema, {
      pluginContext,
      headers,
      queries: Object.entries(models).map(([refId, model]) => ({
        refId,
        maxDataPoints: 1_000n,
        timeRange: { fromEpochMS: BigInt(to - DAY_MS), toEpochMS: BigInt(to) },
        json: new TextEncoder().encode(JSON.stringify({ refId, ...model })),
      })),
    }),
  );
  return Object.fromEntries(
    Object.entries(responses).map(([refId, response]) => [
      refId,
      { ...response, read: response.frames.map(readArrow) },
    ]),
  );
}

async function health(process: Plugin, pluginContext: PluginContext) {
  const answer = await process.call(
    Diagnostics.method.checkHealth,
    create(CheckHealthRequestSchema, { pluginContext }),
  );
  return {
    ...answer,
    details: JSON.parse(new TextDecoder().decode(answer.jsonDetails)) as Record<string, unknown>,
  };
}

const column = (frame: ReadFrame | undefined, name: string): unknown[] =>
  frame?.fields.find((field) => field.name === name)?.values ?? [];

describe('remote mode', () => {
  test('a callback posted to a server is in the answer with the same diagnosis', async () => {
    const server = await runServer({
      host: '127.0.0.1',
      port: 0,
      dataFolder: join(folder, 'server'),
      token: 'open-sesame-token',
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
    try {
      const { url } = server.server;
      const posted = await fetch(`${url}/callbacks/css/default`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(signedCallback()),
      });
      expect(posted.status).toBe(200);
      await server.engine.idle();
      const headers = { authorization: 'Bearer open-sesame-token' };
      const answer = await fetch(`${url}/api/v1/breaks`, { headers });
      const { breaks } = (await answer.json()) as {
        breaks: { id: string; diagnosis: Record<string, unknown> }[];
      };
      expect(breaks).toHaveLength(1);

      const right = contextOf({ url }, { secure: { token: 'open-sesame-token' } });
      const { A, L } = await ask(first, right, {
        A: { queryType: 'breaks', filters: { outcome: ['broken', 'refused', 'ended'] } },
        L: { queryType: 'lookup', text: '6012' },
      });
      expect(A?.error).toBe('');
      const [shown] = breaks;
      expect(column(A?.read[0], 'id')).toEqual([shown?.id]);
      for (const name of ['category', 'severity', 'side', 'confidence', 'retry', 'rule', 'cause']) {
        expect([name, column(A?.read[0], name)]).toEqual([name, [shown?.diagnosis[name]]]);
      }
      expect(column(L?.read[0], 'category')).toEqual(['network']);

      // Callbacks alone are not enough to call it fine, but they work.
      const well = await health(first, right);
      expect(well.status).toBe(HealthStatus.OK);
      expect(well.message).toContain('Not verified');

      const wrong = contextOf({ url }, { uid: 'other', secure: { token: 'wrong-token' } });
      const refused = await health(first, wrong);
      expect(refused.status).toBe(HealthStatus.ERROR);
      expect(refused.message).toContain('token');
      expect(refused.message).not.toContain('wrong-token');
    } finally {
      await server.close();
    }
    const gone = await ask(first, contextOf({ url: server.server.url }, { uid: 'third' }), {
      A: { queryType: 'breaks' },
    });
    expect(gone.A).toMatchObject({ status: 502, errorSource: 'downstream' });
    expect(gone.A?.error).toContain('Cannot reach');
  });
});

describe('embedded mode', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator({
      secretId: 'AKIDsimulated',
      secretKey: SECRET_KEY,
      scenario: 'day',
      seed: 3,
    });
  });
  afterAll(() => simulator.stop());

  const embedded = (change: object = {}, secretKey = SECRET_KEY, uid = 'bw') =>
    contextOf(
      {
        mode: 'embedded',
        secretId: 'AKIDsimulated',
        endpoint: simulator.url,
        accountName: 'shop',
        // Enough for those that ask for no history.
        backfillDays: 0.01,
        ...change,
      },
      { uid, secure: { secretKey } },
    );

  test('says what is wrong with the key, the address and the folder', async () => {
    const key = await health(first, embedded({}, 'not-the-right-key', 'a'));
    expect(key.status).toBe(HealthStatus.ERROR);
    expect(key.message).toMatch(/credentials.*shop.*Check SecretId and SecretKey/s);
    expect(key.message).not.toContain('not-the-right-key');

    const address = await health(
      first,
      embedded({ endpoint: 'http://127.0.0.1:1' }, SECRET_KEY, 'b'),
    );
    expect(address.status).toBe(HealthStatus.ERROR);
    expect(address.message).toContain('API endpoint in the settings');

    const place = await health(
      first,
      embedded({ dataFolder: '/proc/breakwatch' }, SECRET_KEY, 'c'),
    );
    expect(place.status).toBe(HealthStatus.ERROR);
    expect(place.message).toContain('/proc/breakwatch');

    const nowhere = await health(second, embedded());
    expect(nowhere.status).toBe(HealthStatus.ERROR);
    expect(nowhere.message).toMatch(/dataFolder.*GF_PLUGIN_DATA_PATH/s);
    // None of it stops the process, whose handshake came first.
    expect([first.process.exitCode, second.process.exitCode]).toEqual([null, null]);
  });

  test('a directory file names streams, and one that is not there is told of', {
    timeout: 120_000,
  }, async () => {
    const directory = join(folder, 'names.csv');
    writeFileSync(directory, 'stream,room,user,team\nnamed-17,Room 9,anna,Night shift\n');
    simulator.break({
      domain: 'push.example.com',
      app: 'live',
      stream: 'named-17',
      errcode: 3,
      subErrcode: 0,
    });
    const named = embedded({ dataFolder: join(folder, 'named'), directory }, SECRET_KEY, 'named');
    await vi.waitFor(
      async () => {
        const filters = { stream: ['named-17'], outcome: ['broken', 'refused', 'ended'] };
        const { A } = await ask(first, named, { A: { queryType: 'breaks', filters } });
        expect(column(A?.read[0], 'team')).toEqual(['Night shift']);
        expect(String(column(A?.read[0], 'title')[0])).toContain('Room 9');
      },
      { timeout: 60_000, interval: 500 },
    );
    const missing = await health(
      first,
      embedded(
        { dataFolder: join(folder, 'missing'), directory: join(folder, 'no.csv') },
        SECRET_KEY,
        'missing',
      ),
    );
    expect(missing.status).toBe(HealthStatus.ERROR);
    expect(missing.message).toContain('no.csv');
  });

  test('new settings take over the folder of the old ones', async () => {
    const dataFolder = join(folder, 'own');
    const before = await health(first, embedded({ dataFolder }, SECRET_KEY, 'own'));
    expect(before.status, before.message).toBe(HealthStatus.OK);
    const after = await health(
      first,
      embedded({ dataFolder, accountName: 'shop2' }, SECRET_KEY, 'own'),
    );
    expect(after.status, after.message).toBe(HealthStatus.OK);
    expect(after.details.accounts).toMatchObject([{ account: 'shop2' }]);
  });

  test('polls from the first call on, back-fills, diagnoses and answers', async () => {
    const context = embedded({ backfillDays: 1 });
    const well = await health(first, context);
    expect(well.status, well.message).toBe(HealthStatus.OK);
    expect(well.message).toContain('is ready (embedded): 1 account');

    const ended = simulator.truth().breaks.filter(({ endedAt }) => {
      const ago = Date.now() - endedAt;
      // Inside the range that is asked for, and not so young that no poll can have it.
      return ago > 5_000 && ago < DAY_MS - 120_000;
    }).length;
    expect(ended).toBeGreaterThan(20);
    const model = {
      queryType: 'breaks',
      limit: 10_000,
      filters: { outcome: ['ended', 'broken', 'refused'] },
    };
    const breaks = async () => (await ask(first, context, { A: model })).A?.read[0];
    await expect
      .poll(async () => (await breaks())?.rows ?? 0, { timeout: 15_000 })
      .toBeGreaterThanOrEqual(ended);
    const table = await breaks();
    expect(new Set(column(table, 'account'))).toEqual(new Set(['shop']));
    expect(new Set(column(table, 'category')).size).toBeGreaterThanOrEqual(4);
    for (const name of ['cause', 'fix', 'rule']) {
      expect(column(table, name).every((value) => typeof value === 'string')).toBe(true);
    }

    // What the provisioned alert rule asks.
    const { A: alert, B: bad } = await ask(
      first,
      context,
      {
        A: { queryType: 'series', groupBy: ['category', 'severity', 'domain'] },
        B: { queryType: 'annotations' },
      },
      { FromAlert: 'true' },
    );
    expect(alert?.error).toBe('');
    expect(alert?.read.length).toBeGreaterThan(1);
    const labels = alert?.read.map((frame) => frame.fields[1]?.metadata.labels ?? '');
    expect(new Set(labels).size).toBe(labels?.length);
    expect(Object.keys(JSON.parse(labels?.[0] ?? '{}')).sort()).toEqual([
      'category',
      'domain',
      'severity',
    ]);
    for (const frame of alert?.read ?? []) {
      expect(frame.metadata.meta).toContain('"timeseries-multi"');
      expect(frame.fields.map(({ type }) => type)).toEqual(['Timestamp<NANOSECOND>', 'Float64']);
      const times = column(frame, 'time') as number[];
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    }
    expect(bad?.status).toBe(400);

    // The data is where it was told to be, and the secret is nowhere.
    expect(readdirSync(data)).toContain('1-bw');
    for (const file of readdirSync(join(data, '1-bw'))) {
      expect(readFileSync(join(data, '1-bw', file)).includes(SECRET_KEY), file).toBe(false);
    }
    expect(first.stderr.join('\n')).not.toContain(SECRET_KEY);

    // A second process can not have the same folder, and says whose it is.
    const rival = embedded({ dataFolder: join(data, '1-bw') });
    const taken = await health(second, rival);
    expect(taken.status).toBe(HealthStatus.ERROR);
    expect(taken.message).toContain(`process ${first.process.pid}`);
    expect(taken.message).toContain('Data folder in the settings');

    await first.call(GRPCController.method.shutdown, create(EmptySchema));
    expect(await first.exited).toEqual({ code: 0, signal: null });
    // Once it has ended, the folder is free and its breaks are still there.
    const after = await ask(second, rival, { A: model });
    expect(after.A?.read[0]?.rows).toBeGreaterThanOrEqual(ended);
  });
});
