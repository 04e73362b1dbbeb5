import { recordOf } from '../rows/break-row.ts';
import { findRecords } from '../rows/find-records.ts';
import {
  batchRowsOf,
  documentOf,
  documentRowOf,
  entryKeysOf,
  entryOf,
  pushOf,
  ruleTextRowOf,
  ruleTextsOf,
} from '../rows/plain-rows.ts';
import type { QueryStore, ThreadStore } from '../store.ts';
import { Connection } from './connection.ts';
import { databaseFile, journalFile } from './files.ts';
import { createReadOperations, type ReadOperations } from './read-operations.ts';
import { toStoreError } from './sqlite-error.ts';
import { createWriteOperations } from './write-operations.ts';

/** Memory for pages of the database while there is a backlog of old events, KiB. */
const BACKLOG_CACHE_KIB = 64 * 1024;
/** The memory is released when no full page of the journal was read for this time, ms. */
const BACKLOG_OVER_MS = 10_000;

/**
 * Gives a connection more memory for pages while there is a backlog of old events, from an import or a back-fill.
 * Deriving reads the days around each event: with little memory, the same pages are read from the file again for
 * each batch. A storm of callbacks does not need it, because it reads the last minutes.
 */
class BacklogCache {
  readonly #connection: Connection;
  #timer: NodeJS.Timeout | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Call it for each full page of the journal with old events. */
  extend(): void {
    if (this.#timer) {
      this.#timer.refresh();
      return;
    }
    this.#connection.setCache(BACKLOG_CACHE_KIB);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#connection.setCache();
    }, BACKLOG_OVER_MS);
    this.#timer.unref();
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}

/**
 * Opens separate connections to an open store, for a thread that computes from stored data. No data is
 * passed between threads; every call blocks this thread until it is done.
 *
 * Written data may not be on disk when a call returns: after a power failure it is derived again from the
 * journal, with the same result. Only deliberately changed verdicts wait for the disk.
 *
 * @param folder - data folder of a store that is open in this process
 * @throws `STORE_FAILED`
 */
export function openThreadStore(folder: string): ThreadStore {
  const database = connect(databaseFile(folder), false);
  /** A separate connection, because a transaction would lock an attached journal too. */
  let journal: { connection: Connection; reads: ReadOperations } | undefined;
  const cache = new BacklogCache(database);
  const reads = createReadOperations(database);
  const { forget, ...writes } = createWriteOperations(database);
  const readJournal = <T>(read: (operations: typeof reads) => T) =>
    done(() => {
      journal ??= openJournal(folder);
      return read(journal.reads);
    });
  const write = (work: () => void, synchronous: 'full' | 'normal' = 'normal') =>
    done(() => {
      database.setSynchronous(synchronous);
      try {
        database.transaction(work);
      } catch (thrown) {
        forget();
        throw thrown;
      }
    });

  return {
    journal: (afterSeq, limit) =>
      readJournal((operations) => {
        const rows = operations.journal(afterSeq, limit);
        const entries = rows.map(entryOf);
        if (entries.length === limit && entries.at(-1)?.source !== 'callback') {
          cache.extend();
        }
        return entries;
      }),
    journalEntries: (account, keys) =>
      readJournal((operations) =>
        operations.journalEntries(account, entryKeysOf(keys)).map(entryOf),
      ),
    cursor: () => done(reads.cursor),
    commit: (batch) =>
      write(() => writes.commit(batchRowsOf(batch)), batch.supersedes ? 'full' : 'normal'),
    breaksOfStream: (...wanted) => done(() => reads.breaksOfStream(...wanted).map(recordOf)),
    fewBreaksOfStream: (...wanted) =>
      done(() => reads.fewBreaksOfStream(...wanted)?.map(recordOf) ?? null),
    endsOfStream: (...wanted) => done(() => reads.endsOfStream(...wanted)),
    hasOtherSource: (...wanted) => done(() => reads.hasOtherSource(...wanted)),
    nearby: (requests) => done(() => reads.nearby(requests)),
    ...queryMethods(reads),
    putRuleTexts: (texts) => write(() => writes.putRuleTexts(texts.map(ruleTextRowOf))),
    setState: (name, value) => write(() => writes.setState(name, JSON.stringify(value ?? null))),
    putDocuments: (documents) => write(() => writes.putDocuments(documents.map(documentRowOf))),
    removeDocuments: (kind, ids) => write(() => writes.removeDocuments(kind, ids)),
    close: () =>
      done(() => {
        cache.close();
        journal?.connection.close();
        database.close();
      }),
  };
}

/**
 * Opens a read-only connection to an open store, for a thread that answers queries.
 *
 * @param goOn - called now and then while a statement runs; what it throws ends the statement
 * @throws `STORE_FAILED`
 */
export function openQueryStore(folder: string, goOn: () => void): QueryStore {
  const database = connect(databaseFile(folder), true, goOn);
  return {
    ...queryMethods(createReadOperations(database), goOn),
    close: () => done(() => database.close()),
  };
}

function openJournal(folder: string): { connection: Connection; reads: ReadOperations } {
  const connection = connect(journalFile(folder), true);
  return { connection, reads: createReadOperations(connection) };
}

/** The methods that answer queries. */
function queryMethods(
  reads: ReadOperations,
  goOn: () => void = () => undefined,
): Omit<QueryStore, 'close'> {
  const read = <T>(work: () => T) =>
    done(() => {
      goOn();
      return work();
    });
  return {
    pushesOfStream: (...wanted) => read(() => reads.pushesOfStream(...wanted).map(pushOf)),
    pushesDuring: (search) => read(() => reads.pushesDuring(search).map(pushOf)),
    breakById: (id) =>
      read(() => {
        const row = reads.breakById(id);
        return row === undefined ? null : recordOf(row);
      }),
    findBreaks: (search) => findRecords(search, (page) => read(() => reads.findBreaks(page))),
    lastPlace: () => read(() => reads.lastPlace()),
    series: (search) => read(() => reads.series(search)),
    ruleTexts: (hashes) => read(() => reads.ruleTexts(hashes).map(ruleTextsOf)),
    findDocuments: (search) => read(() => reads.documents(search).map(documentOf)),
    getState: (name) =>
      read(() => {
        const text = reads.getState(name);
        return text === undefined ? undefined : JSON.parse(text);
      }),
  };
}

async function done<T>(work: () => T): Promise<T> {
  try {
    return work();
  } catch (thrown) {
    throw toStoreError(thrown);
  }
}

function connect(file: string, readOnly: boolean, goOn?: () => void): Connection {
  try {
    return new Connection({ file, readOnly, synchronous: 'normal', ...(goOn && { goOn }) });
  } catch (thrown) {
    throw toStoreError(thrown);
  }
}
