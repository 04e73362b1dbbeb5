import type { QueryStore, ThreadStore } from '../store.ts';
import { CallTracker } from './call-tracker.ts';
import { connectionOf } from './connection-settings.ts';
import { Database } from './database.ts';
import { Partitions } from './partitions.ts';
import { createReads } from './reads.ts';
import type { PostgresShare } from './share.ts';
import { createWrites } from './writes.ts';

/** A thread that derives or groups waits for each statement; a second connection serves what overlaps. */
const CONNECTIONS = 2;

/**
 * Opens connections of its own to an open store, for a thread that computes from stored data.
 *
 * Written data may not be on disk when a call returns: after a power failure of the database server it is
 * derived again from the journal, with the same result. Only deliberately changed verdicts wait for the disk.
 *
 * @throws `STORE_*`, `DATABASE_*`
 */
export function openThreadStore({ settings, epoch }: PostgresShare): ThreadStore {
  const database = new Database({ connection: connectionOf(settings), size: CONNECTIONS });
  const calls = new CallTracker();
  return {
    ...calls.track({
      ...createReads(database),
      ...createWrites(database, { epoch, durable: false, partitions: new Partitions(database) }),
    }),
    async close() {
      await calls.close();
      await database.close();
    },
  };
}

/**
 * Opens connections of its own to an open store, for a thread that answers queries.
 *
 * @param goOn - called now and then while a statement runs; what it throws ends the statement
 */
export function openQueryStore({ settings }: PostgresShare, goOn: () => void): QueryStore {
  const connection = connectionOf(settings);
  // Parts of an answer are read at the same time, and a statement is ended over another connection.
  const database = new Database({ connection, size: CONNECTIONS + 1, goOn });
  return { ...createReads(database), close: () => database.close() };
}
