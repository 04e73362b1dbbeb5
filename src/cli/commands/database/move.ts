import { resolve } from 'node:path';
import type { Command } from 'commander';
import { maskedError } from '../../../secrets/masked-error.ts';
import type { MoveProgress } from '../../../store/move/move-to-postgres.ts';
import { readConfig } from '../../config/read-config.ts';
import { showProgress } from '../../output/show-progress.ts';
import { auditFile } from '../../server/audit-file.ts';
import { copyAuditLog } from './copy-audit-log.ts';

interface MoveCommandOptions {
  from?: string;
  startOver?: boolean;
  json?: boolean;
}

const WORDS: Readonly<Record<MoveProgress['step'], string>> = {
  copy: 'copied',
  count: 'counting',
  compare: 'comparing answers',
};

/** Adds `breakwatch database move`, which copies a data folder into the configured PostgreSQL database. */
export function addMove(database: Command): void {
  database
    .command('move')
    .description(
      'Copy a data folder (SQLite) into the PostgreSQL database that BREAKWATCH_DATABASE_URL or "database:" in breakwatch.yaml names, then compare both. Stop the server first. If it is ended, run it again: it goes on where it was.',
    )
    .option('--from <folder>', 'data folder to copy (default: BREAKWATCH_DATA)')
    .option('--start-over', 'delete what an unfinished move has copied, and copy everything again')
    .option('--json', 'print the counts as JSON')
    .addHelpText(
      'after',
      '\nThe folder is not changed. The schema of the database must be missing or empty. The password\ncomes from the URL in the environment or from BREAKWATCH_DATABASE_PASSWORD_FILE.',
    )
    .action(async ({ from, startOver = false, json }: MoveCommandOptions) => {
      const config = await readConfig(process.env);
      if (!config.database) {
        throw maskedError('BAD_CONFIG', {
          problem: 'set BREAKWATCH_DATABASE_URL to the PostgreSQL database to move to',
        });
      }
      const folder = resolve(from ?? config.dataFolder);
      // Imported here, so that other commands start faster.
      const { moveToPostgres } = await import('../../../store/move/move-to-postgres.ts');
      const progress = showProgress();
      const moved = await moveToPostgres({
        folder,
        settings: config.database,
        startOver,
        onProgress: ({ step, table, done, total }) => {
          const what = table === undefined ? '' : ` (${table})`;
          progress.update(
            total === 0 ? 1 : done / total,
            `${WORDS[step]} ${done} of ${total}${what}`,
          );
        },
      }).finally(() => progress.clear());
      await copyAuditLog(auditFile(folder), config.database);
      const { breaks, journal } = moved.rows;
      process.stdout.write(
        json
          ? `${JSON.stringify({ folder, ...moved })}\n`
          : `Moved ${folder} to PostgreSQL: ${breaks} breaks, ${journal} journal entries. All counts and ${moved.answers} random answers are the same on both sides.\nStart the server with the same database setting. Delete the folder's journal.db and breakwatch.db when you no longer want to go back.\n`,
      );
    });
}
