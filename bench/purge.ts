/**
 * Cost of a purge: the p99 of callbacks at 500/s while 100,000 breaks and as many journal entries are
 * deleted, and while nothing is deleted, in turns on one server:
 * `npm run -s bench -- purge [--json] [--seconds 5] [--breaks 100000]
 * [--windows 100]`. With fewer windows, the purge finishes without load.
 *
 * @module
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadRules } from '../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../src/diagnosis/rule-files/shipped-rules-folder.ts';
import type { RetentionHealth } from '../src/model/health.ts';
import { openSqliteStore } from '../src/store/sqlite/open-sqlite-store.ts';
import { makeHistory } from './backtest/make-history.ts';
import { CallbackSource } from './ingest/callback-source.ts';
import { type SendResult, sendCallbacks } from './ingest/send-callbacks.ts';
import { SERVER_ENV, SERVER_FLAGS } from './ingest/server-flags.ts';

const RATE = 500;
/** Number of windows before the purge, and after it. */
const WINDOWS = 5;
const CONNECTIONS = 64;
const CALLBACK_KEY = 'benchcallbackkey';
/** The made history is older than this, so all of it is deleted, and nothing that arrives. */
const KEEP_DAYS = 1;
const JOURNAL_AT_ONCE = 1_000;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    seconds: { type: 'string', default: '5' },
    breaks: { type: 'string', default: '100000' },
    windows: { type: 'string', default: '100' },
  },
});
const seconds = Number(values.seconds);
const breaks = Number(values.breaks);

async function fill(folder: string): Promise<void> {
  const { ruleSet } = await loadRules([shippedRulesFolder()]);
  await makeHistory(folder, breaks, ruleSet, () => undefined);
  const store = await openSqliteStore({ folder });
  const body = JSON.parse(
    String(new CallbackSource(CALLBACK_KEY, 'x').next()).split('\r\n\r\n')[1] as string,
  );
  let cursor = 0;
  for (let from = 0; from < breaks; from += JOURNAL_AT_ONCE) {
    const entries = Array.from({ length: JOURNAL_AT_ONCE }, (_, i) => ({
      account: 'default',
      source: 'callback' as const,
      key: `old-${from + i}`,
      receivedAt: Date.UTC(2026, 0, 1),
      body,
      derived: {},
    }));
    cursor = (await store.append(entries)).at(-1)?.seq ?? cursor;
  }
  await store.commit({ breaks: [], removed: [], pushes: [], cursor });
  await store.close();
}

/** Median and maximum of several windows. */
function figures(results: readonly SendResult[]) {
  const of = (read: (result: SendResult) => number) => {
    const sorted = results.map(read).sort((a, b) => a - b);
    return [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)].map((one) => one?.toFixed(1));
  };
  return { windows: results.length, p50_ms: of(({ p50 }) => p50), p99_ms: of(({ p99 }) => p99) };
}

const folder = await mkdtemp(join(tmpdir(), 'breakwatch-purge-'));
await fill(folder);
const sizes = async () => {
  const files = ['breakwatch.db', 'journal.db'].map((file) => stat(join(folder, file)));
  return (await Promise.all(files)).map(({ size }) => Math.round(size / 1e6));
};
const before = await sizes();
const server = fork(
  join(import.meta.dirname, 'ingest', 'server.ts'),
  ['full', folder, CALLBACK_KEY, String(KEEP_DAYS)],
  { execArgv: [...SERVER_FLAGS], env: SERVER_ENV },
);
try {
  const [{ url }] = (await once(server, 'message')) as [{ url: string }];
  const source = new CallbackSource(CALLBACK_KEY, new URL(url).host);
  /** Sends in windows of a few seconds, while `isWanted` returns true. */
  async function sendWhile(isWanted: (windows: number) => boolean): Promise<SendResult[]> {
    const results: SendResult[] = [];
    while (isWanted(results.length)) {
      results.push(
        await sendCallbacks({ url, source, connections: CONNECTIONS, seconds, rate: RATE }),
      );
    }
    return results;
  }
  await sendWhile((windows) => windows < 1);
  const first = await sendWhile((windows) => windows < WINDOWS);
  let purge: { done: RetentionHealth; seconds: number } | undefined;
  server.on('message', (message: { done: RetentionHealth; seconds: number } | object) => {
    purge = 'done' in message ? message : purge;
  });
  server.send('purge');
  const during = await sendWhile(
    (windows) => purge === undefined && windows < Number(values.windows),
  );
  server.send('progress');
  const [{ retention }] = (await once(server, 'message')) as [{ retention: RetentionHealth }];
  while (purge === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const second = await sendWhile((windows) => windows < WINDOWS);
  const result = {
    without: figures([...first, ...second]),
    with: figures(during),
    purged_meanwhile: retention.purged,
    purged: purge?.done.purged,
    purge_s: Math.round(purge?.seconds ?? 0),
    refused: [...first, ...during, ...second].reduce((sum, { refused }) => sum + refused, 0),
    mb_before: before,
    mb_after: await sizes(),
    load: loadavg().map((one) => Math.round(one)),
  };
  console.log(values.json ? JSON.stringify(result) : result);
} finally {
  server.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
}
