import { BreakwatchError } from '../../model/errors.ts';
import type { DerivingStore } from '../store.ts';
import { recordOf } from './break-row.ts';
import { carryError } from './carry-error.ts';
import { Connection } from './connection.ts';
import { databaseFile, journalFile } from './files.ts';
import { findRecords } from './find-records.ts';
import { batchRowsOf, entryKeysOf, entryOf, pushOf } from './plain-rows.ts';
import { createReadOperations } from './read-operations.ts';
import { createWriteOperations } from './write-operations.ts';

/**
 * Opens an open store a second time for the thread that derives, with connections of its own: what
 * it reads and writes crosses no thread. Every call blocks the thread until it is done.
 *
 * What is derived need not be on disk when it is committed: the cursor is in the same transaction, so
 * after a power cut it is derived again, to the same. Only verdicts that were changed on purpose are
 * waited for.
 *
 * @param folder - of a store that is open in this process
 * @throws `STORE_FAILED`
 */
export function openDerivingStore(folder: string): DerivingStore {
  const { database, journal } = connect(folder);
  const reads = createReadOperations(database);
  const journalReads = createReadOperations(journal);
  const { forget, commit } = createWriteOperations(database);
  const done = async <T>(work: () => T): Promise<T> => {
    try {
      return work();
    } catch (thrown) {
      throw failure(thrown);
    }
  };

  return {
    journal: (afterSeq, limit) => done(() => journalReads.journal(afterSeq, limit).map(entryOf)),
    journalEntries: (account, keys) =>
      done(() => journalReads.journalEntries(account, entryKeysOf(keys)).map(entryOf)),
    cursor: () => done(reads.cursor),
    commit: (batch) =>
      done(() => {
        database.synchronize(batch.supersedes ? 'full' : 'normal');
        try {
          database.transaction(() => commit(batchRowsOf(batch)));
        } catch (thrown) {
          forget();
          throw thrown;
        }
      }),
    breaksOfStream: (stream, range) =>
      done(() => reads.breaksOfStream(stream, range).map(recordOf)),
    pushesOfStream: (stream, range) => done(() => reads.pushesOfStream(stream, range).map(pushOf)),
    nearbyCounts: (requests) => done(() => reads.nearbyCounts(requests)),
    findBreaks: (search) => findRecords(search, (page) => done(() => reads.findBreaks(page))),
    close: () =>
      done(() => {
        journal.close();
        database.close();
      }),
  };
}

function connect(folder: string): { database: Connection; journal: Connection } {
  try {
    // Not one attached to the other: a transaction would lock both.
    return {
      database: new Connection({
        file: databaseFile(folder),
        readOnly: false,
        synchronous: 'normal',
      }),
      journal: new Connection({
        file: journalFile(folder),
        readOnly: true,
        synchronous: 'normal',
      }),
    };
  } catch (thrown) {
    throw failure(thrown);
  }
}

function failure(thrown: unknown): BreakwatchError {
  const { code, details } = carryError(thrown);
  return new BreakwatchError(code, details, { cause: thrown });
}
