import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Usage } from './report-usage.ts';

const repository = join(import.meta.dirname, '../..');

/** What one run of a command took, and what it wrote to standard output. */
export interface CommandUsage extends Usage {
  /** Wall time of the process. */
  seconds: number;
  output: string;
}

/**
 * Runs the `breakwatch` command as a user does. Its progress goes to stderr.
 *
 * @param words - the words after `breakwatch`
 * @param folder - for a small file during the run
 * @throws when it does not exit with 0
 */
export async function measureCommand(
  words: readonly string[],
  folder: string,
): Promise<CommandUsage> {
  const usageFile = join(folder, 'usage');
  const start = performance.now();
  const child = spawn(
    process.execPath,
    [
      ...['--import', join(import.meta.dirname, 'report-usage.ts')],
      join(repository, 'src/cli/main.ts'),
      ...words,
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH, BENCH_USAGE_FILE: usageFile },
    },
  );
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const output = await text(child.stdout);
  const code = await ended;
  const seconds = (performance.now() - start) / 1_000;
  if (code !== 0) {
    throw new Error(`${words.join(' ')} exited with ${code}: ${output.slice(0, 2_000)}`);
  }
  const usage = JSON.parse(readFileSync(usageFile, 'utf8')) as Usage;
  rmSync(usageFile);
  return { seconds, ...usage, output };
}
