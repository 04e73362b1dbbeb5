import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { BacktestReport } from '../../src/diagnosis/workbench/backtest/backtest-report.ts';
import type { Usage } from './report-usage.ts';

const repository = join(import.meta.dirname, '../..');

/** Result of one run of the command. */
export interface CommandRun extends Usage {
  /** Wall time of the process. */
  seconds: number;
  report: BacktestReport;
}

/** Runs `breakwatch rules backtest` as a user does. Its progress goes to stderr. @throws when it fails */
export async function runCommand(data: string, rules: string): Promise<CommandRun> {
  const usageFile = join(rules, 'usage');
  const start = performance.now();
  const child = spawn(
    process.execPath,
    [
      ...['--import', join(import.meta.dirname, 'report-usage.ts')],
      ...[join(repository, 'src/cli/main.ts'), 'rules', 'backtest'],
      ...['--data', data, '--rules', rules, '--json'],
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
    throw new Error(`the command exited with ${code}`);
  }
  const usage = JSON.parse(readFileSync(usageFile, 'utf8')) as Usage;
  rmSync(usageFile);
  return { seconds, ...usage, report: JSON.parse(output) as BacktestReport };
}
