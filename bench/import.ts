/**
 * Lines per second that an import reaches, into an empty store and into one with many breaks. Each line is
 * a record of DescribeLiveStreamEventList; the lines span 30 days, newest first, as exports do. Run:
 * `npm run -s bench -- import [--breaks 500000] [--lines 20000] [--json]`. Writes to the folder for
 * temporary files, or to BREAKWATCH_BENCH_FOLDER.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadRules } from '../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { importLines } from '../src/engine/collect/import-lines.ts';
import { createEngine } from '../src/engine/create-engine.ts';
import type { BreakRecord } from '../src/model/break.ts';
import type { Push } from '../src/model/push.ts';
import { openSqliteStore } from '../src/store/sqlite/open-sqlite-store.ts';
import { SERVER_ENV, SERVER_FLAGS } from './ingest/server-flags.ts';

const DAY_MS = 86_400_000;
const SPAN_MS = 30 * DAY_MS;
const STREAMS = 2_000;
/** Records per transaction while the store is filled. */
const FILL = 5_000;
/** Lines per piece of input, as a file is read. */
const PIECE = 200;

const { values } = parseArgs({
  options: {
    breaks: { type: 'string', default: '500000' },
    lines: { type: 'string', default: '20000' },
    json: { type: 'boolean', default: false },
  },
});
const now = Math.floor(Date.now() / 1_000) * 1_000;

const REASONS = [
  'Client disconnected. Recv rtmp deleteStream.',
  'The push timed out.',
  'Network jitters at the push end or the network is disconnected.',
  'The URL has expired.',
];

function line(i: number, lines: number): string {
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

async function* input(lines: number): AsyncGenerator<Uint8Array, void> {
  for (let i = 0; i < lines; i += PIECE) {
    const texts = Array.from({ length: Math.min(PIECE, lines - i) }, (_none, j) =>
      line(i + j, lines),
    );
    yield Buffer.from(texts.join(''));
  }
}

/** How long a stream is down after a stored break, ms. */
const DOWN_MS = 30_000;

/** When a stored break happened. Before the first break of a stream, it counts backwards. */
function endOf(i: number, breaks: number): number {
  return now - SPAN_MS + Math.floor((i / breaks) * SPAN_MS);
}

/** The push that a stored break ended. It began when the stream recovered from the break before. */
function storedPush(i: number, breaks: number): Push {
  const { account, domain, app, stream, startedAt, endedAt, sequence } = storedBreak(
    i,
    breaks,
  ).event;
  return { account, domain, app, stream, startedAt: startedAt as number, endedAt, sequence };
}

function storedBreak(i: number, breaks: number): BreakRecord {
  const endedAt = endOf(i, breaks);
  const startedAt = endOf(i - STREAMS, breaks) + DOWN_MS;
  const durationMs = endedAt - startedAt;
  return {
    event: {
      id: `stored-${i}`,
      account: 'default',
      domain: `push-${(i * 31) % 10}.example.com`,
      app: 'live',
      stream: `shop-${(i * 104_729) % STREAMS}`,
      outcome: 'broken',
      startedAt,
      endedAt,
      durationMs,
      reason: 'network',
      code: { errcode: 13, subErrcode: null },
      bypassCode: null,
      reasonText: 'The push timed out.',
      clientIp: `203.0.113.${i % 250}`,
      node: `node-${i % 40}`,
      resolution: '1280*720',
      sequence: `26747035${String(i).padStart(11, '0')}`,
      recoveredAt: i + STREAMS < breaks ? endedAt + DOWN_MS : null,
      sources: [{ source: 'callback', key: `stored-${i}:0`, receivedAt: endedAt + 900 }],
      facts: { reason: 'network', secondsLive: Math.floor(durationMs / 1_000) },
    },
    verdict: {
      reason: 'network',
      category: 'network',
      outcome: 'broken',
      severity: 'warning',
      side: 'network',
      retry: '30s',
      runbook: 'network-cut',
      rule: { id: 'network/cut', hash: '0123456789ab', file: 'network/cut.json', name: 'Network' },
      ruleSet: 'ba9876543210',
      confidence: 'likely',
      ground: 'evidence',
      evidence: [],
      notChecked: [],
      alternates: [],
    },
  };
}

interface Result {
  /** Breaks in the store before the import. */
  breaks: number;
  linesPerSecond: number;
  /** CPU time of all threads. Unlike the speed, it hardly depends on what else the machine does. */
  cpuMsPerLine: number;
}

/** Imports all lines into a store with this number of breaks. */
async function measure(breaks: number, lines: number): Promise<Result> {
  const folder = await mkdtemp(join(process.env.BREAKWATCH_BENCH_FOLDER ?? tmpdir(), 'bw-import-'));
  try {
    const { ruleSet } = await loadRules([shippedRulesFolder()]);
    const fill = await openSqliteStore({ folder, synchronous: 'normal' });
    for (let i = 0; i < breaks; i += FILL) {
      const numbers = Array.from({ length: Math.min(FILL, breaks - i) }, (_none, j) => i + j);
      await fill.commit({
        breaks: numbers.map((number) => storedBreak(number, breaks)),
        removed: [],
        pushes: numbers.map((number) => storedPush(number, breaks)),
        cursor: 0,
      });
    }
    await fill.close();
    const engine = await createEngine({
      store: await openSqliteStore({ folder }),
      rules: ruleSet,
      accounts: [
        {
          name: 'default',
          site: 'cn',
          callbackKeys: [],
          pushKeys: [],
          backfillMs: 0,
          pollSeconds: 10,
        },
      ],
      version: 'bench',
    });
    try {
      await engine.settled();
      const started = performance.now();
      const cpu = process.cpuUsage();
      const answer = await importLines(engine, 'default', input(lines));
      const seconds = (performance.now() - started) / 1_000;
      if (answer.accepted !== lines) {
        throw new Error(`${answer.accepted} of ${lines} lines were accepted`);
      }
      const { user, system } = process.cpuUsage(cpu);
      const cpuMsPerLine = Number(((user + system) / 1_000 / lines).toFixed(3));
      return { breaks, linesPerSecond: Math.round(lines / seconds), cpuMsPerLine };
    } finally {
      await engine.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(): Promise<void> {
  const lines = Number(values.lines);
  const breaks = Number(values.breaks);
  const results = [await measure(0, lines), ...(breaks > 0 ? [await measure(breaks, lines)] : [])];
  if (values.json) {
    console.log(JSON.stringify({ lines, results }));
    return;
  }
  for (const { breaks, linesPerSecond, cpuMsPerLine } of results) {
    console.log(
      `${lines} lines into ${breaks} breaks: ${linesPerSecond} lines/s, ${cpuMsPerLine} ms of CPU per line`,
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
