import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { CommandResult, HostedCommand } from './command-host.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const HOST = fileURLToPath(new URL('./command-host.ts', import.meta.url));

export type { CommandResult };

/** Options for running a command. */
export interface RunOptions {
  /** Working folder. Default: the folder for temporary files. */
  cwd?: string;
  /** Standard input. */
  input?: string;
  /** Environment variables. Only PATH is inherited. */
  environment?: NodeJS.ProcessEnv;
}

/** Runs `breakwatch` as a user does, in its own process. */
export async function runBreakwatch(
  args: readonly string[],
  { cwd = tmpdir(), input = '', environment = {} }: RunOptions = {},
): Promise<CommandResult> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...environment },
    stdio: 'pipe',
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    errors += chunk;
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output, errors };
}

let host: ChildProcess | undefined;
let last: Promise<unknown> = Promise.resolve();

function startHost(): ChildProcess {
  const started = fork(HOST, {
    execArgv: [],
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
  });
  // The next command starts a new host.
  started.once('exit', () => {
    host = undefined;
  });
  return started;
}

async function sendToHost(command: HostedCommand): Promise<CommandResult> {
  host ??= startHost();
  const target = host;
  keepAlive(target, true);
  return new Promise<CommandResult>((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`the host ended with ${code}`));
    target.once('exit', ended);
    target.once('message', (result) => {
      target.off('exit', ended);
      resolve(result as CommandResult);
    });
    target.send(command);
  }).finally(() => keepAlive(target, false));
}

/** Keeps this process alive while it waits for the host, and only then. */
function keepAlive(target: ChildProcess, isWaiting: boolean): void {
  for (const handle of [target, target.channel]) {
    handle?.[isWaiting ? 'ref' : 'unref']();
  }
}

/**
 * Runs `breakwatch` like {@link runBreakwatch}, but in one process for all tests of a file, which saves the
 * half second that a process needs to start. Each command has its own arguments, environment, folder and
 * input. It cannot show whether a process would exit when the command is done.
 */
export async function runHosted(
  args: readonly string[],
  { cwd = tmpdir(), input = '', environment = {} }: RunOptions = {},
): Promise<CommandResult> {
  const env = { PATH: process.env.PATH ?? '', ...environment };
  const result = last.then(() => sendToHost({ args: [...args], cwd, input, environment: env }));
  last = result.catch(() => undefined);
  return result;
}
