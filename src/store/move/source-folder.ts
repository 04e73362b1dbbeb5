import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkJournal } from '../sqlite/check-journal.ts';
import { Connection } from '../sqlite/connection.ts';
import { databaseFile, journalFile, requireFiles } from '../sqlite/files.ts';
import { ownFolder } from '../sqlite/own-folder.ts';
import { createReadOperations, readCursor } from '../sqlite/read-operations.ts';
import { checkVersions } from '../sqlite/schema.ts';
import { toStoreError } from '../sqlite/sqlite-error.ts';

/** A data folder that nobody else uses, and that is only read. */
export interface SourceFolder {
  folder: string;
  database: Connection;
  journal: Connection;
  /** Highest journal seq that is derived. */
  cursor: number;
  /** Highest journal seq that was ever given to an entry. */
  lastSeq: number;
  /** Changes when anything in the folder's store changes. */
  stamp: string;
  close(): void;
}

function connect(file: string): Connection {
  // Not read-only: that would leave a write-ahead log behind.
  const connection = new Connection({ file, readOnly: false, synchronous: 'full' });
  // What a killed server left in the log becomes part of the file, so that the stamp covers it.
  connection.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  return connection;
}

function stampOf(file: string): string {
  const { size, mtimeNs } = statSync(file, { bigint: true });
  return `${size} ${mtimeNs}`;
}

/**
 * Opens a data folder to read all of it, and keeps servers out until it is closed.
 *
 * @throws `DATA_FOLDER_WITHOUT_STORE` when it has no store, `DATA_FOLDER_OWNED` when a server uses it, `JOURNAL_BEHIND`,
 *   `DATA_FOLDER_UNWRITABLE`, `STORE_*`
 */
export function openSourceFolder(given: string): SourceFolder {
  const folder = resolve(given);
  const files = [databaseFile(folder), journalFile(folder)];
  requireFiles(folder);
  const ownership = ownFolder(folder);
  const opened: Connection[] = [];
  const close = () => {
    for (const connection of opened.splice(0)) {
      connection.close();
    }
    ownership.release();
  };
  try {
    checkVersions(folder);
    const [database, journal] = files.map((file) => {
      const connection = connect(file);
      opened.push(connection);
      return connection;
    }) as [Connection, Connection];
    const cursor = readCursor(database);
    checkJournal(folder, cursor);
    const last = journal.row<[number]>(`SELECT seq FROM sqlite_sequence WHERE name = 'journal'`);
    return {
      folder,
      database,
      journal,
      cursor,
      lastSeq: last?.[0] ?? 0,
      stamp: files.map(stampOf).join(', '),
      close,
    };
  } catch (thrown) {
    close();
    throw toStoreError(thrown);
  }
}

/** The answers of a folder, as rows. */
export function sourceReads({ database, journal }: SourceFolder) {
  return { ...createReadOperations(database), journal: createReadOperations(journal).journal };
}
