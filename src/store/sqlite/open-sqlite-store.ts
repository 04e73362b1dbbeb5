import type { StoreIntegrity } from '../../model/health.ts';
import type { OperationsOf } from '../../threads/channel.ts';
import type { Thread } from '../../threads/start-thread.ts';
import { type BlockUpkeep, startBlockUpkeep } from '../columns/block-upkeep.ts';
import type { ColumnOperations } from '../columns/column-operations.ts';
import { createPurgeQueue, type PurgeSteps } from '../purge-old.ts';
import { earlierOf, recordOf } from '../rows/break-row.ts';
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
import type { Store } from '../store.ts';
import { type IntegrityCheck, startIntegrityCheck } from './check-integrity.ts';
import type { IntegrityOperations } from './integrity-operations.ts';
import type { JournalOperations } from './journal-operations.ts';
import { ownFolder } from './own-folder.ts';
import type { PurgeOperations } from './purge-operations.ts';
import type { ReadOperations } from './read-operations.ts';
import { type SqliteThreadData, startSqliteThread } from './start-sqlite-thread.ts';
import type { WriteOperations } from './write-operations.ts';

/** Options of a SQLite store. */
export interface SqliteStoreOptions {
  /** The data folder; created when missing. Only one store can own it at a time. */
  folder: string;
  /** File of the worker; tests use one that fails. */
  workerUrl?: URL;
  /** `normal` acknowledges before data is on disk; only for measuring the cost of durability. */
  synchronous?: 'full' | 'normal';
  /**
   * Opens the folder although its journal lacks entries from which breaks were derived. These breaks stay;
   * they cannot be derived again.
   */
  acceptJournalLoss?: boolean;
  /** Called when the check of the database files has ended. */
  onChecked?: (result: StoreIntegrity) => void;
}

