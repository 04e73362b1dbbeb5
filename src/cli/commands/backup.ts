import { resolve } from 'node:path';
import type { Command } from 'commander';
import { BreakwatchError } from '../../model/errors.ts';
import { readDataFolder } from '../config/read-config.ts';
import { readConfigFile } from '../config/read-config-file.ts';

interface BackupOptions {
  json?: boolean;
}

/** The data folder, if it has the store. @throws `BACKUP_OF_DATABASE` */
async function sqliteFolder(): Promise<string> {
  if (process.env.BREAKWATCH_DATABASE_URL || (await readConfigFile(process.env)).database) {
    throw new BreakwatchError('BACKUP_OF_DATABASE');
  }
  return readDataFolder(process.env);
}

/** Adds `breakwatch backup`, which copies the data folder while a server uses it. */
export function addBackup(program: Command): void {
  program
    .command('backup')
    .description(
      'Copy the data folder (BREAKWATCH_DATA) into a new folder, also while a server uses it.',
    )
    .argument('<folder>', 'folder to create; it must not exist, or be empty')
    .option('--json', 'print what the backup contains as JSON')
    .action(async (folder: string, { json }: BackupOptions) => {
      const data = await sqliteFolder();
      // Imported here, so that other commands start faster.
      const { backUp } = await import('../../store/sqlite/backup.ts');
      const manifest = await backUp(data, folder);
      const { breaks, journal } = manifest;
      process.stdout.write(
        json
          ? `${JSON.stringify({ folder: resolve(folder), ...manifest })}\n`
          : `Backup of ${data} in ${resolve(folder)}: ${breaks} breaks, ${journal} journal entries\n`,
      );
    });
}

/** Adds `breakwatch restore`, which creates a data folder from a backup. */
export function addRestore(program: Command): void {
  program
    .command('restore')
    .description(
      'Create the data folder (BREAKWATCH_DATA) from a backup, after checking the backup.',
    )
    .argument('<backup>', 'folder that "breakwatch backup" created')
    .option('--json', 'print what the backup contains as JSON')
    .addHelpText(
      'after',
      '\nThe data folder must not exist, or be empty. Move an existing one away first.',
    )
    .action(async (backup: string, { json }: BackupOptions) => {
      const data = await sqliteFolder();
      const { restoreBackup } = await import('../../store/sqlite/backup.ts');
      const manifest = await restoreBackup(backup, data);
      const { breaks, journal, createdAt } = manifest;
      process.stdout.write(
        json
          ? `${JSON.stringify({ folder: data, ...manifest })}\n`
          : `Restored ${data} from the backup of ${new Date(createdAt).toISOString()}: ${breaks} breaks, ${journal} journal entries\n`,
      );
    });
}
