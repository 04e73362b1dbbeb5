import { setTimeout as wait } from 'node:timers/promises';
import type { ClientConfig } from 'pg';
import { BreakwatchError } from '../../model/errors.ts';
import { Database, type Session } from './database.ts';

/** First number of the lock; the second one is made of the schema's name. */
const LOCK = 7_218;
/** Time between two attempts to get a lost lock back, ms. */
const RETRY_MS = 1_000;

/** A lock on a schema, held for as long as a connection lasts. */
export interface SchemaLock {
  release(): Promise<void>;
}

async function lockIn(session: Session, schema: string): Promise<boolean> {
  const row = await session.sql.row<[boolean]>(
    `SELECT pg_try_advisory_lock(${LOCK}, hashtext($1))`,
    schema,
  );
  return row?.[0] === true;
}

/** PostgreSQL notices the end of a connection a little later, and the next server may start at once. */
async function unlockIn(session: Session, schema: string): Promise<void> {
  await session.sql
    .row(`SELECT pg_advisory_unlock(${LOCK}, hashtext($1))`, schema)
    // The lock of a lost connection is gone.
    .catch(() => undefined);
}

/**
 * Locks a schema, so that a second server is refused while this one is connected. When the connection is lost,
 * it is made again; whether another server has taken over meanwhile is what `fencedTransaction` finds out.
 *
 * @throws `DATABASE_OWNED` when another server holds the lock
 */
export async function lockSchema(connection: ClientConfig, schema: string): Promise<SchemaLock> {
  const database = new Database({ connection, size: 1 });
  const ended = new AbortController();
  let session = await database.session();

  async function keep(): Promise<void> {
    while (!ended.signal.aborted) {
      await session.lost;
      session.release();
      await wait(RETRY_MS, undefined, { signal: ended.signal, ref: false });
      const next = await database.session().catch(() => undefined);
      if (next !== undefined) {
        session = next;
        await lockIn(next, schema);
      }
    }
  }

  try {
    if (!(await lockIn(session, schema))) {
      const row = await session.sql.row<[string]>(
        `SELECT owner FROM writer WHERE part = 'derived'`,
      );
      throw new BreakwatchError('DATABASE_OWNED', { owner: row?.[0] ?? 'unknown' });
    }
  } catch (thrown) {
    session.release();
    await database.close();
    throw thrown;
  }
  const keeping = keep().catch(() => undefined);
  return {
    async release() {
      ended.abort();
      await unlockIn(session, schema);
      session.release();
      await database.close();
      await keeping;
    },
  };
}
