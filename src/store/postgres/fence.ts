import { hostname } from 'node:os';
import { BreakwatchError } from '../../model/errors.ts';
import type { Database, Sql, SqlTransaction } from './database.ts';

/**
 * Makes sure, within a transaction that writes, that this server still leads. Until the end of the transaction no
 * other server can.
 *
 * @param epoch - the number that this server got when it began to lead
 * @param isAlone - waits for other transactions that write breaks, as they change the same rows
 * @throws `DATABASE_OWNED` when another server leads
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

/** A server that stops within a transaction keeps others from leading for this time, ms; then it is rolled back. */
const STOPPED_MS = 3_000;

/**
 * Runs statements that write in one transaction, all or nothing, if this server still leads.
 *
 * @throws `DATABASE_OWNED` when another server leads
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
    { durable, idleMs: STOPPED_MS },
  );
}

/** @throws always: `DATABASE_OWNED`, with the name of the server that leads */
async function throwOwned(sql: Sql): Promise<never> {
  const row = await sql.row<[string]>(`SELECT owner FROM writer WHERE part = 'derived'`);
  throw new BreakwatchError('DATABASE_OWNED', { owner: row?.[0] ?? 'unknown' });
}

/** Names this process to people who look for the owner of the tables. */
export function ownName(): string {
  return `${hostname()}, process ${process.pid}`;
}

/**
 * Makes the rows of `writer` again when somebody deleted them. No number of a server or an entry is used a second time: the
 * numbers of servers go on at the seconds since 1970, which they never reach by counting.
 */
export async function restoreWriter(sql: Sql): Promise<void> {
  await sql.run(
    `INSERT INTO writer (part, epoch, owner, seq)
     SELECT part,
       CASE part WHEN 'derived' THEN extract(epoch FROM clock_timestamp())::bigint
         ELSE (SELECT coalesce(max(value), 0) FROM meta WHERE name = 'needs') END, '',
       CASE part WHEN 'derived' THEN 0 ELSE greatest(
         (SELECT coalesce(max(seq), 0) FROM journal), (SELECT coalesce(max(seq), 0) FROM journal_keys),
         (SELECT coalesce(max(value), 0) FROM meta WHERE name = 'cursor')) END
     FROM unnest(ARRAY['derived', 'journal']) part
     ON CONFLICT (part) DO NOTHING`,
  );
}
