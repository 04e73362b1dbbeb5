import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { createServerClient } from '../../client/create-server-client.ts';
import type { EngineHealth } from '../../model/query.ts';
import { readConfig } from '../config/read-config.ts';
import { serverUrl } from '../input/server-url.ts';
import { isWell, printStatus } from '../output/print-status.ts';
import { showProgress } from '../output/show-progress.ts';

const EVERY_MS = 1_000;

/** Adds `breakwatch status`: how the running server is, and how far its back-fill has come. */
export function addStatus(program: Command): void {
  program
    .command('status')
    .description(
      'Tell how the running server is: accounts, back-fill, rules, store. Exit code 3 when not all is well.',
    )
    .option('--wait', 'show a bar until the past has been read, then tell')
    .option('--json', 'print JSON')
    .option('--url <url>', 'ask this server (default: the one of this configuration)')
    .action(async (options: { wait?: boolean; json?: boolean; url?: string }) => {
      const config = readConfig(process.env);
      const server = createServerClient({
        url: options.url ?? serverUrl(config),
        ...(config.token ? { token: config.token } : {}),
      });
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

/** Whether nothing is left to be read; an account that was not polled yet may have something. */
function isRead({ accounts }: EngineHealth): boolean {
  return accounts.every(
    ({ state, lastPollAt, backfill }) =>
      state === 'unverified' || (lastPollAt !== null && (backfill?.done ?? true)),
  );
}

/** How much of all accounts' past has been read, and which account is worked on. */
function partOf({ accounts }: EngineHealth): [part: number, text: string] {
  const all = accounts.flatMap(({ account, backfill }) =>
    backfill ? [{ account, ...backfill }] : [],
  );
  const length = all.reduce((sum, { from, to }) => sum + to - from, 0);
  const left = all.reduce((sum, { remainingMs }) => sum + remainingMs, 0);
  const names = all.filter(({ done }) => !done).map(({ account }) => account);
  return [length > 0 ? Math.max(0, 1 - left / length) : 0, `back-fill of ${names.join(', ')}`];
}
