/**
 * A thread with one database connection. There are separate writers for the journal and for everything
 * else, and separate readers, so that neither deriving nor a long panel query delays a callback.
 *
 * @module
 */
import { Transferred } from '../../threads/channel.ts';
import { runThread, type ThreadWork } from '../../threads/run-thread.ts';
import { createColumnOperations } from '../columns/column-operations.ts';
import { prepareStamps } from '../columns/stamps.ts';
import type { SeriesGroup, SeriesSearch } from '../store.ts';
import { checkJournal } from './check-journal.ts';
import { Connection } from './connection.ts';
import { databaseFile, journalFile } from './files.ts';
import { createIntegrityOperations } from './integrity-operations.ts';
import { continueAfter, createJournalOperations } from './journal-operations.ts';
import { createPurgeOperations, NON_DURABLE_STEPS } from './purge-operations.ts';
import { createReadOperations, readCursor } from './read-operations.ts';
import { runWriter } from './run-writer.ts';
import { checkVersions, createTables, DATABASE_SCHEMA, JOURNAL_SCHEMA } from './schema.ts';
import { toStoreError } from './sqlite-error.ts';
import type { SqliteThreadData } from './start-sqlite-thread.ts';
import { createWriteOperations } from './write-operations.ts';

/** How long a busy journal waits for more entries, which then share one disk write, ms. */
const GATHER_MS = 2;

/** Must be ready before the journal's writer starts, because it checks the versions of both files. */
function startDatabaseWriter({ folder, synchronous }: SqliteThreadData): ThreadWork {
  checkVersions(folder);
  const connection = new Connection({ file: databaseFile(folder), readOnly: false, synchronous });
  createTables(connection.database, DATABASE_SCHEMA);
  prepareStamps(connection);
  const { forget, ...operations } = createWriteOperations(connection);
  return runWriter({
    connection,
    operations: { ...operations, ...createPurgeOperations(connection) },
    onRollback: forget,
    nonDurable: NON_DURABLE_STEPS,
    gatherMs: 0,
  });
}

function startJournalWriter(data: SqliteThreadData): ThreadWork {
  const { folder, synchronous } = data;
  const cursor = cursorIn(folder);
  if (!data.acceptJournalLoss) {
    checkJournal(folder, cursor);
  }
  const connection = new Connection({ file: journalFile(folder), readOnly: false, synchronous });
  createTables(connection.database, JOURNAL_SCHEMA);
  continueAfter(connection.database, cursor);
  return runWriter({
    connection,
    operations: createJournalOperations(connection),
    gatherMs: GATHER_MS,
  });
}

function cursorIn(folder: string): number {
  const database = new Connection({
    file: databaseFile(folder),
    readOnly: true,
    synchronous: 'full',
  });
  try {
    return readCursor(database);
  } finally {
    database.close();
  }
}

function startReader({ folder, synchronous }: SqliteThreadData): ThreadWork {
  const connection = new Connection({
    file: databaseFile(folder),
    readOnly: true,
    synchronous,
    attach: journalFile(folder),
  });
  const reads = createReadOperations(connection);
  return {
    operations: {
      ...reads,
      series: (search: SeriesSearch) => transfer(reads.series(search)),
    },
    end: () => connection.close(),
  };
}

/** Transfers the points instead of copying them: a long range by stream has megabytes. */
function transfer(groups: SeriesGroup[]): Transferred<SeriesGroup[]> {
  const buffers = groups.flatMap(({ points }) =>
    points instanceof Float64Array && points.buffer instanceof ArrayBuffer ? [points.buffer] : [],
  );
  return new Transferred(groups, buffers);
}

function startColumns({ folder, synchronous }: SqliteThreadData): ThreadWork {
  const connection = new Connection({ file: databaseFile(folder), readOnly: true, synchronous });
  return { operations: createColumnOperations(connection, folder), end: () => connection.close() };
}

/** Has no connection between its calls, so that it holds back no checkpoint. */
function startIntegrity({ folder }: SqliteThreadData): ThreadWork {
  return { operations: createIntegrityOperations(folder), end: () => undefined };
}

const ROLES = {
  journal: startJournalWriter,
  writer: startDatabaseWriter,
  reader: startReader,
  columns: startColumns,
  integrity: startIntegrity,
};

runThread((data: SqliteThreadData) => ROLES[data.role](data), toStoreError);
