/**
 * The thread that holds one database connection. The journal has a writer of its own, all else has
 * another, and there are readers, so that neither what is derived nor a long panel query delays a
 * callback. A bundle makes this file an entry of its own.
 *
 * @module
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { runColumns } from '../columns/run-columns.ts';
import { prepareStamps } from '../columns/stamps.ts';
import { carryError } from './carry-error.ts';
import { Connection } from './connection.ts';
import { databaseFile, journalFile } from './files.ts';
import { continueAfter, createJournalOperations } from './journal-operations.ts';
import { createPurgeOperations, UNHURRIED } from './purge-operations.ts';
import { readCursor } from './read-operations.ts';
import { runReader } from './run-reader.ts';
import { runWriter } from './run-writer.ts';
import { checkVersions, createTables, DATABASE_SCHEMA, JOURNAL_SCHEMA } from './schema.ts';
import type { FromWorker, WorkerOrder } from './worker-messages.ts';
import { createWriteOperations } from './write-operations.ts';

/** How long a busy journal waits for more entries to share one write to the disk with, ms. */
const GATHER_MS = 2;

/** Must be ready before the journal's writer: it checks the versions of both files. */
function runDatabaseWriter(port: MessagePort, { folder, synchronous }: WorkerOrder): void {
  checkVersions(folder);
  const connection = new Connection({ file: databaseFile(folder), readOnly: false, synchronous });
  createTables(connection.database, DATABASE_SCHEMA);
  prepareStamps(connection);
  const { forget, ...operations } = createWriteOperations(connection);
  runWriter(port, {
    connection,
    operations: { ...operations, ...createPurgeOperations(connection) },
    undone: forget,
    unhurried: UNHURRIED,
    gatherMs: 0,
  });
}

function runJournalWriter(port: MessagePort, { folder, synchronous }: WorkerOrder): void {
  const connection = new Connection({ file: journalFile(folder), readOnly: false, synchronous });
  createTables(connection.database, JOURNAL_SCHEMA);
  continueAfter(connection.database, cursorIn(folder));
  runWriter(port, {
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

const ROLES = {
  journal: runJournalWriter,
  writer: runDatabaseWriter,
  reader: runReader,
  columns: runColumns,
};

const port = parentPort;
if (port !== null) {
  const order = workerData as WorkerOrder;
  try {
    ROLES[order.role](port, order);
    port.postMessage({ ready: true } satisfies FromWorker);
  } catch (thrown) {
    port.postMessage({ failed: carryError(thrown) } satisfies FromWorker);
    port.close();
  }
}
