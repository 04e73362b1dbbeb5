import type { DatabaseSync } from 'node:sqlite';
import { runSteps } from './run-steps.ts';

/**
 * How the schema of the journal's own file came to be, oldest step first. A step that has been
 * released is never edited; a change is a new step at the end.
 */
const JOURNAL_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    derived TEXT NOT NULL,
    UNIQUE (account, source, key)
  ) STRICT;
  `,
];

/**
 * Brings the journal's file to the schema that this Breakwatch writes.
 *
 * @param folder - the data folder, for the message
 * @throws `STORE_TOO_NEW` when a newer Breakwatch wrote it
 */
export function migrateJournal(database: DatabaseSync, folder: string): void {
  runSteps(database, folder, JOURNAL_MIGRATIONS);
}

/**
 * Lets no entry get a seq up to this one. A journal that was lost, or that a copy of the folder has
 * in an older state than what was derived from it, would otherwise give out places that count as
 * derived already, and what arrives would never be seen.
 */
export function continueAfter(database: DatabaseSync, seq: number): void {
  const known = database.prepare(`SELECT seq FROM sqlite_sequence WHERE name = 'journal'`).get();
  if (known === undefined) {
    database.prepare(`INSERT INTO sqlite_sequence (name, seq) VALUES ('journal', ?)`).run(seq);
  } else if ((known as { seq: number }).seq < seq) {
    database.prepare(`UPDATE sqlite_sequence SET seq = ? WHERE name = 'journal'`).run(seq);
  }
}
