import type { DatabaseSync } from 'node:sqlite';
import type { Connection } from './connection.ts';
import { giveBack } from './purge-operations.ts';

/** A journal entry to append: account, source, key, receivedAt, body, derived. */
export type NewJournalRow = [string, string, string, number, string, string];

/** Entries taken away in one transaction: they share it with those that arrive. */
export const ENTRIES_PURGED_AT_ONCE = 100;

/** All that is written to the journal. The caller holds the transaction. */
export function createJournalOperations(connection: Connection) {
  return {
    /** Answers `[seq, duplicate]` of each entry. */
    append(rows: NewJournalRow[]): [number, boolean][] {
      return rows.map((row) => {
        // Looking first keeps the seqs without gaps: a refused insert would use one up.
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
    /**
     * Takes away the oldest entries, up to the first that is not old or not derived, so that the
     * places of those that stay have no gap.
     *
     * @returns how many
     */
    purge(arrivedBefore: number, derivedTo: number): number {
      const rows = connection.rows<[seq: number, receivedAt: number]>(
        `SELECT seq, received_at FROM journal WHERE seq <= ?
         ORDER BY seq LIMIT ${ENTRIES_PURGED_AT_ONCE}`,
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
    /** Answers whether more could be given back. */
    giveBack: () => giveBack(connection),
  };
}

/** Names and types of what the journal's writer does. */
export type JournalOperations = ReturnType<typeof createJournalOperations>;

/**
 * Gives no new entry a seq up to this one. If the journal was lost, or restored from an older copy
 * than `breakwatch.db`, it would otherwise reuse seqs that count as derived, and new entries would
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
