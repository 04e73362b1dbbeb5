import { BLOCK_BITS, BLOCK_ROWS } from '../columns/stamps.ts';
import type { PurgeRequest } from '../store.ts';
import type { Connection, SqlValue } from './connection.ts';
import { MINUTES_SINCE } from './roll-ups.ts';
import { deleteFromTally, Tally } from './tally.ts';

/** Rows looked at in one transaction: a few ms. */
export const PURGED_AT_ONCE = 100;
/** The second of two pushes of a stream; one push that two sources tell begins at most 5 s apart. */
const NEXT_PUSH_MS = 60_000;

/**
 * Steps that need not wait for the disk: what a power cut brings back is taken away once more. Each
 * touches hundreds of pages, and waiting for them would keep the disk from the journal.
 */
export const UNHURRIED: ReadonlySet<string> = new Set([
  'purgeBreaks',
  'purgePushes',
  'purgeOpenPushes',
  'purgeDocuments',
  'purgeMinutes',
  'giveBack',
]);

/** What one step of a purge did. */
export interface PurgeStep {
  /** Rows taken away. */
  taken: number;
  /** Where the next step goes on; null when there is nothing left to look at. */
  next: SqlValue[] | null;
}

type BreakPlace = [n: number, id: string, cell: number, endedAt: number, down: number, of: string];
type PushPlace = [push: number, account: string, startedAt: number, endedAt: number];
type OpenPush = [push: number, startedAt: number, hasNext: number];

/** Where the last of a full page stands; a page that is not full was the last one. */
function nextAfter<Row>(rows: readonly Row[], place: (row: Row) => SqlValue[]): SqlValue[] | null {
  const last = rows.at(-1);
  return last === undefined || rows.length < PURGED_AT_ONCE ? null : place(last);
}

/**
 * What takes away what is old, a bounded step at a time. Each step leaves the database as if what it
 * took had never been there, so a purge may end after any of them. The caller holds the transaction.
 */
