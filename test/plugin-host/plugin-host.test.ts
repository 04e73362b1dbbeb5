import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Field, FieldType, Frame } from '../../src/model/frame.ts';
import { type FrameServer, serveFrames } from '../grafana/backend/serve-frames.ts';
import { buildForTest } from '../grafana/backend/start-plugin.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const FROM = 1_790_000_000_000;

interface ReadField {
  name: string;
  type: string;
  nullable: boolean;
  labels: Record<string, string> | null;
  config: Record<string, unknown> | null;
  values: unknown[];
}
interface ReadFrame {
  name: string;
  refId: string;
  meta: Record<string, unknown> | null;
  kind: string;
  fields: ReadField[];
}
interface Asked {
  protocol: number;
  health: { status: string; message: string; details: Record<string, unknown> };
  responses: Record<string, { status: number; error?: string; frames: ReadFrame[] }>;
  resources: Record<string, { code: number; body: string }>;
  metrics: string;
}

const field = (name: string, type: FieldType, values: Field['values']): Field => ({
  name,
  type,
  values,
});

/** Every column type, with and without missing values, and what is likely to upset a decoder. */
const FRAMES: Record<string, Frame[]> = {
  A: [
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
        field('count', 'number', [1, 2]),
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
  ],
  B: [
    {
      name: 'series',
      meta: { type: 'timeseries-multi', typeVersion: [0, 1] },
      fields: [
        field('time', 'time', [FROM, FROM + 60_000]),
        {
          ...field('value', 'number', [3, null]),
          labels: { category: 'auth', domain: 'push.example.com' },
          config: { displayNameFromDS: 'auth' },
        },
      ],
    },
  ],
  C: [{ name: 'none', meta: { type: 'timeseries-multi', typeVersion: [0, 1] }, fields: [] }],
  D: [
    {
      name: 'no rows',
      fields: (['time', 'number', 'string', 'boolean', 'json'] as const).map((type) =>
        field(type, type, []),
      ),
    },
  ],
  // What a server of another age might send; none of it may fail the others.
  E: [
    {
      name: 'odd',
      meta: { type: 'new', typeVersion: '1', notices: [{ severity: 'loud', text: 'x' }] },
      fields: [
        {
          ...field('value', 'number', ['7', true]),
          labels: { a: 5, b: null },
          config: { color: 'red', min: '0', links: 'none' },
        },
      ],
    } as unknown as Frame,
  ],
};

let folder: string;
let host: string;
let plugin: Awaited<ReturnType<typeof buildForTest>>;
let server: FrameServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-host-'));
  host = join(folder, 'plugin-host');
  execFileSync('go', ['build', '-o', host, '.'], { cwd: HERE, stdio: 'inherit' });
  plugin = await buildForTest();
  server = await serveFrames((refId) => FRAMES[refId] ?? []);
});
afterAll(async () => {
  await server?.close();
  plugin?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the host; its log goes to ours. */
async function runHost<T>(mode: string, executable: string, request: object, ...more: string[]) {
  const file = join(folder, 'request.json');
  writeFileSync(file, JSON.stringify(request));
  return new Promise<T>((resolve, reject) => {
    execFile(
      host,
      [mode, executable, file, ...more],
      {
        encoding: 'utf8',
        maxBuffer: 1 << 28,
        env: { ...process.env, GF_PLUGIN_NODE_PATH: process.execPath },
      },
      (error, stdout, stderr) =>
        error ? reject(new Error(`${error.message}\n${stderr}`)) : resolve(JSON.parse(stdout)),
    );
  });
}

const requestOf = (refIds: string[], headers: Record<string, string> = {}) => ({
  settings: { mode: 'remote', url: server.url },
  secure: { token: 'open-sesame-token' },
  headers,
  resources: ['values/domain', 'nothing'],
  queries: refIds.map((refId) => ({
    refId,
    from: FROM,
    to: FROM + 3_600_000,
    model: { refId, queryType: 'series', groupBy: ['category'] },
  })),
});

describe("go-plugin's own client and Grafana's own decoder", () => {
  test('take every kind of frame with labels, nullability and meta', async () => {
    const answer = await runHost<Asked>('ask', plugin.executable, requestOf(Object.keys(FRAMES)));
    expect(answer.protocol).toBe(2);
    expect(answer.health.status).toBe('OK');
    expect(answer.health.message).toContain('is ready (remote)');
    expect(answer.health.details).toMatchObject({ mode: 'remote', ok: true });
    for (const refId of Object.keys(FRAMES)) {
      expect(answer.responses[refId]).toMatchObject({ status: 200, frames: [{ refId }] });
      expect(answer.responses[refId]?.error).toBeUndefined();
    }
    const frameOf = (refId: string) => answer.responses[refId]?.frames[0] as ReadFrame;

    const table = frameOf('A');
    expect(table.name).toBe('breaks');
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
      ['count', 'float64', false, [1, 2]],
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

    const series = frameOf('B');
    expect(series.kind).toBe('wide');
    expect(series.meta).toMatchObject({ type: 'timeseries-multi', typeVersion: [0, 1] });
    expect(series.fields[1]).toMatchObject({
      type: 'float64',
      nullable: true,
      labels: { category: 'auth', domain: 'push.example.com' },
      config: { displayNameFromDS: 'auth' },
      values: [3, null],
    });

    expect(frameOf('C').fields).toEqual([]);
    expect(frameOf('C').meta).toMatchObject({ type: 'timeseries-multi' });
    expect(frameOf('D').fields.map(({ type, values }) => [type, values])).toEqual([
      ['time.Time', []],
      ['float64', []],
      ['string', []],
      ['bool', []],
      ['json.RawMessage', []],
    ]);
    expect(frameOf('E').fields[0]).toMatchObject({ values: [null, null], labels: { a: '5' } });

    expect(answer.resources['values/domain']).toEqual({
      code: 200,
      body: '{"values":["push.example.com"]}',
    });
    expect(answer.resources.nothing?.code).toBe(404);
    expect(answer.metrics).toContain('breakwatch_plugin_calls_total');
  });

  test('an alert rule gets only series', async () => {
    const answer = await runHost<Asked>(
      'ask',
      plugin.executable,
      requestOf(['A', 'B'], { FromAlert: 'true' }),
    );
    expect(answer.responses.B?.frames[0]?.kind).toBe('wide');
    // The table has a time and numbers: its first number with labels of its own remains a series.
    for (const frame of answer.responses.A?.frames ?? []) {
      expect(frame.fields.map(({ type }) => type)).toEqual(['time.Time', 'float64']);
      expect(frame.meta).toMatchObject({ type: 'timeseries-multi' });
    }
  });
});

test('thousands of calls cancelled with answers on their way do not stop the backend', async () => {
  const executable = join(folder, 'flood');
  const entry = join(HERE, 'flood-plugin.ts');
  writeFileSync(executable, `#!/bin/sh\nexec '${process.execPath}' '${entry}'\n`);
  chmodSync(executable, 0o755);
  // Without EagerDuplex more than half of such storms stop both sides for ever; without the lifted
  // reset limit hundreds of calls fail.
  for (const count of ['1500', '2500', '2500', '2500']) {
    const answer = await runHost<{ storm: Record<string, number>; answers: number }>(
      'storm',
      executable,
      requestOf(['A']),
      count,
    );
    expect(answer.answers).toBe(1);
    // Or it was no storm.
    expect(answer.storm.cancelled).toBeGreaterThan(1_000);
    expect(answer.storm.failed ?? 0).toBe(0);
  }
});
