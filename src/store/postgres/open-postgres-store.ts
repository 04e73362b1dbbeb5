import type { Store } from '../store.ts';
import { connectionOf, type PostgresSettings, schemaOf } from './connection-settings.ts';
import { refuseUnfinishedMove } from './move-mark.ts';
import { ownSchema } from './own-schema.ts';
import { Partitions } from './partitions.ts';
import { openConnections, storeOn } from './store-on.ts';

/**
 * Opens a store in a PostgreSQL database for this process alone, and creates its tables in an empty schema.
 * `openSharedStore` opens it for several servers.
 *
 * @throws `BAD_CONFIG`, `DATABASE_UNREACHABLE`, `DATABASE_REFUSED`, `DATABASE_NO_RIGHTS`, `DATABASE_UNSUITABLE`,
 *   `DATABASE_OTHER_VERSION`, `DATABASE_OWNED`, `DATABASE_MOVE_UNFINISHED`, `STORE_READ_ONLY`, `STORE_FULL`, `STORE_FAILED`
 */
export async function openPostgresStore(settings: PostgresSettings): Promise<Store> {
  const connection = connectionOf(settings);
  const schema = schemaOf(settings);
  const connections = openConnections(settings);
  const { database } = connections;
  const { epoch, release } = await ownSchema(database, connection, schema, async () => {
    await refuseUnfinishedMove(database, schema);
    await new Partitions(database).keep();
  }).catch(async (thrown) => {
    await connections.close();
    throw thrown;
  });
  const store = storeOn(connections, epoch);
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    await store.close();
    await connections.close();
    await release();
  }

  return {
    ...store,
    close() {
      closing ??= close();
      return closing;
    },
  };
}
