import type { JournalEntry } from '../../model/break.ts';
import { createPurgeQueue } from '../purge-old.ts';
import type { Store } from '../store.ts';
import { CallTracker } from './call-tracker.ts';
import { connectionOf, type PostgresSettings, schemaOf } from './connection-settings.ts';
import { Database } from './database.ts';
import { createGroupCommit } from './group-commit.ts';
import { appendEntries } from './journal.ts';
import { refuseUnfinishedMove } from './move-mark.ts';
import { ownSchema } from './own-schema.ts';
import { Partitions } from './partitions.ts';
import { purgeSteps } from './purge.ts';
import { createReads } from './reads.ts';
import { createWrites } from './writes.ts';

/** Connections for all but the journal, which has one of its own, so that no callback waits for a reader. */
const CONNECTIONS = 6;
/** How often partitions are made in advance, ms. */
const KEEP_PARTITIONS_MS = 3_600_000;
/** Maximum number of entries of one write to the journal. */
const MAX_ENTRIES = 500;

/**
 * Opens a store in a PostgreSQL database, and creates its tables in an empty schema. One server at a time can
 * have it open.
 *
 * @throws `BAD_CONFIG`, `DATABASE_UNREACHABLE`, `DATABASE_REFUSED`, `DATABASE_NO_RIGHTS`, `DATABASE_UNSUITABLE`,
 *   `DATABASE_OTHER_VERSION`, `DATABASE_OWNED`, `DATABASE_MOVE_UNFINISHED`, `STORE_READ_ONLY`, `STORE_FULL`, `STORE_FAILED`
 */
export async function openPostgresStore(settings: PostgresSettings): Promise<Store> {
  const connection = connectionOf(settings);
  const schema = schemaOf(settings);
  const database = new Database({ connection, size: CONNECTIONS });
  const journalDatabase = new Database({ connection, size: 1 });
  const purges = createPurgeQueue();

  const partitions = new Partitions(database);

  async function own() {
    const owned = await ownSchema(database, connection, schema, () =>
      refuseUnfinishedMove(database, schema),
    );
    await partitions.keep().catch(async (thrown) => {
      await owned.lock.release();
      throw thrown;
    });
    return owned;
  }

  const { lock, epoch } = await own().catch(async (thrown) => {
    await database.close();
    await journalDatabase.close();
    throw thrown;
  });
  // Without, breaks go into the partition for all other times until the next attempt.
  const keeping = setInterval(() => partitions.keep().catch(() => undefined), KEEP_PARTITIONS_MS);
  keeping.unref();

  const append = createGroupCommit(
    (entries: readonly JournalEntry[]) => appendEntries(journalDatabase, epoch, entries),
    MAX_ENTRIES,
  );
  const reads = createReads(database);
  const calls = new CallTracker();

  async function close(): Promise<void> {
    clearInterval(keeping);
    await purges.close();
    await calls.close();
    await journalDatabase.close();
    await database.close();
    await lock.release();
  }
  let closing: Promise<void> | undefined;

  return {
    kind: 'postgres',
    share: { kind: 'postgres', settings, epoch },
    ...calls.track({
      ...reads,
      ...createWrites(database, { epoch, durable: true, partitions }),
      append,
    }),
    async tryJournal() {
      await journalDatabase.run(
        `UPDATE writer SET seq = seq WHERE part = 'journal' AND epoch = $1`,
        epoch,
      );
    },
    integrity: () => null,
    connections() {
      const [all, forJournal] = [database.connections, journalDatabase.connections];
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
