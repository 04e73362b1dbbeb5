import { BLOCK_BITS, BLOCK_ROWS } from '../columns/stamps.ts';
import { type PurgeStep, ROWS_PER_STEP } from '../purge-old.ts';
import { countedBreak, KEY_COLUMNS } from '../rows/break-row.ts';
import type { PurgeRequest } from '../store.ts';
import type { Connection, SqlValue } from './connection.ts';
import { MINUTES_SINCE } from './roll-ups.ts';
import { deleteBreak, Tally } from './tally.ts';

/**
 * A push that starts more than this after another one, ms, is a different push. Two sources report the
 * start of one push at most 5 s apart.
 */
const NEXT_PUSH_MS = 60_000;

/**
 * Steps that do not wait for the disk: rows that a power failure brings back are deleted again. Each step
 * changes hundreds of pages, and waiting for them would delay the journal.
 */
export const NON_DURABLE_STEPS: ReadonlySet<string> = new Set([
  'purgeBreaks',
  'purgePushes',
  'purgeOpenPushes',
  'purgeDocuments',
  'purgeMinutes',
  'releaseFreePages',
]);

type BreakPlace = [n: number, id: string, account: string, cell: number, ...key: SqlValue[]];
type PushPlace = [push: number, account: string, startedAt: number, endedAt: number];
type OpenPush = [push: number, startedAt: number, hasNext: number];

/** The place after a full page; null after a page that is not full, because that is the last one. */
function nextAfter<Row>(rows: readonly Row[], place: (row: Row) => SqlValue[]): SqlValue[] | null {
  const last = rows.at(-1);
  return last === undefined || rows.length < ROWS_PER_STEP ? null : place(last);
}

/**
 * Operations that delete old rows, a bounded number at a time. After each step the database is as if the
 * deleted rows had never existed, so a purge may stop after any step. The caller opens the transaction.
 */
