import { ROWS_PER_STEP } from '../purge-old.ts';
import type { PurgeRequest } from '../store.ts';
import type { Sql } from './database.ts';
import type { Month } from './months.ts';
import { dropPartitions, monthsOfTable, WAIT_MS } from './partitions.ts';
import { Tally } from './tally.ts';
import { deleteBreaks } from './write-breaks.ts';

const DAY_MS = 86_400_000;
/** Ids that are deleted in one step. */
const IDS_PER_STEP = 1_000;

/** What a step of dropping a month did. */
export interface DropStep {
  /** Number of deleted breaks. */
  deleted: number;
  isDone: boolean;
}

/**
 * Takes a step towards dropping the oldest month, if all of it is older than the retention and no open incident needs a
 * break of it. A month that would be deleted in one step by the row is left to that, unless it is empty. The caller opens the
 * transaction.
 *
 * @throws `STORE_BUSY` when long queries read breaks; nothing is changed then
 */
export async function dropStep(sql: Sql, request: PurgeRequest): Promise<DropStep> {
  const [oldest] = await monthsOfTable(sql, 'breaks');
  if (oldest === undefined || !(await isOld(sql, oldest, request))) {
    return { deleted: 0, isDone: true };
  }
  const breaks = await countIn(sql, oldest);
  if (breaks > 0 && breaks <= ROWS_PER_STEP) {
    return { deleted: 0, isDone: true };
  }
  const reaching = await deleteReaching(sql, oldest);
  if (reaching > 0) {
    return { deleted: reaching, isDone: false };
  }
  await drop(sql, oldest);
  return { deleted: breaks, isDone: false };
}

/** Whether no break that ended before the end of a month is needed. */
async function isOld(sql: Sql, { to }: Month, { before, needed }: PurgeRequest): Promise<boolean> {
  if (to > before) {
    return false;
  }
  const row = await sql.row<[boolean]>(
    `SELECT EXISTS (SELECT 1 FROM breaks_rest WHERE ended_at < $1) OR EXISTS (
       SELECT 1 FROM unnest($2::text[], $3::bigint[]) AS w (account, since)
         JOIN cells c ON c.account = w.account
         JOIN breaks b ON b.cell = c.cell AND b.ended_at >= w.since
       WHERE b.ended_at < $1 AND b.down = 1)`,
    to,
    needed.map(({ account }) => account),
    needed.map(({ from }) => from),
  );
  return row?.[0] === false;
}

/** The breaks of a month, from the roll-ups. */
async function countIn(sql: Sql, { from, to }: Month): Promise<number> {
  const row = await sql.row<[number]>(
    `SELECT coalesce(sum(breaks), 0)::bigint FROM rollups
     WHERE width = ${DAY_MS} AND at >= $1 AND at < $2`,
    from,
    to,
  );
  return row?.[0] ?? 0;
}

/** Deletes breaks whose lost time reaches beyond the month, because only that of whole days can be deleted by time. */
async function deleteReaching(sql: Sql, { from, to }: Month): Promise<number> {
  const rows = await sql.rows<[string]>(
    `SELECT id FROM breaks WHERE ended_at >= $1 AND ended_at < $2 AND down = 1 AND until > $2
     LIMIT ${ROWS_PER_STEP}`,
    from,
    to,
  );
  const tally = new Tally();
  await deleteBreaks(
    sql,
    rows.map(([id]) => id),
    tally,
  );
  await tally.write(sql);
  return rows.length;
}

/** Drops a month with all that was counted of it. Its ids are deleted later, by {@link deleteOldIds}. */
async function drop(sql: Sql, month: Month): Promise<void> {
  const { from, to } = month;
  await sql.run(
    `DELETE FROM earlier_verdicts e USING breaks b
     WHERE b.id = e.break_id AND b.bucket = e.bucket AND b.ended_at >= $1 AND b.ended_at < $2`,
    from,
    to,
  );
  await sql.run('DELETE FROM rollups WHERE at >= $1 AND at < $2', from, to);
  await sql.run('DELETE FROM lost_time WHERE day >= $1 AND day < $2', from / DAY_MS, to / DAY_MS);
  // Last, because every query waits for it. Who waits longer lets them pass, and tries again.
  await sql.script(`SET LOCAL lock_timeout = ${WAIT_MS}`);
  await dropPartitions(sql, month);
}

/**
 * Deletes ids that are older than the oldest month and have no break any more. The caller opens the transaction.
 *
 * @returns whether there may be more
 */
export async function deleteOldIds(sql: Sql): Promise<boolean> {
  const [oldest] = await monthsOfTable(sql, 'breaks');
  if (oldest === undefined) {
    return false;
  }
  const deleted = await sql.run(
    `DELETE FROM break_ids WHERE ctid = ANY (ARRAY(
       SELECT i.ctid FROM break_ids i
       WHERE i.ended_at < $1 AND NOT EXISTS (
         SELECT 1 FROM breaks_rest b
         WHERE b.id = i.id AND b.bucket = i.bucket AND b.ended_at = i.ended_at)
       LIMIT ${IDS_PER_STEP}))`,
    oldest.from,
  );
  return deleted === IDS_PER_STEP;
}
