import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { CommandResult, HostOrder } from './command-host.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const HOST = fileURLToPath(new URL('./command-host.ts', import.meta.url));

export type { CommandResult };

/** Where and with what a command runs. */
export interface RunOptions {
  /** Working folder; one for temporary files when absent. */
  cwd?: string;
  /** Standard input. */
  input?: string;
  /** Besides PATH, nothing else is passed on. */
  environment?: NodeJS.ProcessEnv;
}

/** Runs `breakwatch` as its user does, in a process of its own. */
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
  // The next command gets a new one.
  started.once('exit', () => {
    host = undefined;
  });
  return started;
}

async function order(wanted: HostOrder): Promise<CommandResult> {
  host ??= startHost();
  const to = host;
  hold(to, true);
  return new Promise<CommandResult>((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`the host ended with ${code}`));
    to.once('exit', ended);
    to.once('message', (result) => {
      to.off('exit', ended);
      resolve(result as CommandResult);
    });
    to.send(wanted);
  }).finally(() => hold(to, false));
}

/** Whether this process waits for the host; the host ends when this process does. */
function hold(to: ChildProcess, isWaiting: boolean): void {
  for (const handle of [to, to.channel]) {
    handle?.[isWaiting ? 'ref' : 'unref']();
  }
}

/**
 * Runs `breakwatch` like {@link runBreakwatch}, but in one process that stays for all cases of a test file:
 * the same command with its own words, environment, folder and input, without the half second that a
 * process takes to start. It can not tell whether a process would end by itself.
 */
export async function runHosted(
  args: readonly string[],
  { cwd = tmpdir(), input = '', environment = {} }: RunOptions = {},
): Promise<CommandResult> {
  const env = { PATH: process.env.PATH ?? '', ...environment };
  const result = last.then(() => order({ args: [...args], cwd, input, environment: env }));
  last = result.catch(() => undefined);
  return result;
}
