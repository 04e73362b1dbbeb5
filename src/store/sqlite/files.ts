import { join } from 'node:path';

/** Path of the journal. It is a separate file, so that appends never wait for other writes. */
export function journalFile(folder: string): string {
  return join(folder, 'journal.db');
}

/** Path of the database with everything derived from the journal, and the cursor. */
export function databaseFile(folder: string): string {
  return join(folder, 'breakwatch.db');
}
