import { hostname } from 'node:os';
import { BreakwatchError } from '../../model/errors.ts';
import type { Database, Sql, SqlTransaction } from './database.ts';

/**
 * Makes sure, within a transaction that writes, that this server still owns the tables. Until the end of the
 * transaction no other server can take them over.
 *
 * @param epoch - the number that this server got when it opened the store
 * @param isAlone - waits for other transactions that write breaks, as they change the same rows
 * @throws `DATABASE_OWNED` when another server has taken over
 */
async function checkFence(sql: Sql, epoch: number, isAlone: boolean): Promise<void> {
  const lock = isAlone ? 'NO KEY UPDATE' : 'KEY SHARE';
  const row = await sql.row<[number]>(
    `SELECT epoch FROM writer WHERE part = 'derived' FOR ${lock}`,
  );
  if (row?.[0] !== epoch) {
    await throwOwned(sql);
  }
}

/** How a transaction writes. */
interface FencedOptions {
  epoch: number;
  /** As in {@link checkFence}. */
  isAlone: boolean;
  /** With false, a power failure of the database server may undo it. */
  durable: boolean;
}

/**
 * Runs statements that write in one transaction, all or nothing, if this server still owns the tables.
 *
 * @throws `DATABASE_OWNED` when another server has taken over
 */
export function fencedTransaction<T>(
  database: Database,
  { epoch, isAlone, durable }: FencedOptions,
  work: (sql: SqlTransaction) => Promise<T>,
): Promise<T> {
  return database.transaction(
    async (sql) => {
      await checkFence(sql, epoch, isAlone);
      return work(sql);
    },
    { durable },
  );
}

/** @throws always: `DATABASE_OWNED`, with the name of the server that has taken over */
export async function throwOwned(sql: Sql): Promise<never> {
  const row = await sql.row<[string]>(`SELECT owner FROM writer WHERE part = 'derived'`);
  throw new BreakwatchError('DATABASE_OWNED', { owner: row?.[0] ?? 'unknown' });
}

/** Names this process to people who look for the owner of the tables. */
export function ownName(): string {
  return `${hostname()}, process ${process.pid}`;
}

/**
 * Takes the tables over: waits for transactions of the server before, which cannot write afterwards. The caller
 * opens the transaction.
 *
 * @param owner - names this server to people
 * @returns the number of this server
 */
export async function takeOver(sql: Sql, owner: string): Promise<number> {
  // The strongest lock, because a small write holds the weakest.
  await sql.rows('SELECT part FROM writer ORDER BY part FOR UPDATE');
  const row = await sql.row<[number]>(
    'UPDATE writer SET epoch = epoch + 1, owner = $1 RETURNING epoch',
    owner,
  );
  return (row as [number])[0];
}
