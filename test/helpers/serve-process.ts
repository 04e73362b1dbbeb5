import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type CommandResult, runBreakwatch, runHosted } from './run-breakwatch.ts';
import { CALLBACK_KEY, signedCallback } from './signed-callback.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const ARREARS =
  'Your CSS services have been suspended due to overdue payments. Please top up your account balance.';

/** `breakwatch serve` as a user starts it, in its own process and folder. */
export interface ServeProcess {
  url: string;
  /** Its working folder; `data` in it is the data folder. */
  folder: string;
  pid(): number | undefined;
  /** The file of the command that it runs when it starts; that of another checkout for another version. */
  main: string;
  /** Its standard error. */
  errors: string;
  /** Starts it again in the same folder. */
  start(): Promise<void>;
  /** Stops it and returns its exit code and signal; null when it has already exited. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): Promise<[number | null, NodeJS.Signals | null] | null>;
  /** Runs another command against it, with `runHosted`. */
  run(...args: string[]): Promise<CommandResult>;
  /** Runs a command in its folder without `--url`. */
  runAlone(environment: NodeJS.ProcessEnv, ...args: string[]): Promise<CommandResult>;
  /** Starts pushes and ends them all because of arrears. */
  breakAll(streams: number): Promise<void>;
  /**
   * Reports a refused push of a stream.
   *
   * @param endedAt - epoch ms UTC
   */
  refuse(stream: string, endedAt: number): Promise<void>;
  /** Starts the pushes again that `breakAll` has ended. */
  recoverAll(): Promise<void>;
  remove(): Promise<void>;
}

/** Starts a server with the account `default`, which only has callbacks. */
export async function startServe(
  yaml: string,
  environment: NodeJS.ProcessEnv,
  limits = '',
): Promise<ServeProcess> {
  const served = await prepareServe(yaml, environment, limits);
  await served.start();
  return served;
}

/**
 * Prepares the folder of such a server, but does not start it.
 *
 * @param limits - options of `ulimit` for the server, such as `-n 160`
 */
export async function prepareServe(
  yaml: string,
  environment: NodeJS.ProcessEnv,
  limits = '',
): Promise<ServeProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'breakwatch-serve-'));
  await writeFile(join(folder, 'breakwatch.yaml'), yaml);
  const env = {
    PATH: process.env.PATH,
    BREAKWATCH_CALLBACK_KEY: CALLBACK_KEY,
    BREAKWATCH_PORT: '0',
    ...environment,
  };
  let child: ChildProcess | undefined;
  /** The pushes that `breakAll` has ended. */
  let places: Record<string, string>[] = [];

  async function post(body: Record<string, unknown>): Promise<void> {
    const { status } = await fetch(`${served.url}/callbacks/css/default`, {
      method: 'POST',
      body: JSON.stringify(signedCallback({ change: body })),
    });
    if (status !== 200) {
      throw new Error(`a callback was answered ${status}`);
    }
  }

  const served: ServeProcess = {
    url: '',
    folder,
    pid: () => child?.pid,
    main: MAIN,
    errors: '',
    async start() {
      const command = [process.execPath, served.main, 'serve'];
      const [program = '', ...args] =
        limits === '' ? command : ['sh', '-c', `ulimit ${limits}; exec "$@"`, 'sh', ...command];
      const started = spawn(program, args, { cwd: folder, env });
      child = started;
      started.stderr.on('data', (chunk) => {
        served.errors += chunk;
      });
      for await (const line of createInterface({ input: started.stdout })) {
        const url = /listens on (\S+)/.exec(line)?.[1];
        if (url) {
          served.url = url;
          started.stdout.resume();
          return;
        }
      }
      throw new Error(`serve exited: ${served.errors}`);
    },
    async kill(signal) {
      if (child && child.exitCode === null && child.signalCode === null) {
        child.kill(signal);
        return (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
      }
      return null;
    },
    run: (...args) => runHosted([...args, '--url', served.url], { cwd: folder, environment: env }),
    runAlone: (extra, ...args) =>
      runBreakwatch(args, { cwd: folder, environment: { ...environment, ...extra } }),
    async breakAll(streams) {
      const now = Math.floor(Date.now() / 1_000);
      places = Array.from({ length: streams }, (_none, index) => ({
        stream_id: `room-${index}`,
        channel_id: `room-${index}`,
        app: `push${index % 3}.example.com`,
        node: `198.51.100.${index % 5}`,
        user_ip: `203.0.${index}.7`,
      }));
      for (const [index, place] of places.entries()) {
        const sequence = `live-${index}`;
        await post({ ...place, event_type: 1, event_time: now - 600, sequence });
      }
      for (const [index, place] of places.entries()) {
        await post({
          ...place,
          event_type: 0,
          event_time: now,
          errcode: 18,
          errmsg: ARREARS,
          push_duration: '600000',
          sequence: `live-${index}`,
        });
      }
    },
    refuse: (stream, endedAt) =>
      post({
        stream_id: stream,
        channel_id: stream,
        app: 'push0.example.com',
        event_type: 0,
        event_time: Math.floor(endedAt / 1_000),
        errcode: 18,
        errmsg: ARREARS,
        push_duration: '0',
        sequence: `${stream} ${endedAt}`,
      }),
    async recoverAll() {
      const now = Math.floor(Date.now() / 1_000);
      for (const [index, place] of places.entries()) {
        await post({ ...place, event_type: 1, event_time: now, sequence: `again-${index}` });
      }
    },
    async remove() {
      await served.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
  return served;
}
