import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BreakRecord } from '../../src/model/break.ts';
import type { Push } from '../../src/model/push.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';

const DAY_MS = 86_400_000;
/** How far back the history reaches, ms. */
export const SPAN_MS = 30 * DAY_MS;
/** Number of streams that break in turn. */
export const STREAMS = 2_000;
/** Records per transaction while the store is filled. */
const FILL = 5_000;

/** How much history, and when it ends. */
interface HistorySize {
  breaks: number;
  /** End of the history, epoch ms UTC. */
  now: number;
}

/** How long a stream is down after a stored break, ms. */
const DOWN_MS = 30_000;

/** When a stored break happened. Before the first break of a stream, it counts backwards. */
function endOf(i: number, { breaks, now }: HistorySize): number {
  return now - SPAN_MS + Math.floor((i / breaks) * SPAN_MS);
}

/** The push that a stored break ended. It began when the stream recovered from the break before. */
function storedPush(i: number, size: HistorySize): Push {
  const { account, domain, app, stream, startedAt, endedAt, sequence } = storedBreak(i, size).event;
  return { account, domain, app, stream, startedAt: startedAt as number, endedAt, sequence };
}

function storedBreak(i: number, size: HistorySize): BreakRecord {
  const endedAt = endOf(i, size);
  const startedAt = endOf(i - STREAMS, size) + DOWN_MS;
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
      recoveredAt: i + STREAMS < size.breaks ? endedAt + DOWN_MS : null,
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

/** A file in the folder: when the history ends, so that a folder that was kept fits its clock. */
const MADE_AT = 'made-at.json';

/**
 * Makes a data folder with breaks of 30 days. A folder that exists already is used as it is, so a benchmark can
 * keep it: half a million breaks take minutes.
 *
 * @returns when the history ends, epoch ms UTC
 */
export async function makeHistory(folder: string, breaks: number): Promise<number> {
  if (existsSync(folder)) {
    return Number(await readFile(join(folder, MADE_AT), 'utf8'));
  }
  const now = Math.floor(Date.now() / 1_000) * 1_000;
  const size = { breaks, now };
  // A run that was stopped leaves no folder that looks finished.
  const making = `${folder}.making`;
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { recursive: true });
  const store = await openSqliteStore({ folder: making, synchronous: 'normal' });
  for (let i = 0; i < breaks; i += FILL) {
    const numbers = Array.from({ length: Math.min(FILL, breaks - i) }, (_none, j) => i + j);
    await store.commit({
      breaks: numbers.map((number) => storedBreak(number, size)),
      removed: [],
      pushes: numbers.map((number) => storedPush(number, size)),
      cursor: 0,
    });
  }
  await store.close();
  await writeFile(join(making, MADE_AT), String(now));
  await rename(making, folder);
  return now;
}
