/**
 * How fast panels are over a long history, and what they do to the thread that takes callbacks:
 * `npm run -s bench -- panels [--json] [--events 1000000] [--folder DIR] [--seconds 20] [--store postgres]`. With
 * a folder, the history is made once and kept. With PostgreSQL, it is moved into a server that is started for it.
 *
 * The processor time of an answer, of all threads of the server and of PostgreSQL, hardly depends on what else the machine does.
 * The delay of the main thread's event loop is measured while 200 clients ask, beside that of an idle thread
 * of the same process, which shows what the machine alone costs.
 *
 * @module
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { moveToPostgres } from '../src/store/move/move-to-postgres.ts';
import { SERVER_ENV, SERVER_FLAGS } from './ingest/server-flags.ts';
import { askPanel, PANELS, type Panel, startClients } from './panels/ask.ts';
import { makeHistory } from './panels/make-history.ts';
import { type BenchPostgres, startBenchPostgres } from './panels/with-postgres.ts';

const CLIENTS = 200;
const TIMES = 20;
/** A slow panel is asked fewer times, but at least three. */
const MAX_MS = 15_000;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    events: { type: 'string', default: '1000000' },
    folder: { type: 'string' },
    seconds: { type: 'string', default: '20' },
    store: { type: 'string', default: 'sqlite' },
  },
});
const events = Number(values.events);
const kept = values.folder;
const parent = kept ?? (await mkdtemp(join(tmpdir(), 'breakwatch-panels-')));
const { folder, to } = await makeHistory(join(parent, `history-${events}`), events);
const result: Record<string, number | null> = { events };

/** Moves the history into a server of its own. */
async function startDatabase(): Promise<BenchPostgres> {
  const started = await startBenchPostgres();
  const begun = performance.now();
  await moveToPostgres({ folder, settings: { url: started.url } });
  result.move_s = Math.round((performance.now() - begun) / 1_000);
  started.sql('VACUUM ANALYZE');
  result.database_mb = Math.round(
    Number(started.sql('SELECT pg_database_size(current_database())')) / 2 ** 20,
  );
  return started;
}

const postgres = values.store === 'postgres' ? await startDatabase() : undefined;
const server = fork(
  join(import.meta.dirname, 'ingest', 'server.ts'),
  ['full', folder, 'benchcallbackkey', '0', ...(postgres ? [postgres.url] : [])],
  { execArgv: [...SERVER_FLAGS], env: SERVER_ENV },
);
const [{ url }] = (await once(server, 'message')) as [{ url: string }];
// At its start, the server reads the breaks of open incidents and checks the database.
server.send('rest');
await once(server, 'message');

/** Processor time that the server has used, ms, and PostgreSQL. */
async function cpuTime(): Promise<number> {
  server.send('cpu');
  const [{ cpuMs }] = (await once(server, 'message')) as [{ cpuMs: number }];
  return cpuMs + (postgres?.cpuMs() ?? 0);
}

/** Times of a panel; null when an answer takes longer than the server allows. */
async function measure(panel: Panel): Promise<{ p95: number; cpu: number } | null> {
  const times: number[] = [];
  let cpu = 0;
  // The first one reads the files into memory.
  const end = performance.now() + MAX_MS;
  for (let turn = -1; turn < TIMES && (turn < 3 || performance.now() < end); turn++) {
    const { status, ms } = await askPanel(url, panel, to);
    if (status === 503) {
      return null;
    }
    if (status !== 200) {
      throw new Error(`${panel} was answered ${status}`);
    }
    if (turn >= 0) {
      times.push(ms);
    } else {
      cpu = await cpuTime();
    }
  }
  cpu = (await cpuTime()) - cpu;
  times.sort((a, b) => a - b);
  return {
    p95: Math.round(times[Math.floor(times.length * 0.95)] ?? 0),
    cpu: Math.round(cpu / times.length),
  };
}

try {
  for (const panel of Object.keys(PANELS) as Panel[]) {
    const measured = await measure(panel);
    result[`${panel}_p95_ms`] = measured?.p95 ?? null;
    result[`${panel}_cpu_ms`] = measured?.cpu ?? null;
  }
  const stop = startClients(url, CLIENTS, to);
  server.send('measure delay');
  await new Promise((resolve) => setTimeout(resolve, Number(values.seconds) * 1_000));
  server.send('report delay');
  const [{ delay }] = (await once(server, 'message')) as [
    { delay: { main: number; control: number; rssMb: number } },
  ];
  const { answered, refused } = await stop();
  result.main_loop_p99_ms = delay.main;
  result.control_loop_p99_ms = delay.control;
  result.clients = CLIENTS;
  result.answered = answered;
  result.refused = refused;
  result.rss_mb = delay.rssMb;
} finally {
  server.kill('SIGKILL');
  await postgres?.remove();
  if (!kept) {
    await rm(parent, { recursive: true, force: true });
  }
}
if (values.json) {
  console.log(JSON.stringify(result));
} else {
  console.table(result);
}