export function createPurgeOperations(connection: Connection) {
  const isNeeded = (needed: PurgeRequest['needed'], account: string, endedAt: number) =>
    needed.some((one) => one.account === account && endedAt >= one.from);

  /** Deletes the stamps of blocks without rows. Files without a stamp are deleted later. */
  function forgetEmptyBlocks(places: Iterable<number>): void {
    for (const block of new Set([...places].map((n) => n >> BLOCK_BITS))) {
      connection.run(
        `DELETE FROM fact_blocks
         WHERE block = ? AND NOT EXISTS (SELECT 1 FROM breaks WHERE n >= ? AND n < ?)`,
        block,
        block * BLOCK_ROWS,
        (block + 1) * BLOCK_ROWS,
      );
    }
  }

  return {
    purgeBreaks({ before, needed }: PurgeRequest, after: SqlValue[]): PurgeStep {
      const [endedAt = Number.MIN_SAFE_INTEGER, id = ''] = after;
      const rows = connection.rows<BreakPlace>(
        `SELECT b.n, b.id, c.account, b.cell, ${KEY_COLUMNS.map((column) => `b.${column}`).join(', ')}
         FROM breaks b INDEXED BY breaks_by_time CROSS JOIN cells c ON c.cell = b.cell
         WHERE (b.ended_at, b.id) > (?, ?) AND b.ended_at < ?
         ORDER BY b.ended_at, b.id LIMIT ${ROWS_PER_STEP}`,
        endedAt,
        id,
        before,
      );
      const found = rows.map(([n, id, account, cell, ...key]) => ({
        id,
        account,
        row: countedBreak(n, cell, key),
      }));
      const old = found.filter(
        ({ account, row }) => row.down === 0 || !isNeeded(needed, account, row.endedAt),
      );
      const tally = new Tally();
      for (const { id, row } of old) {
        deleteBreak(connection, id, row, tally);
      }
      tally.write(connection);
      forgetEmptyBlocks(old.map(({ row }) => row.n));
      return { deleted: old.length, next: nextAfter(found, ({ id, row }) => [row.endedAt, id]) };
    },

    purgePushes({ before, needed }: PurgeRequest, after: SqlValue[]): PurgeStep {
      const [endedAt = Number.MIN_SAFE_INTEGER, startedAt = 0, push = 0] = after;
      const rows = connection.rows<PushPlace>(
        `SELECT push, account, started_at, ended_at FROM pushes INDEXED BY pushes_by_end
         WHERE (ended_at, started_at, push) > (?, ?, ?) AND ended_at < ?
         ORDER BY ended_at, started_at, push LIMIT ${ROWS_PER_STEP}`,
        endedAt,
        startedAt,
        push,
        before,
      );
      const old = rows.filter(([, account, , at]) => !isNeeded(needed, account, at));
      for (const [push] of old) {
        connection.run('DELETE FROM pushes WHERE push = ?', push);
      }
      return {
        deleted: old.length,
        next: nextAfter(rows, ([push, , startedAt, at]) => [at, startedAt, push]),
      };
    },

    /** Deletes pushes whose end was not reported: those with a later push of the stream, and very old ones. */
    purgeOpenPushes({ before, openBefore }: PurgeRequest, after: SqlValue[]): PurgeStep {
      const [startedAt = Number.MIN_SAFE_INTEGER, push = 0] = after;
      const rows = connection.rows<OpenPush>(
        `SELECT p.push, p.started_at, EXISTS (
           SELECT 1 FROM pushes q
           WHERE q.stream = p.stream AND q.domain = p.domain AND q.app = p.app
             AND q.account = p.account AND q.started_at > p.started_at + ${NEXT_PUSH_MS})
         FROM pushes p INDEXED BY pushes_by_end
         WHERE p.ended_at IS NULL AND (p.started_at, p.push) > (?, ?) AND p.started_at < ?
         ORDER BY p.started_at, p.push LIMIT ${ROWS_PER_STEP}`,
        startedAt,
        push,
        before,
      );
      const old = rows.filter(([, at, hasNext]) => hasNext === 1 || at < openBefore);
      for (const [push] of old) {
        connection.run('DELETE FROM pushes WHERE push = ?', push);
      }
      return { deleted: old.length, next: nextAfter(rows, ([push, at]) => [at, push]) };
    },

    /** Keeps open documents, and documents of other kinds with the same id (such as feedback). */
    purgeDocuments({ before }: PurgeRequest, [last = '', isDone = 0]: SqlValue[]): PurgeStep {
      const [kind] = connection.row<[string | null]>(
        `SELECT min(kind) FROM documents WHERE kind ${isDone ? '>' : '>='} ?`,
        last,
      ) ?? [null];
      if (kind === null) {
        return { deleted: 0, next: null };
      }
      const old = connection.rows<[string]>(
        `SELECT id FROM documents INDEXED BY documents_by_time
         WHERE kind = ? AND at < ? AND open = 0 AND id NOT IN (
           SELECT id FROM documents INDEXED BY documents_open WHERE open = 1 AND at < ?)
         ORDER BY at, id LIMIT ${ROWS_PER_STEP}`,
        kind,
        before,
        before,
      );
      for (const [id] of old) {
        connection.run('DELETE FROM documents WHERE kind = ? AND id = ?', kind, id);
      }
      return { deleted: old.length, next: [kind, old.length < ROWS_PER_STEP ? 1 : 0] };
    },

    /** From now on, counts by minute before this time are not read. `purgeMinutes` deletes their rows. */
    startMinutesAt(before: number): void {
      connection.run(
        `INSERT INTO meta (name, value) VALUES (?, ?)
         ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)`,
        MINUTES_SINCE,
        before,
      );
    },
    purgeMinutes(before: number, [after = 0]: SqlValue[]): PurgeStep {
      const cells = connection.rows<[number]>(
        `SELECT cell FROM cells WHERE cell >= ? ORDER BY cell LIMIT ${ROWS_PER_STEP}`,
        after,
      );
      let deleted = 0;
      for (const [cell] of cells) {
        const rows = connection.rows<[number]>(
          `SELECT bucket FROM rollup_minute WHERE cell = ? AND bucket < ?
           ORDER BY bucket LIMIT ${ROWS_PER_STEP}`,
          cell,
          before,
        );
        for (const [bucket] of rows) {
          connection.run('DELETE FROM rollup_minute WHERE cell = ? AND bucket = ?', cell, bucket);
        }
        deleted += rows.length;
        if (deleted >= ROWS_PER_STEP) {
          return { deleted, next: [cell] };
        }
      }
      return { deleted, next: nextAfter(cells, ([cell]) => [cell + 1]) };
    },

    /** Returns whether more can be released. */
    releaseFreePages: () => releaseFreePages(connection),
  };
}

/** Pages released in one step. */
const PAGES_PER_STEP = 256;
/** This share of a file may stay free, because new rows will fill it; at least MAX_FREE_PAGES. */
const MAX_FREE_SHARE = 0.1;
const MAX_FREE_PAGES = 4_096;

/**
 * Returns free pages at the end of the file to the file system, a few at a time. Files without
 * incremental vacuum, from old versions, keep their free pages and fill them with new rows.
 *
 * @returns whether more can be released
 */
export function releaseFreePages(connection: Connection): boolean {
  const [mode, free, pages] = ['auto_vacuum', 'freelist_count', 'page_count'].map(
    (name) => connection.row<[number]>(`PRAGMA ${name}`)?.[0] ?? 0,
  ) as [number, number, number];
  if (mode !== 2 || free <= Math.max(MAX_FREE_PAGES, pages * MAX_FREE_SHARE)) {
    return false;
  }
  connection.database.exec(`PRAGMA incremental_vacuum(${PAGES_PER_STEP})`);
  return true;
}

/** Names and types of these operations. */
export type PurgeOperations = ReturnType<typeof createPurgeOperations>;
