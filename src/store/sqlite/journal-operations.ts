import type { Connection } from './connection.ts';

/** A journal entry to append: account, source, key, receivedAt, body, derived. */
export type NewJournalRow = [string, string, string, number, string, string];

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
  };
}

/** Names and types of what the journal's writer does. */
export type JournalOperations = ReturnType<typeof createJournalOperations>;
