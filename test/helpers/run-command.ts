import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** What a command did. */
export interface Ran {
  code: number | null;
  output: string;
  errors: string;
}

/**
 * Runs `breakwatch` as its user does, in a process of its own.
 *
 * @param environment - besides PATH, nothing else is passed on
 * @param input - standard input
 */
export async function runCommand(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  input: string | Buffer = '',
): Promise<Ran> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: tmpdir(),
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
