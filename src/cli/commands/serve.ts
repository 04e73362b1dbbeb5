import type { Command } from 'commander';
import { maskedError } from '../../secrets/masked-error.ts';
import { readConfig } from '../config/read-config.ts';
import { untilStopped } from '../server/until-stopped.ts';

/** Adds `breakwatch serve`, which collects and diagnoses breaks and serves the API and the page. */
export function addServe(program: Command): void {
  program
    .command('serve')
    .description('Collect breaks of the configured accounts and serve the API and the page.')
    .action(async () => {
      const config = await readConfig(process.env);
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
      await stopped;
      await running.close();
    });
}
