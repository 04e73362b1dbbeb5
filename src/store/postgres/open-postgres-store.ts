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
import { purgeSteps } from './purge.ts';
import { createReads } from './reads.ts';
import { createWrites } from './writes.ts';

/** Connections for all but the journal, which has one of its own, so that no callback waits for a reader. */
const CONNECTIONS = 6;
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

  const { lock, epoch } = await ownSchema(database, connection, schema, () =>
    refuseUnfinishedMove(database, schema),
  ).catch(async (thrown) => {
    await database.close();
    await journalDatabase.close();
    throw thrown;
  });

  const append = createGroupCommit(
    (entries: readonly JournalEntry[]) => appendEntries(journalDatabase, epoch, entries),
    MAX_ENTRIES,
  );
  const reads = createReads(database);
  const calls = new CallTracker();

  async function close(): Promise<void> {
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
    ...calls.track({ ...reads, ...createWrites(database, { epoch, durable: true }), append }),
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
