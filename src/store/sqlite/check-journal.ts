import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { BreakwatchError } from '../../model/errors.ts';
import { journalFile } from './files.ts';

/**
 * The highest seq that a journal ever gave to an entry; 0 for a file that is missing or empty. Opens no
 * missing or empty file, because SQLite would create it and delete its write-ahead log.
 */
function lastSeqOf(file: string): number {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0) {
    return 0;
  }
  const database = new DatabaseSync(file, { timeout: 5_000 });
  try {
    const { tables } = database
      .prepare(`SELECT count(*) AS tables FROM sqlite_schema WHERE name = 'sqlite_sequence'`)
      .get() as { tables: number };
    const row =
      tables === 0
        ? undefined
        : database.prepare(`SELECT seq FROM sqlite_sequence WHERE name = 'journal'`).get();
    return (row as { seq: number } | undefined)?.seq ?? 0;
  } finally {
    database.close();
  }
}

/**
 * Checks that the journal has every entry from which breaks were derived. The journal always reaches the
 * disk first, so one that is behind was lost, emptied, or replaced by an older copy. A start would create a
 * new one and hide that, for example when the disk of the journal is not mounted.
 *
 * @param cursor - highest seq that is derived
 * @throws `JOURNAL_BEHIND`
 */
export function checkJournal(folder: string, cursor: number): void {
  const last = lastSeqOf(journalFile(folder));
  if (last < cursor) {
    throw new BreakwatchError('JOURNAL_BEHIND', { folder, last, cursor });
  }
}
