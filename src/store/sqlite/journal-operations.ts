import type { DatabaseSync } from 'node:sqlite';
import { ROWS_PER_STEP } from '../purge-old.ts';
import type { Connection } from './connection.ts';
import { releaseFreePages } from './purge-operations.ts';

/** A journal entry to append: account, source, key, receivedAt, body, derived. */
export type NewJournalRow = [string, string, string, number, string, string];

/** Write operations of the journal. The caller opens the transaction. */
export function createJournalOperations(connection: Connection) {
  return {
    /** Returns `[seq, duplicate]` for each entry. */
    append(rows: NewJournalRow[]): [number, boolean][] {
      return rows.map((row) => {
        // A failed insert would use up a seq and leave a gap, so look for a duplicate first.
        const known = connection.row<[number]>(
          'SELECT seq FROM journal WHERE account = ? AND source = ? AND key = ?',
          row[0],
          row[1],
          row[2],
        );
        if (known !== undefined) {
          return [known[0], true];
        }
        const [seq] = connection.row<[number]>(
          `INSERT INTO journal (account, source, key, received_at, body, derived)
           VALUES (?, ?, ?, ?, ?, ?) RETURNING seq`,
          ...row,
        ) as [number];
        return [seq, false];
      });
    },
    /** Writes a page without changing anything, to find out whether the disk accepts writes. */
    tryWrite(): void {
      const [version] = connection.row<[number]>('PRAGMA user_version') as [number];
      connection.database.exec(`PRAGMA user_version = ${version}`);
    },
    /**
     * Deletes the oldest entries, up to the first one that is not old or not derived, so that the seqs
     * of the remaining entries have no gap.
     *
     * @returns the number of deleted entries
     */
    purge(arrivedBefore: number, derivedTo: number): number {
      const rows = connection.rows<[seq: number, receivedAt: number]>(
        `SELECT seq, received_at FROM journal WHERE seq <= ?
         ORDER BY seq LIMIT ${ROWS_PER_STEP}`,
        derivedTo,
      );
      const kept = rows.findIndex(([, receivedAt]) => receivedAt >= arrivedBefore);
      const old = kept < 0 ? rows : rows.slice(0, kept);
      const last = old.at(-1);
      if (last !== undefined) {
        connection.run('DELETE FROM journal WHERE seq <= ?', last[0]);
      }
      return old.length;
    },
    /** Releases free pages; returns whether more can be released. */
    releaseFreePages: () => releaseFreePages(connection),
  };
}

/** Names and types of these operations. */
export type JournalOperations = ReturnType<typeof createJournalOperations>;

/**
 * Makes sure that new entries get a seq after this one. If the journal was lost, or restored from an older
 * copy than `breakwatch.db`, it would otherwise reuse seqs that count as derived, and new entries would
 * never be derived.
 */
export function continueAfter(database: DatabaseSync, seq: number): void {
  const known = database.prepare(`SELECT seq FROM sqlite_sequence WHERE name = 'journal'`).get();
  if (known === undefined) {
    database.prepare(`INSERT INTO sqlite_sequence (name, seq) VALUES ('journal', ?)`).run(seq);
  } else if ((known as { seq: number }).seq < seq) {
    database.prepare(`UPDATE sqlite_sequence SET seq = ? WHERE name = 'journal'`).run(seq);
  }
}
