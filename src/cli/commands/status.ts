import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { EngineHealth } from '../../model/health.ts';
import { openServer } from '../input/open-server.ts';
import { isWell, printStatus } from '../output/print-status.ts';
import { showProgress } from '../output/show-progress.ts';

const EVERY_MS = 1_000;

/** Adds `breakwatch status`, which shows the health of the running server and its back-fill. */
export function addStatus(program: Command): void {
  program
    .command('status')
    .description(
      'Show the health of the running server: accounts, back-fill, rules and store. Exit code 3: something is wrong.',
    )
    .option('--wait', 'wait with a progress bar until the back-fill is done')
    .option('--json', 'print JSON')
    .option('--url <url>', 'server to ask (default: the configured one)')
    .action(async (options: { wait?: boolean; json?: boolean; url?: string }) => {
      const server = await openServer(options.url);
      const ask = () => server.call('health');
      let health = await ask();
      const progress = showProgress();
      while (options.wait && !isRead(health)) {
        progress.update(...partOf(health));
        await sleep(EVERY_MS);
        health = await ask();
      }
      progress.clear();
      process.stdout.write(
        options.json ? `${JSON.stringify(health)}\n` : printStatus(health, server.url, Date.now()),
      );
      if (!isWell(health)) {
        process.exitCode = 3;
      }
    });
}

/** Whether the back-fill of every account is done. An account that was not polled yet is not done. */
function isRead({ accounts }: EngineHealth): boolean {
  return accounts.every(
    ({ state, lastPollAt, backfill }) =>
      state === 'unverified' || (lastPollAt !== null && (backfill?.done ?? true)),
  );
}

/** How much of the back-fill is done, from 0 to 1, and the accounts that are not done. */
function partOf({ accounts }: EngineHealth): [part: number, text: string] {
  const all = accounts.flatMap(({ account, backfill }) =>
    backfill ? [{ account, ...backfill }] : [],
  );
  const length = all.reduce((sum, { from, to }) => sum + to - from, 0);
  const left = all.reduce((sum, { remainingMs }) => sum + remainingMs, 0);
  const names = all.filter(({ done }) => !done).map(({ account }) => account);
  return [length > 0 ? Math.max(0, 1 - left / length) : 0, `back-fill of ${names.join(', ')}`];
}
