/**
 * Lines per second that an import reaches, into an empty store and into one with many breaks. Each line is
 * a record of DescribeLiveStreamEventList; the lines span 30 days, newest first, as exports do. Run:
 * `npm run -s bench -- import [--breaks 500000] [--lines 20000] [--folder DIR] [--json]`. `--folder` keeps the
 * stores that are imported into for the next run; each run imports into a copy.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadRules } from '../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { importLines } from '../src/engine/collect/import-lines.ts';
import { createEngine } from '../src/engine/create-engine.ts';
import { openSqliteStore } from '../src/store/sqlite/open-sqlite-store.ts';
import { makeAccount } from '../test/helpers/make-account.ts';
import { makeHistory, SPAN_MS, STREAMS } from './import/make-history.ts';
import { SERVER_ENV, SERVER_FLAGS } from './ingest/server-flags.ts';
import { cpuSince, readThreadCpu } from './thread-cpu.ts';

/** Lines per piece of input, as a file is read. */
const PIECE = 200;

const { values } = parseArgs({
  options: {
    breaks: { type: 'string', default: '500000' },
    lines: { type: 'string', default: '20000' },
    folder: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const REASONS = [
  'Client disconnected. Recv rtmp deleteStream.',
  'The push timed out.',
  'Network jitters at the push end or the network is disconnected.',
  'The URL has expired.',
];

function line(i: number, lines: number, now: number): string {
  const endedAt = now - 60_000 - Math.floor((i / lines) * (SPAN_MS / 1_000)) * 1_000;
  const length = 60 + ((i * 7_919) % 3_600);
  return `${JSON.stringify({
    DomainName: `push-${i % 10}.example.com`,
    AppName: 'live',
    StreamName: `shop-${(i * 104_729) % STREAMS}`,
    StreamStartTime: new Date(endedAt - length * 1_000).toISOString(),
    StreamEndTime: new Date(endedAt).toISOString(),
    StopReason: REASONS[(i * 31) % REASONS.length],
    Duration: length,
    ClientIp: `203.0.113.${i % 250}`,
    Resolution: '1280*720',
  })}\n`;
}

async function* input(lines: number, now: number): AsyncGenerator<Uint8Array, void> {
  for (let i = 0; i < lines; i += PIECE) {
    const texts = Array.from({ length: Math.min(PIECE, lines - i) }, (_none, j) =>
      line(i + j, lines, now),
    );
    yield Buffer.from(texts.join(''));
  }
}

interface Result {
  /** Breaks in the store before the import. */
  breaks: number;
  linesPerSecond: number;
  /** CPU time of all threads. Unlike the speed, it hardly depends on what else the machine does. */
  cpuMsPerLine: number;
  /** Of this, by thread, as Linux shows it; those that use 1 % or more. */
  byThread: Record<string, number>;
}

/** Imports all lines into a copy of a store with this number of breaks. */
async function measure(breaks: number, lines: number, scratch: string): Promise<Result> {
  const history = join(values.folder ? resolve(values.folder) : scratch, `history-${breaks}`);
  const madeAt = await makeHistory(history, breaks);
  const folder = join(scratch, `data-${breaks}`);
  await cp(history, folder, { recursive: true });
  const { ruleSet } = await loadRules([shippedRulesFolder()]);
  const begun = performance.now();
  const engine = await createEngine({
    store: await openSqliteStore({ folder }),
    rules: ruleSet,
    accounts: [makeAccount()],
    version: 'bench',
    now: () => madeAt + Math.floor(performance.now() - begun),
  });
  try {
    await engine.settled();
    const started = performance.now();
    const cpu = process.cpuUsage();
    const threads = readThreadCpu();
    const answer = await importLines(engine, 'default', input(lines, madeAt));
    const seconds = (performance.now() - started) / 1_000;
    if (answer.accepted !== lines) {
      throw new Error(`${answer.accepted} of ${lines} lines were accepted`);
    }
    const { user, system } = process.cpuUsage(cpu);
    const perLine = (ms: number) => Number((ms / lines).toFixed(3));
    const all = (user + system) / 1_000;
    return {
      breaks,
      linesPerSecond: Math.round(lines / seconds),
      cpuMsPerLine: perLine(all),
      byThread: Object.fromEntries(
        cpuSince(threads).flatMap(([name, ms]) => (ms >= all / 100 ? [[name, perLine(ms)]] : [])),
      ),
    };
  } finally {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(): Promise<void> {
  const lines = Number(values.lines);
  const breaks = Number(values.breaks);
  const scratch = await mkdtemp(join(tmpdir(), 'bw-import-'));
  try {
    const results: Result[] = [];
    for (const size of breaks > 0 ? [0, breaks] : [0]) {
      results.push(await measure(size, lines, scratch));
    }
    print(lines, results);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function print(lines: number, results: readonly Result[]): void {
  if (values.json) {
    console.log(JSON.stringify({ lines, results }));
    return;
  }
  for (const { breaks, linesPerSecond, cpuMsPerLine, byThread } of results) {
    const threads = Object.entries(byThread).map(([name, ms]) => `${name} ${ms}`);
    console.log(
      `${lines} lines into ${breaks} breaks: ${linesPerSecond} lines/s, ${cpuMsPerLine} ms of CPU per line ` +
        `(${threads.join(', ')})`,
    );
  }
}

if (SERVER_FLAGS.every((flag) => process.execArgv.includes(flag))) {
  await run();
} else {
  const args = [...SERVER_FLAGS, import.meta.filename, ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', env: SERVER_ENV });
  process.exitCode = status ?? 1;
}
