import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** Less than what a hook may take. */
const LISTENS_WITHIN_MS = 25_000;

/** A `breakwatch serve` of its own process, in a folder of its own. */
export interface ServeProcess {
  url: string;
  /** Working folder; breakwatch.yaml lies here. */
  folder: string;
  /** All that it wrote so far, both outputs. */
  output(): string;
  /** Exit code or signal once it has ended; null while it runs. */
  ended(): number | string | null;
  /** Every file of the data folder, byte by byte. */
  dataFiles(): { name: string; bytes: Buffer }[];
  /** Asks it to end, and waits. */
  stop(): Promise<void>;
  /** Ends it at once and removes the folder. */
  remove(): Promise<void>;
}

/** Starts `breakwatch serve` on a free port with this breakwatch.yaml. */
export async function startServe(
  config: string,
  environment: NodeJS.ProcessEnv,
): Promise<ServeProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'breakwatch-fuzz-'));
  const data = join(folder, 'data');
  writeFileSync(join(folder, 'breakwatch.yaml'), config);
  const child = spawn(process.execPath, [MAIN, 'serve'], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      BREAKWATCH_PORT: '0',
      BREAKWATCH_DATA: data,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const end = (signal?: NodeJS.Signals) => endOf(child, signal);
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk;
      const found = /listens on (http:\S+)/.exec(output)?.[1];
      if (found) {
        resolve(found);
      }
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`serve ended with ${code}: ${output}`)));
    setTimeout(
      () => reject(new Error(`serve does not listen: ${output}`)),
      LISTENS_WITHIN_MS,
    ).unref();
  }).catch(async (thrown: unknown) => {
    await end('SIGKILL');
    throw thrown;
  });
  return {
    url,
    folder,
    output: () => output,
    ended: () => child.exitCode ?? child.signalCode,
    dataFiles: () =>
      readdirSync(data, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => ({
          name: entry.name,
          bytes: readFileSync(join(entry.parentPath, entry.name)),
        })),
    stop: () => end('SIGTERM'),
    async remove() {
      await end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function endOf(child: ChildProcess, signal?: NodeJS.Signals): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
}
