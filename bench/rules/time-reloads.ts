import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CallbackSource } from '../ingest/callback-source.ts';
import { sendCallbacks } from '../ingest/send-callbacks.ts';
import { SERVER_ENV, SERVER_FLAGS } from '../ingest/server-flags.ts';
import { writeTeamRule } from './make-team-folder.ts';

/** What a server did for a while. Times are 99th percentiles in ms. */
interface ServerFigures {
  /** Delay of the event loop of the thread that takes callbacks. */
  loopP99: number;
  /** The same of an idle thread: what the load of the machine alone costs. */
  controlP99: number;
  /** From the journal until a callback's verdict is stored. */
  verdictP99: number;
  /** From when a callback was due until its answer. */
  callbackP99: number;
  peakMb: number;
}

/** The edits of a running server's rules. */
interface Reloads {
  /** From the edit of a file until new breaks are judged by it, and open breaks were judged again. */
  seconds: number[];
  /** While edits were put in force. */
  edited: ServerFigures;
  /** In the same server before the first edit. */
  quiet: ServerFigures;
}

const CALLBACK_KEY = 'benchcallbackkey';
const CONNECTIONS = 16;
/** Each callback is a break that stays open, and an edit judges those again. So this is no higher than in a large fleet. */
const RATE = 50;
const EDITS = 3;
const QUIET_S = 5;
/** An edit that takes longer failed. */
const TIMEOUT_MS = 180_000;

type Message = Record<string, unknown>;

/** Waits for the next message of the server. @throws when it refuses rules, or does not answer */
async function next<T>(server: ChildProcess, key: string): Promise<T> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const [message] = (await once(server, 'message', { signal })) as [Message];
  if (!(key in message)) {
    throw new Error(`expected ${key}, got ${JSON.stringify(message)}`);
  }
  return message[key] as T;
}

/**
 * Edits one rule after another in the folder of a running server, while callbacks come in.
 *
 * @param folder - made by `makeTeamFolder`
 * @param count - number of its rules
 */
export async function timeReloads(folder: string, count: number): Promise<Reloads> {
  const data = await mkdtemp(join(tmpdir(), 'breakwatch-rules-data-'));
  const server = fork(join(import.meta.dirname, 'server.ts'), [data, folder, CALLBACK_KEY], {
    execArgv: [...SERVER_FLAGS],
    env: SERVER_ENV,
  });
  try {
    const url = await next<string>(server, 'url');
    const source = new CallbackSource(CALLBACK_KEY, new URL(url).host);
    const measure = async (work: () => Promise<void>): Promise<ServerFigures> => {
      server.send('begin');
      await next(server, 'begun');
      const done = new AbortController();
      const sent = sendCallbacks({
        ...{ url, source, connections: CONNECTIONS, rate: RATE },
        seconds: Number.POSITIVE_INFINITY,
        signal: done.signal,
      });
      try {
        await work();
      } finally {
        done.abort();
      }
      const { p99: callbackP99, refused } = await sent;
      if (refused > 0) {
        throw new Error(`${refused} callbacks were refused`);
      }
      server.send('report');
      return {
        ...(await next<Omit<ServerFigures, 'callbackP99'>>(server, 'figures')),
        callbackP99,
      };
    };
    const wait = () => new Promise<void>((resolve) => setTimeout(resolve, QUIET_S * 1_000));
    // The first seconds only warm up.
    await measure(wait);
    console.error('warm');
    const quiet = await measure(wait);
    const seconds: number[] = [];
    const edited = await measure(async () => {
      for (let edit = 1; edit <= EDITS; edit += 1) {
        const start = performance.now();
        writeTeamRule(folder, Math.floor((count * edit) / (EDITS + 1)), edit);
        await next(server, 'inForce');
        seconds.push((performance.now() - start) / 1_000);
        console.error(`edit ${edit} of ${EDITS} in force after ${seconds.at(-1)?.toFixed(1)} s`);
      }
    });
    return { seconds, edited, quiet };
  } finally {
    server.kill('SIGKILL');
    await rm(data, { recursive: true, force: true });
  }
}
