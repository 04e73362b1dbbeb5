import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { BreakwatchError } from '../../model/errors.ts';
import { databaseFile, journalFile } from './files.ts';

/** The tables of one database file. */
interface Schema {
  /** Stored as `user_version`. Raise it when the tables change, or the JSON that is stored in them. */
  version: number;
  sql: string;
}

/**
 * Tables of `breakwatch.db`.
 *
 * - `cells` holds each combination of the columns that have few values. Breaks refer to it, so their rows
 *   stay small, filters on these columns read a few hundred rows, and roll-ups count by it.
 * - `breaks` holds the columns for filters, groups and order; `break_details` the rest, so that scans
 *   do not read snapshots.
 * - `verdicts` holds the part of a verdict that many breaks share.
 * - `place_counts` counts breaks by stream, client address and node, see `place-counts.ts`.
 * - `rollup_*` count breaks by cell and time.
 * - `cell_sets`, `lost_time` and `lost_open` hold the time that streams were down, see `lost-time.ts`.
 *
 * The transaction that writes the breaks updates the counts and the lost time, so they never disagree with
 * the breaks.
 */
export const DATABASE_SCHEMA: Schema = {
  version: 10,
  sql: `
  CREATE TABLE cells (
    cell INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    domain TEXT NOT NULL,
    app TEXT NOT NULL,
    outcome TEXT NOT NULL,
    category TEXT NOT NULL,
    severity TEXT NOT NULL,
    side TEXT NOT NULL,
    reason TEXT NOT NULL,
    rule TEXT NOT NULL,
    UNIQUE (domain, app, account, outcome, category, severity, side, reason, rule)
  ) STRICT;

  CREATE TABLE verdicts (
    verdict INTEGER PRIMARY KEY,
    body TEXT NOT NULL UNIQUE
  ) STRICT;

  CREATE TABLE breaks (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    cell INTEGER NOT NULL REFERENCES cells (cell),
    stream TEXT NOT NULL,
    client_ip TEXT,
    node TEXT,
    started_at INTEGER,
    ended_at INTEGER NOT NULL,
    duration_ms INTEGER,
    recovered_at INTEGER,
    -- 1 when the stream is down afterwards (broken, refused), 0 after a normal end.
    down INTEGER NOT NULL,
    -- recovered_at, or the far future while it has not recovered, so that a search can compare it.
    until INTEGER NOT NULL,
    -- Class of the time to recovery, so that an index can search spans, see spanClassOf.
    span_class INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX breaks_by_time ON breaks (ended_at, id);
  CREATE INDEX breaks_by_cell ON breaks (cell, ended_at, id);
  CREATE INDEX breaks_by_stream ON breaks (stream, ended_at, id);
  CREATE INDEX breaks_by_client_ip ON breaks (client_ip, ended_at, id) WHERE client_ip IS NOT NULL;
  CREATE INDEX breaks_by_node ON breaks (node, ended_at, id) WHERE node IS NOT NULL;
  CREATE INDEX breaks_by_span ON breaks (down, span_class, ended_at);
  CREATE INDEX breaks_long ON breaks (stream, until, ended_at) WHERE down = 1 AND span_class > 18;

  CREATE TABLE break_details (
    n INTEGER PRIMARY KEY REFERENCES breaks (n),
    errcode INTEGER,
    sub_errcode INTEGER,
    bypass_code INTEGER,
    reason_text TEXT,
    resolution TEXT,
    sequence TEXT,
    -- Values of the event itself, when the verdict's differ.
    event_outcome TEXT,
    event_reason TEXT,
    sources TEXT NOT NULL,
    facts TEXT NOT NULL,
    evidence TEXT NOT NULL,
    verdict INTEGER NOT NULL REFERENCES verdicts (verdict)
  ) STRICT;

  CREATE TABLE rollup_minute (
    cell INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    breaks INTEGER NOT NULL,
    PRIMARY KEY (cell, bucket)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE rollup_quarter (
    cell INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    breaks INTEGER NOT NULL,
    PRIMARY KEY (cell, bucket)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE rollup_hour (
    cell INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    breaks INTEGER NOT NULL,
    PRIMARY KEY (cell, bucket)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE rollup_day (
    cell INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    breaks INTEGER NOT NULL,
    PRIMARY KEY (cell, bucket)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE place_counts (
    kind INTEGER NOT NULL,
    chunk INTEGER NOT NULL,
    value TEXT NOT NULL,
    total INTEGER NOT NULL,
    counts BLOB NOT NULL,
    PRIMARY KEY (kind, chunk, value)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE cell_sets (
    cell_set INTEGER PRIMARY KEY,
    -- Numbers of cells, ascending, with commas.
    cells TEXT NOT NULL UNIQUE
  ) STRICT;
  CREATE TABLE lost_time (
    cell_set INTEGER NOT NULL REFERENCES cell_sets (cell_set),
    -- UTC day since the epoch.
    day INTEGER NOT NULL,
    sums BLOB NOT NULL,
    PRIMARY KEY (cell_set, day)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE lost_open (
    stream TEXT NOT NULL,
    domain TEXT NOT NULL,
    app TEXT NOT NULL,
    account TEXT NOT NULL,
    spans TEXT NOT NULL,
    PRIMARY KEY (stream, domain, app, account)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE pushes (
    push INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    domain TEXT NOT NULL,
    app TEXT NOT NULL,
    stream TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    sequence TEXT,
    tx_time INTEGER,
    UNIQUE (stream, domain, app, account, started_at)
  ) STRICT;
  CREATE UNIQUE INDEX pushes_by_sequence ON pushes (stream, domain, app, account, sequence)
    WHERE sequence IS NOT NULL;

  CREATE TABLE rule_texts (
    rule_hash TEXT PRIMARY KEY,
    cause TEXT NOT NULL,
    fix TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO meta (name, value) VALUES ('cursor', 0);
  CREATE INDEX pushes_by_end ON pushes (ended_at, started_at);

  CREATE TABLE documents (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    account TEXT NOT NULL,
    at INTEGER NOT NULL,
    open INTEGER NOT NULL,
    body TEXT NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX documents_by_time ON documents (kind, at, id);
  CREATE INDEX documents_open ON documents (kind, at, id) WHERE open = 1;
  -- Six hours. A search by overlap reads all that began within that time before its range.
  CREATE INDEX documents_long ON documents (kind, ended_at) WHERE ended_at - at > 21600000;
  CREATE TABLE earlier_verdicts (
    break_id TEXT NOT NULL,
    replaced_at INTEGER NOT NULL,
    cell INTEGER NOT NULL REFERENCES cells (cell),
    verdict INTEGER NOT NULL REFERENCES verdicts (verdict),
    evidence TEXT NOT NULL,
    PRIMARY KEY (break_id, replaced_at)
  ) STRICT, WITHOUT ROWID;
  `,
};

