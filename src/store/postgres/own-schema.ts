import type { ClientConfig } from 'pg';
import { BreakwatchError } from '../../model/errors.ts';
import type { Database, Sql } from './database.ts';
import { Leadership } from './leadership.ts';
import { FIRST_SHARED, migrate, readVersion, SCHEMA_VERSION } from './migrations.ts';
import { prepareSchema } from './schema.ts';

/** The lock of a server of a version before {@link FIRST_SHARED}; its second number is made of the schema's name. */
const OLD_LOCK = 7_218;

/**
 * Brings the tables to the version of this program, in one transaction.
 *
 * @throws `DATABASE_OWNED` while a server runs that cannot share them, and what `prepareSchema` throws
 */
export async function joinSchema(database: Database, schema: string): Promise<void> {
  await prepareSchema(database, schema);
  const { found } = await readVersion(database);
  if (found >= SCHEMA_VERSION) {
    return;
  }
  await database.transaction(async (sql) => {
    if (found < FIRST_SHARED) {
      const row = await sql.row<[boolean, string]>(
        `SELECT pg_try_advisory_xact_lock(${OLD_LOCK}, hashtext($1)), owner FROM writer WHERE part = 'derived'`,
        schema,
      );
      if (row?.[0] !== true) {
        throw new BreakwatchError('DATABASE_OWNED', { owner: row?.[1] ?? 'unknown' });
      }
    }
    await migrate(sql);
  });
}

async function hasServers(sql: Sql): Promise<boolean> {
  return (await sql.row<[string | null]>(`SELECT to_regclass('servers')::text`))?.[0] != null;
}

/** @throws `DATABASE_OWNED` when another server leads */
async function lead(leadership: Leadership): Promise<number> {
  // The first attempt may only find out that the rows are missing, or that the lead has ended.
  for (let attempt = 0; attempt < 2; attempt++) {
    await leadership.tryOnce();
    if (leadership.epoch !== null) {
      return leadership.epoch;
    }
  }
  throw new BreakwatchError('DATABASE_OWNED', { owner: leadership.owner || 'unknown' });
}

/** A schema that this process alone uses. */
export interface OwnedSchema {
  /** The number with which this process writes, see `fencedTransaction`. */
  epoch: number;
  /** Lets another server lead at once. */
  release(): Promise<void>;
}

/**
 * Makes this process lead at once, and brings the tables to the version of this program. While it is connected, no other
 * server leads.
 *
 * @param check - runs when this process leads
 * @throws `DATABASE_OWNED` when another server leads, and what `prepareSchema` throws
 */
export async function ownSchema(
  database: Database,
  connection: ClientConfig,
  schema: string,
  check: () => Promise<void> = async () => undefined,
): Promise<OwnedSchema> {
  await prepareSchema(database, schema);
  const leadership = new Leadership({ connection, schema });
  try {
    // First, so that nothing is changed under a server that leads.
    if (await hasServers(database)) {
      await lead(leadership);
    }
    await joinSchema(database, schema);
    // A change of the tables may have ended the lead.
    const epoch = await lead(leadership);
    await check();
    leadership.begin({
      note: () => null,
      onChange(leads) {
        // Another one leads: writes fail from now on, and this process must not keep it out when it ends.
        if (leads === null) {
          void leadership.close();
        }
      },
      onError: () => undefined,
    });
    return { epoch, release: () => leadership.close() };
  } catch (thrown) {
    await leadership.close();
    throw thrown;
  }
}
