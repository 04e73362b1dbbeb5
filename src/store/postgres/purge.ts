import { BreakwatchError } from '../../model/errors.ts';
import type { Source } from '../../model/vocabulary.ts';
import { type PurgeStep, type PurgeSteps, ROWS_PER_STEP } from '../purge-old.ts';
import type { SqlValue } from '../rows/sql-value.ts';
import type { PurgeRequest } from '../store.ts';
import { bucketOfHash } from './bucket.ts';
import type { Database, Sql } from './database.ts';
import { deleteOldIds, dropStep } from './drop-month.ts';
import { fencedTransaction } from './fence.ts';
import { entryHash } from './journal.ts';
import { Tally } from './tally.ts';
import { deleteBreaks } from './write-breaks.ts';

/**
 * A push that starts more than this after another one, ms, is a different push. Two sources report the
 * start of one push at most 5 s apart.
 */
const NEXT_PUSH_MS = 60_000;

/** The place after a full page; null after a page that is not full, because that is the last one. */
function nextAfter<Row>(rows: readonly Row[], place: (row: Row) => SqlValue[]): SqlValue[] | null {
  const last = rows.at(-1);
  return last === undefined || rows.length < ROWS_PER_STEP ? null : place(last);
}

const isNeeded = (needed: PurgeRequest['needed'], account: string, endedAt: number) =>
  needed.some((one) => one.account === account && endedAt >= one.from);

async function deletePushes(
  sql: Sql,
  rows: readonly (readonly [hash: string, startedAt: number, ...unknown[]])[],
): Promise<void> {
  await sql.run(
    `DELETE FROM pushes p USING unnest($1::uuid[], $2::bigint[]) AS w (stream_hash, started_at)
     WHERE p.stream_hash = w.stream_hash AND p.started_at = w.started_at`,
    rows.map(([hash]) => hash),
    rows.map(([, startedAt]) => startedAt),
  );
}

type OldEntry = [seq: number, receivedAt: number, account: string, source: Source, key: string];

/** Deletes journal entries with their keys, so that only keys of the retention's time take space. */
async function deleteEntries(sql: Sql, entries: readonly OldEntry[]): Promise<void> {
  const hashes = entries.map(([, , account, source, key]) => entryHash(account, { source, key }));
  await sql.run(
    `DELETE FROM journal_keys k USING unnest($1::smallint[], $2::uuid[]) AS w (bucket, key_hash)
     WHERE k.bucket = w.bucket AND k.key_hash = w.key_hash`,
    hashes.map(bucketOfHash),
    hashes,
  );
  await sql.run(
    'DELETE FROM journal WHERE seq = ANY($1::bigint[])',
    entries.map(([seq]) => seq),
  );
}

/** Long queries make a drop give way this many times. */
const MAX_TRIES = 20;

function ignoreBusy(thrown: unknown): undefined {
  if (!(thrown instanceof BreakwatchError && thrown.code === 'STORE_BUSY')) {
    throw thrown;
  }
}

