import type { Lead, SharedStore, SharedStoreOptions } from '../shared-store.ts';
import { answerCalls, askLeader } from './calls.ts';
import { connectionOf, type PostgresSettings, schemaOf } from './connection-settings.ts';
import { Leadership } from './leadership.ts';
import { refuseUnfinishedMove } from './move-mark.ts';
import { joinSchema } from './own-schema.ts';
import { NO_EPOCH, openConnections, storeOn } from './store-on.ts';

/**
 * Opens a store in a PostgreSQL database that any number of servers use at the same time, and creates its tables in an
 * empty schema.
 *
 * @throws `BAD_CONFIG`, `DATABASE_UNREACHABLE`, `DATABASE_REFUSED`, `DATABASE_NO_RIGHTS`, `DATABASE_UNSUITABLE`,
 *   `DATABASE_OTHER_VERSION`, `DATABASE_OWNED` while a server of an older version runs, `DATABASE_MOVE_UNFINISHED`,
 *   `STORE_READ_ONLY`, `STORE_FULL`, `STORE_FAILED`
 */
export async function openSharedStore(settings: PostgresSettings): Promise<SharedStore> {
  const connection = connectionOf(settings);
  const schema = schemaOf(settings);
  const connections = openConnections(settings);
  const { database } = connections;
  try {
    await joinSchema(database, schema);
    await refuseUnfinishedMove(database, schema);
  } catch (thrown) {
    await connections.close();
    throw thrown;
  }
  const leadership = new Leadership({ connection, schema });
  const store = storeOn(connections, NO_EPOCH);
  let stopAnswering: () => void = () => undefined;
  let closing: Promise<void> | undefined;

  function leadAt(epoch: number, { answer }: SharedStoreOptions): Lead {
    stopAnswering = answerCalls(database, epoch, answer);
    return { store: storeOn(connections, epoch), mayAct: () => leadership.mayAct(epoch) };
  }

  async function close(): Promise<void> {
    stopAnswering();
    await store.close();
    await leadership.close();
    await connections.close();
  }

  return {
    store,
    name: leadership.name,
    begin(options) {
      leadership.begin({
        note: options.note,
        onError: options.onError,
        onChange(epoch) {
          stopAnswering();
          options.onLead(epoch === null ? null : leadAt(epoch, options));
        },
      });
    },
    servers: () => leadership.servers,
    clockAheadMs: () => leadership.clockAheadMs,
    async place() {
      const row = await database.row<[journalled: number, derived: number]>(
        `SELECT w.seq, m.value FROM writer w, meta m WHERE w.part = 'journal' AND m.name = 'cursor'`,
      );
      return { journalled: row?.[0] ?? 0, derived: row?.[1] ?? 0 };
    },
    giveUp: () => leadership.giveUp(),
    ask: (name, body) => askLeader(database, name, body),
    close() {
      closing ??= close();
      return closing;
    },
  };
}
