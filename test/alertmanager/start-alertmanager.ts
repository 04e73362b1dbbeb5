import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../src/cli/server/ports.ts';

const EXECUTABLE = process.env.ALERTMANAGER ?? 'prometheus-alertmanager';
const SHIPPED = fileURLToPath(new URL('../../provisioning/alertmanager', import.meta.url));

/** Differences from the shipped configuration: intervals short enough for a test. */
export interface AlertmanagerOptions {
  /** URL that gets the notifications. */
  receiver: string;
  /** A duration in Go's notation, e.g. `1s`. */
  groupWait?: string;
  groupInterval?: string;
  /** Also sends chat messages, with the commented example of the configuration. */
  chat?: boolean;
  /** Joins a cluster: its own port, and the addresses of the other members. */
  cluster?: { port: number; peers: readonly string[] };
}

/** A real Alertmanager on loopback. */
export interface RunningAlertmanager {
  url: string;
  /** Starts it again on the same port with its stored data. */
  start(): Promise<void>;
  /** Stops it, as an upgrade does (SIGTERM) or like a crash (SIGKILL). */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  // biome-ignore lint/suspicious/noExplicitAny: the answer of Alertmanager.
  alerts(): Promise<any[]>;
  remove(): Promise<void>;
}

/**
 * Starts an Alertmanager with the shipped configuration.
 *
 * @throws when there is no Alertmanager on this machine
 */
export async function startAlertmanager(
  options: AlertmanagerOptions,
): Promise<RunningAlertmanager> {
  const folder = await mkdtemp(join(tmpdir(), 'breakwatch-alertmanager-'));
  await cp(SHIPPED, folder, { recursive: true });
  const file = join(folder, 'alertmanager.yml');
  const shipped = await readFile(file, 'utf8');
  const changed = shipped
    .replace('http://127.0.0.1:9096/', options.receiver)
    .replace('group_wait: 5s', `group_wait: ${options.groupWait ?? '500ms'}`)
    .replace('group_interval: 1m', `group_interval: ${options.groupInterval ?? '1s'}`);
  const chat = (text: string) =>
    text
      .replace(
        /# (slack_configs:\n)((?: +# {3,}.+\n)+)/,
        (_all, head: string, lines: string) => `${head}${lines.replaceAll('# ', '')}`,
      )
      .replace('api_url_file: /etc/alertmanager/slack-url', `api_url: ${options.receiver}/chat`);
  await writeFile(file, options.chat ? chat(changed) : changed);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { cluster } = options;
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const started = spawn(
      EXECUTABLE,
      [
        `--config.file=${file}`,
        `--storage.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        `--cluster.listen-address=${cluster ? `127.0.0.1:${cluster.port}` : ''}`,
        ...(cluster?.peers ?? []).map((peer) => `--cluster.peer=${peer}`),
        '--cluster.peer-timeout=3s',
        '--log.level=error',
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    await once(started, 'spawn');
    child = started;
    while (
      !(await fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      if (started.exitCode !== null) {
        throw new Error(`Alertmanager ended with code ${started.exitCode}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async function stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, 'exit');
    }
  }

  await start();
  return {
    url,
    start,
    stop,
    async alerts() {
      const answer = await fetch(`${url}/api/v2/alerts`);
      // biome-ignore lint/suspicious/noExplicitAny: the answer of Alertmanager.
      return (await answer.json()) as any[];
    },
    async remove() {
      await stop('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