/** The steps that delete old rows. */
export function purgeSteps(
  database: Database,
  epoch: number,
  cursor: () => Promise<number>,
): PurgeSteps {
  // Rows that a power failure brings back are deleted again.
  const step = <T>(work: (sql: Sql) => Promise<T>, durable = false) =>
    fencedTransaction(database, { epoch, isAlone: true, durable }, work);
  return {
    cursor,
    // There are no counts by minute. The transaction makes all before it durable.
    startMinutesAt: () =>
      step(async (sql) => {
        await sql.run(`UPDATE meta SET value = value WHERE name = 'cursor'`);
      }, true),
    async months(request, [part = 'drop', tries = 0]): Promise<PurgeStep> {
      if (part === 'drop') {
        const dropped = await step((sql) => dropStep(sql, request)).catch(ignoreBusy);
        if (dropped === undefined && Number(tries) < MAX_TRIES) {
          return { deleted: 0, next: ['drop', Number(tries) + 1] };
        }
        // A month that long queries keep in use is deleted by the row.
        return dropped === undefined || dropped.isDone
          ? { deleted: 0, next: ['ids'] }
          : { deleted: dropped.deleted, next: ['drop'] };
      }
      return { deleted: 0, next: (await step(deleteOldIds)) ? ['ids'] : null };
    },
    breaks: ({ before, needed }, [endedAt = Number.MIN_SAFE_INTEGER, id = '']) =>
      step(async (sql): Promise<PurgeStep> => {
        const rows = await sql.rows<[id: string, endedAt: number, down: number, account: string]>(
          `SELECT b.id, b.ended_at, b.down, c.account FROM breaks b JOIN cells c ON c.cell = b.cell
           WHERE b.ended_at >= $1::bigint AND (b.ended_at, b.id) > ($1::bigint, $2::text)
             AND b.ended_at < $3
           ORDER BY b.ended_at, b.id LIMIT ${ROWS_PER_STEP}`,
          endedAt,
          id,
          before,
        );
        const old = rows.filter(
          ([, at, down, account]) => down === 0 || !isNeeded(needed, account, at),
        );
        const tally = new Tally();
        await deleteBreaks(
          sql,
          old.map(([one]) => one),
          tally,
        );
        await tally.write(sql);
        return { deleted: old.length, next: nextAfter(rows, ([one, at]) => [at, one]) };
      }),
    pushes: (
      { before, needed },
      [endedAt = Number.MIN_SAFE_INTEGER, startedAt = 0, hash = NO_HASH],
    ) =>
      step(async (sql): Promise<PurgeStep> => {
        const rows = await sql.rows<
          [hash: string, startedAt: number, endedAt: number, account: string]
        >(
          `SELECT stream_hash, started_at, ended_at, account FROM pushes
           WHERE (ended_at, started_at, stream_hash) > ($1::bigint, $2::bigint, $3::uuid)
             AND ended_at < $4
           ORDER BY ended_at, started_at, stream_hash LIMIT ${ROWS_PER_STEP}`,
          endedAt,
          startedAt,
          hash,
          before,
        );
        const old = rows.filter(([, , at, account]) => !isNeeded(needed, account, at));
        await deletePushes(sql, old);
        return {
          deleted: old.length,
          next: nextAfter(rows, ([one, started, ended]) => [ended, started, one]),
        };
      }),
    openPushes: ({ before, openBefore }, [startedAt = Number.MIN_SAFE_INTEGER, hash = NO_HASH]) =>
      step(async (sql): Promise<PurgeStep> => {
        const rows = await sql.rows<[hash: string, startedAt: number, hasNext: boolean]>(
          `SELECT p.stream_hash, p.started_at, EXISTS (
             SELECT 1 FROM pushes q
             WHERE q.stream_hash = p.stream_hash AND q.started_at > p.started_at + ${NEXT_PUSH_MS})
           FROM pushes p
           WHERE p.ended_at IS NULL AND (p.started_at, p.stream_hash) > ($1::bigint, $2::uuid)
             AND p.started_at < $3
           ORDER BY p.started_at, p.stream_hash LIMIT ${ROWS_PER_STEP}`,
          startedAt,
          hash,
          before,
        );
        const old = rows.filter(([, at, hasNext]) => hasNext || at < openBefore);
        await deletePushes(sql, old);
        return { deleted: old.length, next: nextAfter(rows, ([one, at]) => [at, one]) };
      }),
    // Keeps open documents, and documents of other kinds with the same id (such as feedback).
    documents: ({ before }) =>
      step(async (sql): Promise<PurgeStep> => {
        const deleted = await sql.run(
          `DELETE FROM documents d USING (
             SELECT kind, id FROM documents
             WHERE at < $1 AND open = 0 AND id NOT IN (
               SELECT id FROM documents WHERE open = 1 AND at < $1)
             ORDER BY kind, at, id LIMIT ${ROWS_PER_STEP}) old
           WHERE d.kind = old.kind AND d.id = old.id`,
          before,
        );
        return { deleted, next: deleted < ROWS_PER_STEP ? null : [] };
      }),
    minutes: async () => ({ deleted: 0, next: null }),
    journal: (arrivedBefore, derivedTo) =>
      step(async (sql) => {
        const rows = await sql.rows<OldEntry>(
          `SELECT seq, received_at, account, source, key FROM journal
           WHERE seq <= $1 ORDER BY seq LIMIT ${ROWS_PER_STEP}`,
          derivedTo,
        );
        const kept = rows.findIndex(([, receivedAt]) => receivedAt >= arrivedBefore);
        const old = kept < 0 ? rows : rows.slice(0, kept);
        if (old.length > 0) {
          await deleteEntries(sql, old);
        }
        return old.length;
      }),
    // The server's own vacuum reuses the space.
    releases: [],
  };
}

const NO_HASH = '00000000-0000-0000-0000-000000000000';
