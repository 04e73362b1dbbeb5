import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** What a run of the command came to. */
export interface CommandResult {
  code: number | null;
  output: string;
  errors: string;
}

/** Runs `breakwatch` as its user does, in a folder, with nothing of this environment but PATH. */
export async function runBreakwatch(
  args: readonly string[],
  options: { cwd: string; input?: string; environment?: NodeJS.ProcessEnv },
): Promise<CommandResult> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: options.cwd,
    env: { PATH: process.env.PATH, ...options.environment },
    stdio: 'pipe',
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output, errors };
}
