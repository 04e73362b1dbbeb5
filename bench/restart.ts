/**
 * How long a restart takes: from the start of `breakwatch serve` on a data folder with a long history until
 * `/readyz` answers 200, and the processor time of all its threads until then, which hardly depends on what
 * else the machine does. Run:
 * `npm run -s bench -- restart [--json] [--events 1000000] [--times 5] [--folder DIR]`. With a folder, the
 * history is made once and kept. Each server is killed with SIGKILL, so the next one starts as after a crash.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SERVER_ENV, SERVER_FLAGS } from './ingest/server-flags.ts';
import { makeHistory } from './panels/make-history.ts';

const MAIN = join(import.meta.dirname, '../src/cli/main.ts');
/** Interval between two requests to `/readyz`, ms. */
const ASK_EVERY_MS = 10;
/** Each server answers for this time before it is killed, ms: it then has open files and started threads. */
const RUN_MS = 2_000;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    events: { type: 'string', default: '1000000' },
    times: { type: 'string', default: '5' },
    folder: { type: 'string' },
  },
});
const events = Number(values.events);
const parent = values.folder ?? (await mkdtemp(join(tmpdir(), 'breakwatch-restart-')));
const { folder } = await makeHistory(join(parent, `history-${events}`), events);
const config = join(parent, 'breakwatch.yaml');
await writeFile(config, 'accounts:\n  - { name: default, callbackKeys: [benchcallbackkey] }\n');

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

async function isReady(url: string): Promise<boolean> {
  try {
    const { status } = await fetch(`${url}/readyz`);
    return status === 200;
  } catch {
    return false;
  }
}

/** Processor time that a process has used, ms; null where the system does not have `/proc`. */
async function cpuTime(pid: number | undefined): Promise<number | null> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // User and system time, in hundredths of a second.
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return null;
  }
}

interface Restart {
  readyMs: number;
  cpuMs: number | null;
}

/** Starts the server, and kills it a little after it was ready. */
async function measure(): Promise<Restart> {
  const port = await freePort();
  const started = performance.now();
  const server = spawn(process.execPath, [...SERVER_FLAGS, MAIN, 'serve'], {
    env: {
      ...SERVER_ENV,
      BREAKWATCH_CONFIG: config,
      BREAKWATCH_DATA: folder,
      BREAKWATCH_PORT: String(port),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  server.stderr.on('data', (data) => {
    errors = (errors + data).slice(-2_000);
  });
  const exited = once(server, 'exit');
  try {
    while (!(await isReady(`http://127.0.0.1:${port}`))) {
      if (server.exitCode !== null) {
        throw new Error(`The server exited (${server.exitCode}): ${errors}`);
      }
      await wait(ASK_EVERY_MS);
    }
    const readyMs = Math.round(performance.now() - started);
    const cpuMs = await cpuTime(server.pid);
    await wait(RUN_MS);
    return { readyMs, cpuMs };
  } finally {
    server.kill('SIGKILL');
    await exited;
  }
}

const restarts: Restart[] = [];
try {
  for (let time = 0; time < Number(values.times); time++) {
    restarts.push(await measure());
  }
} finally {
  if (values.folder === undefined) {
    await rm(parent, { recursive: true, force: true });
  }
}
const times = restarts.map(({ readyMs }) => readyMs);
const median = restarts.toSorted((a, b) => a.readyMs - b.readyMs)[Math.floor(times.length / 2)];
const result = {
  events,
  ready_ms: median?.readyMs,
  ready_max_ms: Math.max(...times),
  cpu_ms: median?.cpuMs,
  times_ms: times,
};
if (values.json) {
  console.log(JSON.stringify(result));
} else {
  console.log(
    `${events} events: ready after ${result.ready_ms} ms (median of ${times.length} restarts, ` +
      `${result.cpu_ms} ms of processor time), at most ${result.ready_max_ms} ms`,
  );
}