/**
 * Opens the embedded store: one SQLite file for the journal and one for everything else. Each file has its
 * own writer thread, and two reader threads read both, so that neither deriving nor a panel's long query
 * delays a callback.
 *
 * @throws `DATA_FOLDER_OWNED`, `DATA_FOLDER_UNWRITABLE`, `STORE_TOO_OLD`, `STORE_TOO_NEW`,
 *   `JOURNAL_BEHIND`, `STORE_NO_LOCKS`, `STORE_FULL`, `STORE_DAMAGED`, `STORE_READ_ONLY`, `STORE_BUSY`, `STORE_FAILED`
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { folder, synchronous = 'full', acceptJournalLoss = false } = options;
  const workerUrl = options.workerUrl ?? new URL('./sqlite-worker.ts', import.meta.url);
  const ownership = ownFolder(folder);
  const opened: Thread<object>[] = [];
  let columns: BlockUpkeep | undefined;
  let integrity: IntegrityCheck | undefined;
  const purges = createPurgeQueue();
  const start = <O extends OperationsOf<O>>(role: SqliteThreadData['role']) =>
    startSqliteThread<O>(workerUrl, { role, folder, synchronous, acceptJournalLoss });
  const open = async <O extends OperationsOf<O>>(role: SqliteThreadData['role']) => {
    const thread = await start<O>(role);
    opened.push(thread);
    return thread;
  };

  async function close(): Promise<void> {
    try {
      await purges.close();
      await integrity?.close();
      await columns?.close();
      // The writers end last, so that they can truncate the write-ahead logs.
      for (const thread of opened.splice(0).reverse()) {
        await thread.end();
      }
    } finally {
      ownership.release();
    }
  }

  const openAll = async () => {
    // In this order: the writer creates the tables, which the others need.
    const writer = await open<WriteOperations & PurgeOperations>('writer');
    const journal = await open<JournalOperations>('journal');
    const readers = [open<ReadOperations>('reader'), open<ReadOperations>('reader')] as const;
    // Wait until both have started or failed, so that closing ends both.
    await Promise.allSettled(readers);
    const [engineReader, panelReader] = await Promise.all(readers);
    return { writer, journal, engineReader, panelReader };
  };
  const { writer, journal, engineReader, panelReader } = await openAll().catch(async (thrown) => {
    await close();
    throw thrown;
  });
  columns = startBlockUpkeep({
    start: () => start<ColumnOperations>('columns'),
  });
  const check = startIntegrityCheck({
    start: () => start<IntegrityOperations>('integrity'),
    onResult: options.onChecked ?? (() => undefined),
  });
  integrity = check;
  let closing: Promise<void> | undefined;

  return {
    kind: 'sqlite',
    share: { kind: 'sqlite', folder },
    async append(entries) {
      const rows = await journal.call(
        'append',
        entries.map((entry) => [
          entry.account,
          entry.source,
          entry.key,
          entry.receivedAt,
          JSON.stringify(entry.body),
          JSON.stringify(entry.derived),
        ]),
      );
      return rows.map(([seq, duplicate]) => ({ seq, duplicate }));
    },
    tryJournal: () => journal.call('tryWrite'),
    async journal(afterSeq, limit) {
      return (await engineReader.call('journal', afterSeq, limit)).map(entryOf);
    },
    async journalEntries(account, keys) {
      return (await engineReader.call('journalEntries', account, entryKeysOf(keys))).map(entryOf);
    },
    async entriesBetween(account, source, range, limit) {
      const rows = await panelReader.call('entriesBetween', account, source, range, limit);
      return rows.map(entryOf);
    },
    cursor: () => engineReader.call('cursor'),
    commit: (batch) => writer.call('commit', batchRowsOf(batch)),
    async breaksOfStream(...wanted) {
      return (await engineReader.call('breaksOfStream', ...wanted)).map(recordOf);
    },
    async fewBreaksOfStream(...wanted) {
      return (await engineReader.call('fewBreaksOfStream', ...wanted))?.map(recordOf) ?? null;
    },
    endsOfStream: (...wanted) => engineReader.call('endsOfStream', ...wanted),
    hasOtherSource: (...wanted) => engineReader.call('hasOtherSource', ...wanted),
    async pushesOfStream(...wanted) {
      return (await engineReader.call('pushesOfStream', ...wanted)).map(pushOf);
    },
    async pushesDuring(search) {
      return (await panelReader.call('pushesDuring', search)).map(pushOf);
    },
    nearby: (requests) => engineReader.call('nearby', requests),
    async breakById(id) {
      const row = await panelReader.call('breakById', id);
      return row === undefined ? null : recordOf(row);
    },
    async earlierVerdicts(id) {
      return (await panelReader.call('earlierVerdicts', id)).map(earlierOf);
    },
    findBreaks: (search) => findRecords(search, (page) => panelReader.call('findBreaks', page)),
    lastPlace: () => panelReader.call('lastPlace'),
    series: (search) => panelReader.call('series', search),
    values: (name, range, limit, search) => panelReader.call('values', name, range, limit, search),
    putRuleTexts: (texts) => writer.call('putRuleTexts', texts.map(ruleTextRowOf)),
    async ruleTexts(hashes) {
      return (await panelReader.call('ruleTexts', hashes)).map(ruleTextsOf);
    },
    async getState(name) {
      const text = await engineReader.call('getState', name);
      return text === undefined ? undefined : JSON.parse(text);
    },
    setState: (name, value) => writer.call('setState', name, JSON.stringify(value ?? null)),
    putDocuments: (documents) => writer.call('putDocuments', documents.map(documentRowOf)),
    async findDocuments(search) {
      return (await panelReader.call('documents', search)).map(documentOf);
    },
    removeDocuments: (kind, ids) => writer.call('removeDocuments', kind, ids),
    integrity: () => check.result,
    connections: () => null,
    counts: () => panelReader.call('counts'),
    oldest: () => panelReader.call('oldest'),
    oldestPartition: async () => null,
    purge(request, onStep) {
      const steps: PurgeSteps = {
        cursor: () => engineReader.call('cursor'),
        startMinutesAt: (before) => writer.call('startMinutesAt', before),
        breaks: (...step) => writer.call('purgeBreaks', ...step),
        pushes: (...step) => writer.call('purgePushes', ...step),
        openPushes: (...step) => writer.call('purgeOpenPushes', ...step),
        documents: (...step) => writer.call('purgeDocuments', ...step),
        minutes: (...step) => writer.call('purgeMinutes', ...step),
        journal: (...step) => journal.call('purge', ...step),
        releases: [() => writer.call('releaseFreePages'), () => journal.call('releaseFreePages')],
      };
      return purges.run(steps, request, onStep);
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}
