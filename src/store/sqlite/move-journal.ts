import { DatabaseSync } from 'node:sqlite';
import { turnToWal } from './connection.ts';
import { databaseFile, journalFile } from './files.ts';
import { continueAfter, migrateJournal } from './migrate-journal.ts';

/** Entries a transaction of the move: a few ten MB. */
const MOVED_AT_ONCE = 20_000;

/**
 * Moves the journal out of the database into a file of its own, with its seqs. To be called within
 * a transaction of the database; the journal is gone from there when that is committed. The new file
 * is on disk before, and a move that was broken off goes on where it was, so nothing is lost
 * whenever it ends.
 *
 * @param folder - the data folder
 */
export function moveJournal(database: DatabaseSync, folder: string): void {
  const target = new DatabaseSync(journalFile(folder), { timeout: 5_000 });
  try {
    turnToWal(target);
    target.exec('PRAGMA synchronous = FULL');
    migrateJournal(target, folder);
    // It reads what was committed before, which is the whole journal: nobody else writes.
    target.prepare('ATTACH ? AS old').run(databaseFile(folder));
    copy(target);
    checkCopy(target);
    target.exec('DETACH old');
  } finally {
    target.close();
  }
  database.exec('DROP TABLE journal');
}

function copy(target: DatabaseSync): void {
  const last = target.prepare('SELECT ifnull(max(seq), 0) AS seq FROM old.journal');
  const done = target.prepare('SELECT ifnull(max(seq), 0) AS seq FROM main.journal WHERE seq <= ?');
  const move = target.prepare(
    `INSERT INTO main.journal (seq, account, source, key, received_at, body, derived)
     SELECT seq, account, source, key, received_at, body, derived
     FROM old.journal WHERE seq > ? ORDER BY seq LIMIT ${MOVED_AT_ONCE}`,
  );
  const { seq: end } = last.get() as { seq: number };
  for (let moved = -1; moved !== 0; ) {
    const { seq } = done.get(end) as { seq: number };
    moved = Number(move.run(seq).changes);
  }
  const used = target.prepare(`SELECT seq FROM old.sqlite_sequence WHERE name = 'journal'`).get();
  continueAfter(target, (used as { seq: number } | undefined)?.seq ?? 0);
}

/** Nothing is taken away from the old place that is not in the new one. */
function checkCopy(target: DatabaseSync): void {
  const { missing } = target
    .prepare(
      `SELECT count(*) AS missing FROM old.journal o WHERE NOT EXISTS (
         SELECT 1 FROM main.journal n WHERE n.seq = o.seq AND n.account = o.account
           AND n.source = o.source AND n.key = o.key)`,
    )
    .get() as { missing: number };
  if (missing > 0) {
    throw new Error(
      `journal.db is not that of breakwatch.db: ${missing} entries of the journal are not in it`,
    );
  }
}