/** Tables of `journal.db`. */
export const JOURNAL_SCHEMA: Schema = {
  version: 1,
  sql: `
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
};

/** Reads the schema version of a database; undefined when it has no tables yet. */
function versionOf(database: DatabaseSync): number | undefined {
  const { tables } = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() as {
    tables: number;
  };
  const { version } = database
    .prepare('SELECT user_version AS version FROM pragma_user_version')
    .get() as {
    version: number;
  };
  return tables === 0 && version === 0 ? undefined : version;
}

function checkFile(file: string, folder: string, known: number): void {
  if (!existsSync(file)) {
    return;
  }
  // Not read-only: that would leave a -wal and a -shm file behind.
  const database = new DatabaseSync(file, { timeout: 5_000 });
  try {
    const found = versionOf(database);
    if (found !== undefined && found !== known) {
      const code = found > known ? 'STORE_TOO_NEW' : 'STORE_TOO_OLD';
      throw new BreakwatchError(code, { folder, found, known });
    }
  } finally {
    database.close();
  }
}

/**
 * Checks that this Breakwatch can open a data folder. It changes nothing, and it looks at both
 * database files, so that a folder of another version is never half converted or half replaced.
 *
 * @throws `STORE_TOO_OLD`, `STORE_TOO_NEW`
 */
export function checkVersions(folder: string): void {
  checkFile(databaseFile(folder), folder, DATABASE_SCHEMA.version);
  checkFile(journalFile(folder), folder, JOURNAL_SCHEMA.version);
}

/** Creates the tables in a new database file; all or nothing. A file with tables stays as it is. */
export function createTables(database: DatabaseSync, { version, sql }: Schema): void {
  if (versionOf(database) !== undefined) {
    return;
  }
  database.exec('BEGIN IMMEDIATE');
  try {
    database.exec(`${sql}; PRAGMA user_version = ${version}; COMMIT`);
  } catch (thrown) {
    if (database.isTransaction) {
      database.exec('ROLLBACK');
    }
    throw thrown;
  }
}
