import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredIncident } from '../../src/model/incident.ts';
import { sendCallbacks } from '../ingest/send-callbacks.ts';
import { SERVER_ENV, SERVER_FLAGS } from '../ingest/server-flags.ts';
import { StormSource } from './storm-source.ts';

/** Result of a storm. */
export interface StormRun {
  events: number;
  /** Incidents that were not merged into others. */
  incidents: StoredIncident[];
  pages: number;
  updates: number;
  /** Time from the first callback of the storm to each page, ms. */
  pageMs: number[];
  /** Answers other than 200. */
  refused: number;
  /** Callbacks that are not in the journal. */
  lost: number;
  /** 99th percentile of the time to answer a callback, ms. */
  p99: number;
  peakMb: number;
  /** Time from the last callback until everything was grouped, judged and stored, ms. */
  settleMs: number;
}

interface Notice {
  id: string;
  kind: 'page' | 'update' | 'resolve';
  at: number;
}

interface Settled {
  journal: number;
  incidents: StoredIncident[];
  peakMb: number;
}

const CALLBACK_KEY = 'benchcallbackkey';
const CONNECTIONS = 64;
/** Rate of the callbacks for push starts, before the storm. */
const STARTS_PER_S = 2_000;
const STORM_S = 60;

/**
 * Sends a storm of signed callbacks to a real server, and returns its incidents and pages.
 *
 * @param streams - live pushes; each breaks once and is refused six times
 * @param speed - 1 sends the storm within a minute, 2 in half a minute
 */
export async function runStorm(streams: number, speed: number): Promise<StormRun> {
  const folder = await mkdtemp(join(tmpdir(), 'breakwatch-storm-'));
  const server = fork(join(import.meta.dirname, 'server.ts'), [folder, CALLBACK_KEY], {
    execArgv: [...SERVER_FLAGS],
    env: SERVER_ENV,
  });
  try {
    const [{ url }] = (await once(server, 'message')) as [{ url: string }];
    const notices: Notice[] = [];
    let settled: (value: Settled) => void = () => undefined;
    server.on('message', (message: { notice: Notice } | { settled: Settled }) => {
      if ('notice' in message) {
        notices.push(message.notice);
      } else {
        settled(message.settled);
      }
    });
    const settle = () =>
      new Promise<Settled>((resolve) => {
        settled = resolve;
        server.send('settle');
      });
    const source = new StormSource(CALLBACK_KEY, new URL(url).host, streams);
    const send = (count: number, rate: number) =>
      sendCallbacks({ url, source, connections: CONNECTIONS, seconds: count / rate, rate });
    await send(source.starts, STARTS_PER_S);
    await settle();
    const startedAt = Date.now();
    const sent = await send(source.events, (source.events / STORM_S) * speed);
    const ended = Date.now();
    const { journal, incidents, peakMb } = await settle();
    const of = (kind: Notice['kind']) => notices.filter((notice) => notice.kind === kind);
    return {
      events: source.made - streams,
      incidents: incidents.filter(({ state }) => state !== 'gone'),
      pages: of('page').length,
      updates: of('update').length,
      pageMs: of('page').map(({ at }) => at - startedAt),
      refused: sent.refused,
      lost: source.made - journal,
      p99: sent.p99,
      peakMb,
      settleMs: Date.now() - ended,
    };
  } finally {
    server.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}
