import type { JournalEntry } from '../../model/break.ts';
import { createPurgeQueue } from '../purge-old.ts';
import type { Store } from '../store.ts';
import { CallTracker } from './call-tracker.ts';
import { connectionOf, type PostgresSettings } from './connection-settings.ts';
import { Database } from './database.ts';
import { createGroupCommit } from './group-commit.ts';
import { appendEntries, tryJournal } from './journal.ts';
import { Partitions } from './partitions.ts';
import { purgeSteps } from './purge.ts';
import { createReads } from './reads.ts';
import { createRuleRevisions } from './rule-revisions.ts';
import { createWrites } from './writes.ts';

/** Connections for all but the journal, which has one of its own, so that no callback waits for a reader. */
const CONNECTIONS = 6;
/** How often partitions are made in advance, ms. */
const KEEP_PARTITIONS_MS = 3_600_000;
/** Maximum number of entries of one write to the journal. */
const MAX_ENTRIES = 500;
/** A write to the journal that takes longer, ms, has failed: CSS sends the callback again, and finds it if it was stored. */
const APPEND_MS = 10_000;

/** The connections of the main thread, and the one writer of its journal. */
export interface StoreConnections {
  settings: PostgresSettings;
  database: Database;
  journal: Database;
  append: Store['append'];
  close(): Promise<void>;
}

/** Opens the connections of a store when they are first used. @throws `BAD_CONFIG` */
export function openConnections(settings: PostgresSettings): StoreConnections {
  const connection = connectionOf(settings);
  const database = new Database({ connection, size: CONNECTIONS });
  const journal = new Database({
    connection: { ...connection, query_timeout: APPEND_MS },
    size: 1,
  });
  return {
    settings,
    database,
    journal,
    append: createGroupCommit(
      (entries: readonly JournalEntry[]) => appendEntries(journal, entries),
      MAX_ENTRIES,
    ),
    async close() {
      await journal.close();
      await database.close();
    },
  };
}

/** The number of a server that does not lead. */
export const NO_EPOCH = -1;

/**
 * A store on open connections. Its end leaves them open.
 *
 * @param epoch - the number with which it writes, see `fencedTransaction`
 */
export function storeOn(
  { settings, database, journal, append }: StoreConnections,
  epoch: number,
): Store {
  const purges = createPurgeQueue();
  const reads = createReads(database);
  const calls = new CallTracker();
  const partitions = new Partitions(database);
  // Without, breaks go into the partition for all other times until the next attempt.
  const keep = () => void partitions.keep().catch(() => undefined);
  const keeping = epoch === NO_EPOCH ? undefined : setInterval(keep, KEEP_PARTITIONS_MS).unref();
  if (keeping) {
    keep();
  }
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    clearInterval(keeping);
    await purges.close();
    await calls.close();
  }

  return {
    kind: 'postgres',
    share: { kind: 'postgres', settings, epoch },
    revisions: calls.track(createRuleRevisions(database, epoch)),
    ...calls.track({
      ...reads,
      ...createWrites(database, { epoch, durable: true, partitions }),
      append,
    }),
    tryJournal: () => tryJournal(journal),
    integrity: () => null,
    connections() {
      const [all, forJournal] = [database.connections, journal.connections];
      return {
        max: all.max + forJournal.max,
        open: all.open + forJournal.open,
        idle: all.idle + forJournal.idle,
        waiting: all.waiting + forJournal.waiting,
      };
    },
    purge: (request, onStep) =>
      purges.run(purgeSteps(database, epoch, reads.cursor), request, onStep),
    close() {
      closing ??= close();
      return closing;
    },
  };
}
