/**
 * Cost of durability and of panels: appends per second with and without waiting for the disk, then
 * queries over many breaks. Run: `npm run -s bench -- store [breaks]`. Writes to the folder for
 * temporary files, or to BREAKWATCH_BENCH_FOLDER.
 *
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BreakRecord, JournalEntry } from '../src/model/break.ts';
import { openSqliteStore } from '../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../src/store/store.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 5, 1);
const breaksWanted = Number(process.argv[2] ?? 200_000);

function percentile(sorted: number[], share: number): string {
  return `${(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1)} ms`;
}

/** A unique sequence with the length of CSS's own. */
function sequenceOf(i: number): string {
  return `26747035${String(i).padStart(11, '0')}`;
}

function entry(i: number): JournalEntry {
  return {
    account: 'default',
    source: 'callback',
    key: `${sequenceOf(i)}:0`,
    receivedAt: NOW,
    body: {
      appid: 1250000000,
      app: 'push.example.com',
      appname: 'live',
      stream_id: `shop-${i % 2_000}`,
      event_type: 0,
      errcode: 4,
      errmsg: 'The push timed out.',
      event_time: NOW / 1000,
      node: '198.51.100.7',
      user_ip: '203.0.113.9',
      sequence: sequenceOf(i),
      push_duration: '60000',
      stream_param: 'txSecret=***&txTime=6A1B2C3D',
    },
    derived: { txSecretPresent: true },
  };
}

