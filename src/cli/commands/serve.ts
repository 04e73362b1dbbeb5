import type { Command } from 'commander';
import { maskedError } from '../../secrets/masked-error.ts';
import { readConfig } from '../config/read-config.ts';
import { untilStopped } from '../server/until-stopped.ts';

/** Adds `breakwatch serve`: collect, diagnose, answer; the page too, when it has been built. */
export function addServe(program: Command): void {
  program
    .command('serve')
    .description('Collect breaks of the configured accounts and answer over HTTP.')
    .action(async () => {
      // Loaded here, so that short commands need not load the schemas.
      const { checkConfigFile } = await import('../config/check-config-file.ts');
      checkConfigFile(process.env);
      const config = readConfig(process.env);
      if (config.accounts.length === 0) {
        throw maskedError('BAD_CONFIG', {
          problem:
            'no account is configured: set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, or BREAKWATCH_CALLBACK_KEY, or write breakwatch.yaml ("npm start" shows a demo without any).',
        });
      }
      const stopped = untilStopped();
      // Loaded here, so that short commands need not read a server they never start.
      const { runServer } = await import('../server/run-server.ts');
      const running = await runServer(config);
      running.engine.startPolling();
      process.stdout.write(`Breakwatch listens on ${running.server.url}\n`);
      await stopped;
      await running.close();
    });
}
