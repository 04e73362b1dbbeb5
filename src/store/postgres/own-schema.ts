import type { ClientConfig } from 'pg';
import type { Database } from './database.ts';
import { ownName, takeOver } from './fence.ts';
import { migrate } from './migrations.ts';
import { lockSchema, type SchemaLock } from './ownership.ts';
import { prepareSchema } from './schema.ts';

/** A schema that this process owns. */
export interface OwnedSchema {
  lock: SchemaLock;
  /** The number of this process, see `fencedTransaction`. */
  epoch: number;
}

/**
 * Makes this process the only one that writes into a schema, and brings its tables to the version of this program:
 * in one transaction, after which no server before can write.
 *
 * @param check - runs when no other server can take the schema, before anything is changed
 * @throws `DATABASE_OWNED`, and what `prepareSchema` throws
 */
export async function ownSchema(
  database: Database,
  connection: ClientConfig,
  schema: string,
  check: () => Promise<void> = async () => undefined,
): Promise<OwnedSchema> {
  await prepareSchema(database, schema);
  const lock = await lockSchema(connection, schema);
  try {
    await check();
    const epoch = await database.transaction(async (sql) => {
      const number = await takeOver(sql, ownName());
      await migrate(sql);
      return number;
    });
    return { lock, epoch };
  } catch (thrown) {
    await lock.release();
    throw thrown;
  }
}
