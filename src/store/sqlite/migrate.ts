import type { DatabaseSync } from 'node:sqlite';
import { moveJournal } from './move-journal.ts';
import { runSteps, type SchemaStep } from './run-steps.ts';

/**
 * How the schema came to be, oldest step first. A step that has been released is never edited; a
 * change is a new step at the end.
 *
 * - `cells` holds each combination of the words that have few values. Breaks point to it, so a row
 *   stays small, filters on those words are settled on a few hundred rows, and roll-ups count by it.
 * - `breaks` holds what is filtered, grouped and ordered by; `break_details` the rest, so that
 *   scans do not read snapshots.
 * - `verdicts` holds the part of a verdict that repeats from break to break.
 * - `rollup_*` count breaks by cell and time; they are kept in the transaction that writes the
 *   breaks, so they never disagree with them.
 * - The journal began in this file and has moved to one of its own.
 */
export const MIGRATIONS: readonly SchemaStep[] = [
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
    -- 1 when the stream is down after it (broken, refused), 0 after a normal end.
    down INTEGER NOT NULL,
    -- recovered_at, or the far future while it has not recovered: makes spans searchable.
    until INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX breaks_by_time ON breaks (ended_at, id);
  CREATE INDEX breaks_by_cell ON breaks (cell, ended_at, id);
  CREATE INDEX breaks_by_stream ON breaks (stream, ended_at, id);
  CREATE INDEX breaks_by_client_ip ON breaks (client_ip, ended_at, id) WHERE client_ip IS NOT NULL;
  CREATE INDEX breaks_by_node ON breaks (node, ended_at, id) WHERE node IS NOT NULL;
  CREATE INDEX breaks_by_until ON breaks (down, until, ended_at);

  CREATE TABLE break_details (
    n INTEGER PRIMARY KEY REFERENCES breaks (n),
    errcode INTEGER,
    sub_errcode INTEGER,
    bypass_code INTEGER,
    reason_text TEXT,
    resolution TEXT,
    sequence TEXT,
    -- What the event itself says, when the verdict says otherwise.
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
  CREATE TABLE rollup_day (
    cell INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    breaks INTEGER NOT NULL,
    PRIMARY KEY (cell, bucket)
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
  `,
  `
  CREATE INDEX pushes_by_end ON pushes (ended_at, started_at);

  CREATE TABLE documents (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    account TEXT NOT NULL,
    at INTEGER NOT NULL,
    open INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX documents_by_time ON documents (kind, at, id);
  CREATE INDEX documents_open ON documents (kind, at, id) WHERE open = 1;
  `,
  `
  CREATE TABLE earlier_verdicts (
    break_id TEXT NOT NULL,
    replaced_at INTEGER NOT NULL,
    cell INTEGER NOT NULL REFERENCES cells (cell),
    verdict INTEGER NOT NULL REFERENCES verdicts (verdict),
    evidence TEXT NOT NULL,
    PRIMARY KEY (break_id, replaced_at)
  ) STRICT, WITHOUT ROWID;
  `,
  moveJournal,
  'ALTER TABLE pushes ADD COLUMN tx_time INTEGER;',
];

/**
 * Brings the database to the schema that this Breakwatch writes; each step is all or nothing.
 *
 * @param folder - the data folder
 * @throws `STORE_TOO_NEW` when a newer Breakwatch wrote it
 */
export function migrate(database: DatabaseSync, folder: string): void {
  runSteps(database, folder, MIGRATIONS);
}