export function createPurgeOperations(connection: Connection) {
  const isNeeded = (needed: PurgeRequest['needed'], account: string, endedAt: number) =>
    needed.some((one) => one.account === account && endedAt >= one.from);

  /** A block without rows has no stamp, and then its file goes too. */
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
        `SELECT b.n, b.id, b.cell, b.ended_at, b.down, c.account
         FROM breaks b INDEXED BY breaks_by_time CROSS JOIN cells c ON c.cell = b.cell
         WHERE (b.ended_at, b.id) > (?, ?) AND b.ended_at < ?
         ORDER BY b.ended_at, b.id LIMIT ${PURGED_AT_ONCE}`,
        endedAt,
        id,
        before,
      );
      const old = rows.filter(([, , , at, down, of]) => down === 0 || !isNeeded(needed, of, at));
      const tally = new Tally();
      for (const [n, id, cell, endedAt] of old) {
        deleteFromTally(connection, { n, id, cell, endedAt }, tally);
      }
      tally.write(connection);
      forgetEmptyBlocks(old.map(([n]) => n));
      return { taken: old.length, next: nextAfter(rows, ([, id, , at]) => [at, id]) };
    },

    purgePushes({ before, needed }: PurgeRequest, after: SqlValue[]): PurgeStep {
      const [endedAt = Number.MIN_SAFE_INTEGER, startedAt = 0, push = 0] = after;
      const rows = connection.rows<PushPlace>(
        `SELECT push, account, started_at, ended_at FROM pushes INDEXED BY pushes_by_end
         WHERE (ended_at, started_at, push) > (?, ?, ?) AND ended_at < ?
         ORDER BY ended_at, started_at, push LIMIT ${PURGED_AT_ONCE}`,
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
        taken: old.length,
        next: nextAfter(rows, ([push, , startedAt, at]) => [at, startedAt, push]),
      };
    },

    /** Pushes whose end nobody told: a later one of the stream says that they are over. */
    purgeOpenPushes({ before, openBefore }: PurgeRequest, after: SqlValue[]): PurgeStep {
      const [startedAt = Number.MIN_SAFE_INTEGER, push = 0] = after;
      const rows = connection.rows<OpenPush>(
        `SELECT p.push, p.started_at, EXISTS (
           SELECT 1 FROM pushes q
           WHERE q.stream = p.stream AND q.domain = p.domain AND q.app = p.app
             AND q.account = p.account AND q.started_at > p.started_at + ${NEXT_PUSH_MS})
         FROM pushes p INDEXED BY pushes_by_end
         WHERE p.ended_at IS NULL AND (p.started_at, p.push) > (?, ?) AND p.started_at < ?
         ORDER BY p.started_at, p.push LIMIT ${PURGED_AT_ONCE}`,
        startedAt,
        push,
        before,
      );
      const old = rows.filter(([, at, hasNext]) => hasNext === 1 || at < openBefore);
      for (const [push] of old) {
        connection.run('DELETE FROM pushes WHERE push = ?', push);
      }
      return { taken: old.length, next: nextAfter(rows, ([push, at]) => [at, push]) };
    },

    /** What is open stays, and with it what was said of it: documents of other kinds with its id. */
    purgeDocuments({ before }: PurgeRequest, [last = '', isDone = 0]: SqlValue[]): PurgeStep {
      const [kind] = connection.row<[string | null]>(
        `SELECT min(kind) FROM documents WHERE kind ${isDone ? '>' : '>='} ?`,
        last,
      ) ?? [null];
      if (kind === null) {
        return { taken: 0, next: null };
      }
      const old = connection.rows<[string]>(
        `SELECT id FROM documents INDEXED BY documents_by_time
         WHERE kind = ? AND at < ? AND open = 0 AND id NOT IN (
           SELECT id FROM documents INDEXED BY documents_open WHERE open = 1 AND at < ?)
         ORDER BY at, id LIMIT ${PURGED_AT_ONCE}`,
        kind,
        before,
        before,
      );
      for (const [id] of old) {
        connection.run('DELETE FROM documents WHERE kind = ? AND id = ?', kind, id);
      }
      return { taken: old.length, next: [kind, old.length < PURGED_AT_ONCE ? 1 : 0] };
    },

    /** From then on nobody reads minutes before it; the rows go afterwards. */
    endMinutes(before: number): void {
      connection.run(
        `INSERT INTO meta (name, value) VALUES (?, ?)
         ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)`,
        MINUTES_SINCE,
        before,
      );
    },
    purgeMinutes(before: number, [after = 0]: SqlValue[]): PurgeStep {
      const cells = connection.rows<[number]>(
        `SELECT cell FROM cells WHERE cell >= ? ORDER BY cell LIMIT ${PURGED_AT_ONCE}`,
        after,
      );
      let taken = 0;
      for (const [cell] of cells) {
        const rows = connection.rows<[number]>(
          `SELECT bucket FROM rollup_minute WHERE cell = ? AND bucket < ?
           ORDER BY bucket LIMIT ${PURGED_AT_ONCE}`,
          cell,
          before,
        );
        for (const [bucket] of rows) {
          connection.run('DELETE FROM rollup_minute WHERE cell = ? AND bucket = ?', cell, bucket);
        }
        taken += rows.length;
        if (taken >= PURGED_AT_ONCE) {
          return { taken, next: [cell] };
        }
      }
      return { taken, next: nextAfter(cells, ([cell]) => [cell + 1]) };
    },

    /** Answers whether more could be given back. */
    giveBack: () => giveBack(connection),
  };
}

/** Pages given back at once. */
const GIVEN_BACK_AT_ONCE = 256;
/** So much of a file may be free: what arrives next fills it. */
const FREE_SHARE = 0.1;
const FREE_PAGES = 4_096;

/**
 * Gives free pages at the end of the file back to the file system, a few at a time. A file that
 * was made before this existed (auto_vacuum is none) can not: its free pages are filled again instead.
 *
 * @returns whether more could be given back
 */
export function giveBack(connection: Connection): boolean {
  const [mode, free, pages] = ['auto_vacuum', 'freelist_count', 'page_count'].map(
    (name) => connection.row<[number]>(`PRAGMA ${name}`)?.[0] ?? 0,
  ) as [number, number, number];
  if (mode !== 2 || free <= Math.max(FREE_PAGES, pages * FREE_SHARE)) {
    return false;
  }
  connection.database.exec(`PRAGMA incremental_vacuum(${GIVEN_BACK_AT_ONCE})`);
  return true;
}

/** Names and types of what a purge does to the database. */
export type PurgeOperations = ReturnType<typeof createPurgeOperations>;
