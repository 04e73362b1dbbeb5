/**
 * How many signed callbacks per second are accepted and on disk, with the load generator on the same
 * machine: `npm run -s bench -- ingest [--json] [--seconds 10] [--clients 50] [--rate 3000]
 * [--store postgres]`.
 *
 * One run measures the maximum rate, and the p99 at 3,000/s, with synchronous=FULL and with NORMAL; the
 * maximum rate of a Fastify handler that stores nothing (`floor`); and plain writes to the same disk. With
 * `--clients`, it measures only synchronous=FULL, and so many clients ask for panels while callbacks come at
 * 3,000/s. With PostgreSQL, a server of its own is started, and the processor time of each thread and process is
 * measured while callbacks come at 3,000/s, until all are derived.
 *
 * @module
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CallbackSource } from './ingest/callback-source.ts';
import { probeDisk } from './ingest/probe-disk.ts';
import { type SendResult, sendCallbacks } from './ingest/send-callbacks.ts';
import { SERVER_ENV, SERVER_FLAGS } from './ingest/server-flags.ts';
import { startClients } from './panels/ask.ts';
import { type BenchPostgres, startBenchPostgres } from './panels/with-postgres.ts';

const CONNECTIONS = 64;
const CALLBACK_KEY = 'benchcallbackkey';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    seconds: { type: 'string', default: '10' },
    clients: { type: 'string', default: '0' },
    store: { type: 'string', default: 'sqlite' },
    rate: { type: 'string', default: '3000' },
  },
});
/** Callbacks per second. */
const RATE = Number(values.rate);
/** The threads for queries start with the first question, once in the life of a server, ms. */
const WARM_UP_MS = 3_000;
const seconds = Number(values.seconds);
const clients = Number(values.clients);

interface Measured {
  ceiling: SendResult;
  atRate: SendResult | null;
  lost: number;
  /** Answers to clients that asked for panels meanwhile. */
  panels?: { answered: number; refused: number };
  /** Processor time of a callback at the rate, µs, by program and thread or process. */
  cpu: Record<string, number>;
  /** From the last answer at the rate until all is derived, s. */
  behind: number;
}

/** Processor time by program and thread or process, ms. */
async function readCpu(
  server: ChildProcess,
  postgres: BenchPostgres | undefined,
): Promise<Map<string, number>> {
  server.send('threads');
  const [{ threads }] = (await once(server, 'message')) as [{ threads: [string, number][] }];
  const { user, system } = process.cpuUsage();
  return new Map([
    ['generator', (user + system) / 1_000],
    ...threads.map(([name, ms]) => [`server ${name}`, ms] as const),
    ...[...(postgres?.cpuByProcess() ?? [])].map(([name, ms]) => [`postgres ${name}`, ms] as const),
  ]);
}

function cpuPerCallback(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  callbacks: number,
): Record<string, number> {
  const used = [...after]
    .map(([name, ms]): [string, number] => [
      name,
      Math.round(((ms - (before.get(name) ?? 0)) * 1_000) / callbacks),
    ])
    .filter(([, us]) => us > 0)
    .sort(([, a], [, b]) => b - a);
  return Object.fromEntries(used);
}

async function measure(kind: 'full' | 'normal' | 'floor'): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'breakwatch-ingest-'));
  const postgres =
    values.store === 'postgres' && kind !== 'floor' ? await startBenchPostgres() : undefined;
  const server = fork(
    join(import.meta.dirname, 'ingest', 'server.ts'),
    [kind, folder, CALLBACK_KEY, '0', ...(postgres ? [postgres.url] : [])],
    { execArgv: [...SERVER_FLAGS], env: SERVER_ENV },
  );
  try {
    const [{ url }] = (await once(server, 'message')) as [{ url: string }];
    const source = new CallbackSource(CALLBACK_KEY, new URL(url).host);
    const send = (part: { seconds: number; rate?: number }) =>
      sendCallbacks({ url, source, connections: CONNECTIONS, ...part });
    await send({ seconds: 2 });
    const ceiling = await send({ seconds });
    if (kind === 'floor') {
      return { ceiling, atRate: null, lost: 0, cpu: {}, behind: 0 };
    }
    const settle = async () => {
      server.send('settle');
      const [{ settled }] = (await once(server, 'message')) as [{ settled: { journal: number } }];
      return settled.journal;
    };
    await settle();
    const stop = clients > 0 ? startClients(url, clients, Date.now()) : undefined;
    await sleep(stop ? WARM_UP_MS : 0);
    const before = await readCpu(server, postgres);
    const atRate = await send({ seconds, rate: RATE });
    const panels = await stop?.();
    const answered = performance.now();
    const lost = source.made - (await settle());
    const behind = (performance.now() - answered) / 1_000;
    const cpu = cpuPerCallback(before, await readCpu(server, postgres), atRate.accepted);
    return { ceiling, atRate, lost, cpu, behind, ...(panels && { panels }) };
  } finally {
    server.kill('SIGKILL');
    await postgres?.remove();
    await rm(folder, { recursive: true, force: true });
  }
}

const disk = await probeDisk(tmpdir());
const full = await measure('full');
if (clients > 0) {
  const figures = {
    clients,
    p99_ms: Number(full.atRate?.p99.toFixed(1)),
    p50_ms: Number(full.atRate?.p50.toFixed(1)),
    ...full.panels,
    disk_ms: disk,
    lost: full.lost,
  };
  console.log(values.json ? JSON.stringify(figures) : figures);
  process.exit();
}
if (values.store === 'postgres') {
  const figures = {
    per_s: full.ceiling.perSecond,
    p99_ms: Number(full.atRate?.p99.toFixed(1)),
    p50_ms: Number(full.atRate?.p50.toFixed(1)),
    at_rate_per_s: full.atRate?.perSecond,
    ceiling_p99_ms: Number(full.ceiling.p99.toFixed(1)),
    disk_ms: disk,
    refused: full.ceiling.refused + (full.atRate?.refused ?? 0),
    lost: full.lost,
    behind_s: Math.round(full.behind),
    cpu_us: full.cpu,
  };
  console.log(values.json ? JSON.stringify(figures) : figures);
  process.exit();
}
const normal = await measure('normal');
const floor = await measure('floor');

const result = {
  per_s: full.ceiling.perSecond,
  p99_ms: Number(full.atRate?.p99.toFixed(1)),
  floor_per_s: floor.ceiling.perSecond,
  at_rate: {
    rate: RATE,
    per_s: full.atRate?.perSecond,
    p50_ms: Number(full.atRate?.p50.toFixed(1)),
  },
  ceiling_p99_ms: Number(full.ceiling.p99.toFixed(1)),
  normal: { per_s: normal.ceiling.perSecond, p99_ms: Number(normal.atRate?.p99.toFixed(1)) },
  disk_ms: disk,
  refused: full.ceiling.refused + (full.atRate?.refused ?? 0),
  lost: full.lost,
};
if (values.json) {
  console.log(JSON.stringify(result));
} else {
  console.table(result);
}