async function measureAppends(synchronous: 'full' | 'normal', concurrency: number): Promise<void> {
  const folder = await mkdtemp(join(process.env.BREAKWATCH_BENCH_FOLDER ?? tmpdir(), 'bw-bench-'));
  const store = await openSqliteStore({ folder, synchronous });
  const times: number[] = [];
  const start = performance.now();
  const end = start + 5_000;
  let count = 0;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (performance.now() < end) {
        const from = performance.now();
        await store.append([entry(count++)]);
        times.push(performance.now() - from);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1_000;
  times.sort((a, b) => a - b);
  console.log(
    `append, synchronous=${synchronous}, ${concurrency} at a time: ${Math.round(count / seconds)}/s, ` +
      `p50 ${percentile(times, 0.5)}, p99 ${percentile(times, 0.99)}, max ${percentile(times, 1)}`,
  );
  const { journal } = await store.counts();
  if (journal !== count) {
    throw new Error(`${count} appended, ${journal} stored`);
  }
  await store.close();
  await rm(folder, { recursive: true });
}

function record(i: number): BreakRecord {
  const endedAt = NOW - 30 * DAY_MS + Math.floor((i / breaksWanted) * 30 * DAY_MS);
  const kinds = [
    ['network', 'network', 'broken'],
    ['auth', 'expiry_passed', 'refused'],
    ['client', 'idle_no_data', 'broken'],
    ['billing', 'arrears', 'refused'],
    ['client', 'client_closed', 'ended'],
  ] as const;
  const [category, reason, outcome] = kinds[(i * 7_919) % kinds.length] ?? kinds[0];
  return {
    event: {
      id: `${endedAt.toString(36)}-${i}`,
      account: 'default',
      domain: `push-${(i * 31) % 10}.example.com`,
      app: 'live',
      stream: `shop-${(i * 104_729) % 2_000}`,
      outcome,
      startedAt: endedAt - 60_000,
      endedAt,
      durationMs: 60_000,
      reason,
      code: { errcode: 4, subErrcode: null },
      bypassCode: null,
      reasonText: 'The push timed out.',
      clientIp: `203.0.113.${i % 250}`,
      node: `node-${i % 40}`,
      resolution: '1280*720',
      sequence: sequenceOf(i),
      recoveredAt: endedAt + 40_000,
      sources: [{ source: 'callback', key: `${i}:0`, receivedAt: endedAt }],
      facts: { reason, errcode: 4, secondsLive: 60, breaksOfStream10m: 0, breaksOfNode5m: 2 },
    },
    verdict: {
      reason,
      category,
      outcome,
      severity: 'warning',
      side: 'network',
      retry: '30s',
      runbook: 'network-cut',
      rule: { id: `${category}/${reason}`, hash: '0', file: 'x.json', name: 'x' },
      ruleSet: '0',
      confidence: 'likely',
      ground: 'evidence',
      evidence: [{ fact: 'secondsLive', value: 60 }],
      notChecked: [],
      alternates: [],
    },
  };
}

async function measure(name: string, work: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let i = 0; i < 10; i++) {
    const from = performance.now();
    await work();
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  console.log(`${name}: median ${percentile(times, 0.5)}, worst of 10 ${percentile(times, 1)}`);
}

async function measureQueries(store: Store): Promise<void> {
  const start = performance.now();
  for (let i = 0; i < breaksWanted; i += 500) {
    const length = Math.min(500, breaksWanted - i);
    const breaks = Array.from({ length }, (_, k) => record(i + k));
    await store.commit({ breaks, removed: [], pushes: [], cursor: 0 });
  }
  const seconds = (performance.now() - start) / 1_000;
  console.log(`commit in batches of 500: ${Math.round(breaksWanted / seconds)} breaks/s`);

  const month = { from: NOW - 30 * DAY_MS + 12_345, to: NOW - 54_321 };
  const day = { from: NOW - DAY_MS, to: NOW };
  const base = { filters: {}, limit: 50, now: NOW };
  await measure('series, 30 days, 1 h steps, by category', () =>
    store.series({
      ...base,
      range: month,
      groupBy: ['category'],
      stepMs: 3_600_000,
      measure: 'count',
    }),
  );
  await measure('series, 24 h, 1 min steps, by category', () =>
    store.series({ ...base, range: day, groupBy: ['category'], stepMs: 60_000, measure: 'count' }),
  );
  await measure('series, 30 days, one stream', () =>
    store.series({
      ...base,
      filters: { stream: ['shop-7'] },
      range: month,
      groupBy: ['category'],
      stepMs: 3_600_000,
      measure: 'count',
    }),
  );
  await measure('series, 30 days, by stream (reads single breaks)', () =>
    store.series({ ...base, range: month, groupBy: ['stream'], stepMs: DAY_MS, measure: 'count' }),
  );
  await measure('lost minutes, 24 h, 15 min steps, by category', () =>
    store.series({
      ...base,
      range: day,
      groupBy: ['category'],
      stepMs: 900_000,
      measure: 'lostMinutes',
    }),
  );
  await measure('lost minutes, 30 days (reads single breaks)', () =>
    store.series({ ...base, range: month, groupBy: [], stepMs: DAY_MS, measure: 'lostMinutes' }),
  );
  await measure('breaks, 30 days, newest 1,000', () =>
    store.findBreaks({ range: month, filters: {}, limit: 1_000 }),
  );
  await measure('breaks, 30 days, one category and domain, newest 1,000', () =>
    store.findBreaks({
      range: month,
      filters: { category: ['billing'], domain: ['push-3.example.com'] },
      limit: 1_000,
    }),
  );
  await measure('breaks overlapping the last 24 h, 200', () =>
    store.findBreaks({ range: day, filters: { outcome: ['broken'] }, limit: 200, by: 'overlap' }),
  );
  await measure('values of domain, 30 days', () => store.values('domain', month, 100));
  await measure('values of stream, 24 h', () => store.values('stream', day, 100));
  await measure('nearby', () =>
    store.nearby([
      {
        account: 'default',
        domain: 'push-3.example.com',
        reason: 'network',
        before: NOW,
        clientIp: '203.0.113.9',
        node: 'node-7',
        windowMs: 300_000,
      },
    ]),
  );
}

for (const concurrency of [1, 64, 512]) {
  await measureAppends('full', concurrency);
  await measureAppends('normal', concurrency);
}
const folder = await mkdtemp(join(process.env.BREAKWATCH_BENCH_FOLDER ?? tmpdir(), 'bw-bench-'));
const store = await openSqliteStore({ folder });
await measureQueries(store);
await store.close();
await rm(folder, { recursive: true });
