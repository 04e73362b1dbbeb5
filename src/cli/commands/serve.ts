import type { Command } from 'commander';
import { maskedError } from '../../secrets/masked-error.ts';
import { saveCompiledCode } from '../../threads/run-thread.ts';
import { readConfig } from '../config/read-config.ts';
import { checkPort } from '../server/ports.ts';
import { untilStopped } from '../server/until-stopped.ts';

interface StartOptions {
  acceptJournalLoss?: boolean;
}

/** Adds `breakwatch serve`, which collects and diagnoses breaks and serves the API and the page. */
export function addServe(program: Command): void {
  program
    .command('serve')
    .description('Collect breaks of the configured accounts and serve the API and the page.')
    .option(
      '--accept-journal-loss',
      'start although journal.db lacks entries that breaks were derived from (JOURNAL_BEHIND)',
    )
    .action(async (options: StartOptions) => {
      const config = { ...(await readConfig(process.env)), ...options };
      if (config.accounts.length === 0) {
        throw maskedError('BAD_CONFIG', {
          problem:
            'no account is configured. Set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, or BREAKWATCH_CALLBACK_KEY, or write breakwatch.yaml. "npm start" runs a demo without an account.',
        });
      }
      const stopped = untilStopped();
      // Imported here, so that other commands start faster.
      const { runServer } = await import('../server/run-server.ts');
      const running = await runServer(config);
      running.engine.startPolling();
      process.stdout.write(`Breakwatch listens on ${running.server.url}\n`);
      saveCompiledCode();
      await stopped;
      await running.close();
    });
}

/**
 * Adds `breakwatch start`, which `npm start` calls: builds the page when it is stale, then serves
 * the configured accounts, or, when there are none, a demo with a simulated CSS.
 */
export function addStart(program: Command): void {
  program
    .command('start')
    .description('Build the page if needed, then serve. Without an account, run a demo.')
    .option(
      '--accept-journal-loss',
      'start although journal.db lacks entries that breaks were derived from (JOURNAL_BEHIND)',
    )
    .option('--busy', 'without an account: a demo in which breaks happen every few seconds')
    .action(async ({ busy, ...options }: StartOptions & { busy?: boolean }) => {
      const config = { ...(await readConfig(process.env)), ...options };
      await checkPort(config);
      // Imported here, so that other commands start faster.
      const { buildPage } = await import('../server/build-page.ts');
      await buildPage((line) => process.stdout.write(`${line}\n`));
      const stopped = untilStopped();
      if (config.accounts.length === 0) {
        const { startDemo } = await import('../server/start-demo.ts');
        const demo = await startDemo(config, process.env, busy ? 'busy' : 'demo');
        await stopped;
        await demo.close();
        return;
      }
      const { runServer } = await import('../server/run-server.ts');
      const running = await runServer(config);
      running.engine.startPolling();
      process.stdout.write(`Breakwatch: open ${running.server.url}\n`);
      saveCompiledCode();
      await stopped;
      await running.close();
    });
}
