import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { BreakwatchError } from '../../model/errors.ts';

/** Path of the journal. It is a separate file, so that appends never wait for other writes. */
export function journalFile(folder: string): string {
  return join(folder, 'journal.db');
}

/** Path of the database with everything derived from the journal, and the cursor. */
export function databaseFile(folder: string): string {
  return join(folder, 'breakwatch.db');
}

/** @throws `DATA_FOLDER_WITHOUT_STORE` for a folder without one of the two files, which SQLite would create */
export function requireFiles(folder: string): void {
  const missing = [databaseFile(folder), journalFile(folder)].find((file) => !existsSync(file));
  if (missing !== undefined) {
    throw new BreakwatchError('DATA_FOLDER_WITHOUT_STORE', {
      folder: resolve(folder),
      file: basename(missing),
    });
  }
}
