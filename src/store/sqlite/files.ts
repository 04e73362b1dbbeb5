import { join } from 'node:path';

/** What arrived: the journal alone, so that appending to it waits for no other write. */
export function journalFile(folder: string): string {
  return join(folder, 'journal.db');
}

/** Everything else: what is derived from the journal, with the place up to which it is. */
export function databaseFile(folder: string): string {
  return join(folder, 'breakwatch.db');
}
