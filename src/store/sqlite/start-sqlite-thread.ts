import type { OperationsOf } from '../../threads/channel.ts';
import { startThread, type Thread } from '../../threads/start-thread.ts';

/** Start data of a store thread. */
export interface SqliteThreadData {
  /** Appends to the journal, writes everything else, reads, builds column files, or checks the files. */
  role: 'journal' | 'writer' | 'reader' | 'columns' | 'integrity';
  /** The data folder. */
  folder: string;
  synchronous: 'full' | 'normal';
  /** Starts although the journal lacks entries from which breaks were derived. */
  acceptJournalLoss?: boolean;
}

/**
 * Starts a thread with one connection and waits until it is ready. A thread that stops is restarted.
 *
 * @param url - the file of the thread
 * @throws the error of a thread that cannot start: `STORE_TOO_OLD`, `STORE_TOO_NEW` and other `STORE_*`
 */
export async function startSqliteThread<O extends OperationsOf<O>>(
  url: URL,
  data: SqliteThreadData,
): Promise<Thread<O>> {
  const thread = startThread<O>({ url, name: data.role, data: () => data });
  await thread.ready;
  return thread;
}
