import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { create } from '@bufbuild/protobuf';
import { EmptySchema as PlainEmptySchema } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  EmptySchema,
  GRPCBroker,
  GRPCController,
  GRPCStdio,
} from '../../../src/grafana/backend/gen/go-plugin_pb.js';
import {
  Health,
  HealthCheckRequestSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from '../../../src/grafana/backend/gen/health_pb.js';
import {
  CallResourceRequestSchema,
  type CallResourceResponse,
  CheckHealthRequestSchema,
  CollectMetricsRequestSchema,
  Data,
  Diagnostics,
  CheckHealthResponse_HealthStatus as HealthStatus,
  type PluginContext,
  QueryDataRequestSchema,
  Resource,
} from '../../../src/grafana/backend/gen/pluginv2_pb.js';
import { serviceDefinition } from '../../../src/grafana/backend/service-definition.ts';
import type { Frame } from '../../../src/model/frame.ts';
import { contextOf } from './memory-service.ts';
import { readArrow } from './read-arrow.ts';
import { type FrameServer, serveFrames } from './serve-frames.ts';
import {
  buildForTest,
  GRAFANA_ENVIRONMENT,
  type Plugin,
  spawnPlugin,
  startPlugin,
} from './start-plugin.ts';

const FROM = 1_790_000_000_000;
const SERIES: Frame = {
  name: 'series',
  meta: { type: 'timeseries-multi', typeVersion: [0, 1] },
  fields: [
    { name: 'time', type: 'time', values: [FROM, FROM + 60_000] },
    {
      name: 'value',
      type: 'number',
      values: [1, null],
      labels: { category: 'auth', severity: 'critical' },
      config: { displayNameFromDS: 'auth critical' },
    },
  ],
};

let plugin: Awaited<ReturnType<typeof buildForTest>>;
let server: FrameServer;
let running: Plugin | undefined;

beforeAll(async () => {
  plugin = await buildForTest();
  server = await serveFrames(() => [SERIES]);
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
});
afterAll(async () => {
  await server.close();
  plugin.remove();
});

async function start(environment?: Record<string, string>): Promise<Plugin> {
  running = await startPlugin(plugin.executable, environment);
  return running;
}

const socketOf = (handshake: string) => handshake.split('|')[3] as string;

const queryData = (pluginContext: PluginContext, headers: Record<string, string> = {}, pad = '') =>
  create(QueryDataRequestSchema, {
    pluginContext,
    headers,
    queries: ['A', 'B'].map((refId) => ({
      refId,
      maxDataPoints: 100n,
      timeRange: { fromEpochMS: BigInt(FROM), toEpochMS: BigInt(FROM + 3_600_000) },
      json: new TextEncoder().encode(
        JSON.stringify({ refId, queryType: 'series', groupBy: ['category'] }) + pad,
      ),
    })),
  });

function callResource(process: Plugin, path: string): Promise<CallResourceResponse[]> {
  const definition = serviceDefinition(Resource).callResource;
  return new Promise((resolve, reject) => {
    if (!definition) {
      throw new Error('no method callResource');
    }
    const parts: CallResourceResponse[] = [];
    const call = process.client(Resource).makeServerStreamRequest(
      definition.path,
      definition.requestSerialize,
      definition.responseDeserialize,
      create(CallResourceRequestSchema, {
        pluginContext: contextOf({ url: server.url }),
        path,
        url: path,
        method: 'GET',
      }),
    );
    call.on('data', (part: CallResourceResponse) => parts.push(part));
    call.on('end', () => resolve(parts));
    call.on('error', reject);
  });
}

describe('the executable, started as Grafana does', () => {
  test('answers health, queries, resources and metrics, and ends when told to', async () => {
    const process = await start();
    expect(process.handshake).toMatch(/^1\|2\|unix\|\/.+\|grpc\|$/);
    // Nobody but the owner may connect.
    expect(statSync(socketOf(process.handshake)).mode & 0o077).toBe(0);

    const ping = await process.call(
      Health.method.check,
      create(HealthCheckRequestSchema, { service: 'plugin' }),
    );
    expect(ping.status).toBe(ServingStatus.SERVING);

    const context = contextOf({ url: server.url }, { secure: { token: 'open-sesame-token' } });
    const health = await process.call(
      Diagnostics.method.checkHealth,
      create(CheckHealthRequestSchema, { pluginContext: context }),
    );
    expect(health.status).toBe(HealthStatus.OK);
    expect(health.message).toContain('is ready (remote)');
    expect(server.authorizations.at(-1)).toBe('Bearer open-sesame-token');

    const { responses } = await process.call(Data.method.queryData, queryData(context));
    expect(Object.keys(responses).sort()).toEqual(['A', 'B']);
    expect(responses.B).toMatchObject({ status: 200, error: '' });
    const frame = readArrow(responses.B?.frames[0] as Uint8Array);
    expect(frame.metadata).toEqual({
      name: 'series',
      refId: 'B',
      meta: '{"type":"timeseries-multi","typeVersion":[0,1]}',
    });
    expect(frame.fields.map(({ name, type, nullable }) => [name, type, nullable])).toEqual([
      ['time', 'Timestamp<NANOSECOND>', false],
      ['value', 'Float64', true],
    ]);
    expect(frame.fields[0]?.raw).toEqual([
      BigInt(FROM) * 1_000_000n,
      BigInt(FROM + 60_000) * 1_000_000n,
    ]);
    expect(frame.fields[1]?.values).toEqual([1, null]);
    expect(frame.fields[1]?.metadata).toEqual({
      labels: '{"category":"auth","severity":"critical"}',
      config: '{"displayNameFromDS":"auth critical"}',
    });

    const [part, ...more] = await callResource(process, 'values/domain');
    expect(more).toEqual([]);
    expect(part?.code).toBe(200);
    expect(part?.headers['Content-Type']?.values[0]).toContain('application/json');
    expect(JSON.parse(new TextDecoder().decode(part?.body))).toEqual({
      values: ['push.example.com'],
    });
    const [missing] = await callResource(process, 'nothing');
    expect(missing?.code).toBe(404);

    const { metrics } = await process.call(
      Diagnostics.method.collectMetrics,
      create(CollectMetricsRequestSchema),
    );
    const counted = new TextDecoder().decode(metrics?.prometheus);
    expect(counted).toContain('breakwatch_plugin_calls_total{method="QueryData",result="ok"} 1');
    expect(counted).toContain('breakwatch_plugin_datasources{mode="remote"} 1');

    await process.call(GRPCController.method.shutdown, create(EmptySchema));
    expect(await process.exited).toEqual({ code: 0, signal: null });
    expect(existsSync(socketOf(process.handshake))).toBe(false);
    // One line and no other, ever.
    expect(process.stdout).toEqual([process.handshake]);
    for (const line of process.stderr) {
      const entry = JSON.parse(line) as Record<string, unknown>;
      expect(['trace', 'debug', 'info', 'warn', 'error']).toContain(entry['@level']);
      expect(entry['@message']).toEqual(expect.any(String));
      expect(entry['@timestamp']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
      expect(line).not.toContain('sesame');
    }
    expect(process.stderr.length).toBeGreaterThan(0);
  });

  test('refuses to run without the cookie, in words for a human', async () => {
    for (const environment of [{}, { ...GRAFANA_ENVIRONMENT, grafana_plugin_type: 'renderer' }]) {
      const { exited, stdout, stderr } = spawnPlugin(plugin.executable, environment);
      expect((await exited).code).toBe(1);
      expect(stdout).toEqual([]);
      expect(stderr.join(' ')).toContain('Grafana starts it');
    }
  });

  test('ends when Grafana dies without a word', async () => {
    // A parent of its own, that can be killed.
    const parent = spawn(
      process.execPath,
      [
        '-e',
        `const c = require('node:child_process').spawn(${JSON.stringify(plugin.executable)}, { stdio: ['ignore', 'pipe', 'ignore'] });
         c.stdout.once('data', (line) => console.log(c.pid + '|' + line));
         setInterval(() => {}, 1000);`,
      ],
      {
        env: { ...GRAFANA_ENVIRONMENT, GF_PLUGIN_NODE_PATH: process.execPath },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const line = await new Promise<string>((resolve) =>
      createInterface({ input: parent.stdout }).once('line', resolve),
    );
    const [pid, ...handshake] = line.split('|');
    const alive = () => {
      try {
        // A zombie that nobody reaps is dead too.
        return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
      } catch {
        return false;
      }
    };
    expect(alive()).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(alive, { timeout: 10_000 }).toBe(false);
    expect(existsSync(socketOf(handshake.join('|')))).toBe(false);
  });

  test('finishes calls in hand when told to end, and takes no more', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let asked: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const slow = await serveFrames(async () => {
      asked();
      await held;
      return [SERIES];
    });
    const process = await start();
    const context = contextOf({ url: slow.url });
    const inFlight = process.call(Data.method.queryData, queryData(context));
    await reached;
    const shutdown = process.call(GRPCController.method.shutdown, create(EmptySchema));
    const ping = () =>
      process.call(Health.method.check, create(HealthCheckRequestSchema)).then(
        () => 'taken',
        (error: { details: string }) => error.details,
      );
    await expect.poll(ping, { interval: 5 }).toContain('is ending');
    release();
    expect((await inFlight).responses.A?.status).toBe(200);
    await shutdown;
    expect(await process.exited).toEqual({ code: 0, signal: null });
    await slow.close();
  });

  test('says in the log what is wrong when its Node is none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'breakwatch-node-'));
    const { exited, stderr, stdout } = spawnPlugin(plugin.executable, {
      ...GRAFANA_ENVIRONMENT,
      GF_PLUGIN_NODE_PATH: join(folder, 'missing'),
    });
    expect((await exited).code).toBe(1);
    expect(stdout).toEqual([]);
    expect(JSON.parse(stderr[0] as string)).toMatchObject({
      '@level': 'error',
      '@message': expect.stringContaining('GF_PLUGIN_NODE_PATH'),
    });
    rmSync(folder, { recursive: true });
  });

  test('falls back to a loopback port, and is not reached by NODE_OPTIONS of Grafana', async () => {
    const preload = join(plugin.folder, 'noisy.cjs');
    writeFileSync(preload, 'require("node:fs").writeSync(1, "a banner\\n");');
    const process = await start({
      NODE_OPTIONS: `--require ${preload}`,
      // Where no socket can be made.
      PLUGIN_UNIX_SOCKET_DIR: '/nonexistent/folder',
    });
    expect(process.stdout).toEqual([process.handshake]);
    const [, , network, address] = process.handshake.split('|');
    expect(network).toBe('tcp');
    expect(address).toMatch(/^127\.0\.0\.1:(1\d{4}|2[0-4]\d{3}|25000)$/);
    const { responses } = await process.call(
      Data.method.queryData,
      queryData(contextOf({ url: server.url })),
    );
    expect(responses.A?.status).toBe(200);
  });
});

describe('one process through a day', () => {
  let process: Plugin;
  beforeAll(async () => {
    process = await startPlugin(plugin.executable);
  });
  afterAll(() => process.stop());

  test('keeps broker and stdio streams open and silent', async () => {
    const messages: unknown[] = [];
    const ends: string[] = [];
    const broker = serviceDefinition(GRPCBroker).startStream;
    const stdio = serviceDefinition(GRPCStdio).streamStdio;
    if (!broker || !stdio) {
      throw new Error('no such methods');
    }
    const brokerCall = process
      .client(GRPCBroker)
      .makeBidiStreamRequest(broker.path, broker.requestSerialize, broker.responseDeserialize);
    const stdioCall = process
      .client(GRPCStdio)
      .makeServerStreamRequest(
        stdio.path,
        stdio.requestSerialize,
        stdio.responseDeserialize,
        create(PlainEmptySchema),
      );
    for (const [name, call] of [
      ['broker', brokerCall],
      ['stdio', stdioCall],
    ] as const) {
      call.on('data', (message: unknown) => messages.push(message));
      call.on('status', ({ code }: { code: number }) => ends.push(`${name} ${code}`));
      call.on('error', () => undefined);
    }
    // Whatever these streams do comes before the answer to a later call on the same connection.
    const { responses } = await process.call(
      Data.method.queryData,
      queryData(contextOf({ url: server.url })),
    );
    expect(responses.A?.status).toBe(200);
    expect([messages, ends]).toEqual([[], []]);
    stdioCall.cancel();
    brokerCall.end();
    await expect.poll(() => ends.sort()).toEqual(['broker 0', 'stdio 1']);
  });

  test('refuses a request above 16 MiB and goes on', async () => {
    const context = contextOf({ url: server.url });
    const large = process.call(
      Data.method.queryData,
      queryData(context, {}, ' '.repeat(8.6 * 1024 * 1024)),
    );
    await expect(large).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    // Just below the limit, which the gRPC library alone would refuse above 4 MiB.
    const { responses } = await process.call(
      Data.method.queryData,
      queryData(context, {}, ' '.repeat(7.9 * 1024 * 1024)),
    );
    expect(responses.B?.status).toBe(200);
  });

  test('outlives a dashboard that is left: a storm of cancelled calls', async () => {
    const context = contextOf({ url: server.url });
    const request = queryData(context);
    await process.call(Data.method.queryData, request);
    const ends = Array.from({ length: 1_500 }, () =>
      process
        .call(Data.method.queryData, request, {
          onStart: (call) => setTimeout(() => call.cancel(), Math.random() * 100),
        })
        .then(
          () => status.OK,
          (error: { code: number }) => error.code,
        ),
    );
    // Node ends a connection with so many resets unless told otherwise; others' calls would fail.
    const codes = new Set(await Promise.all(ends));
    codes.delete(status.OK);
    expect([...codes]).toEqual([status.CANCELLED]);
    const { responses } = await process.call(Data.method.queryData, request);
    expect(responses.A?.status).toBe(200);
  });

  test('ends on SIGTERM, ignores SIGINT', async () => {
    process.process.kill('SIGINT');
    await wait(100);
    const ping = await process.call(Health.method.check, create(HealthCheckRequestSchema));
    expect(ping.status).toBe(ServingStatus.SERVING);
    process.process.kill('SIGTERM');
    expect(await process.exited).toEqual({ code: 0, signal: null });
    expect(existsSync(socketOf(process.handshake))).toBe(false);
  });
});

test('the plugin folder has what Grafana looks for', () => {
  const json = JSON.parse(readFileSync(join(plugin.folder, 'plugin.json'), 'utf8'));
  expect(json).toMatchObject({
    id: 'breakwatch-css-datasource',
    type: 'datasource',
    backend: true,
    alerting: true,
    annotations: true,
    executable: 'gpx_breakwatch',
    info: {
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      updated: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    },
  });
  expect(existsSync(join(plugin.folder, json.info.logos.small))).toBe(true);
  for (const system of ['linux_amd64', 'linux_arm64', 'darwin_amd64', 'darwin_arm64']) {
    expect(statSync(join(plugin.folder, `gpx_breakwatch_${system}`)).mode & 0o777).toBe(0o755);
  }
});
