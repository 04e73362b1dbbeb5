import { BreakwatchError } from '../../model/errors.ts';
import { BREAK_INDEXES } from './break-indexes.ts';
import { checkPooler } from './check-pooler.ts';
import type { Database, Sql } from './database.ts';
import { indexed } from './indexed.ts';
import { BASE_VERSION, readVersion, SCHEMA_VERSION } from './migrations.ts';

/** The oldest PostgreSQL that is tested, as `server_version_num` says it. */
const OLDEST_SERVER = 150_000;

/**
 * The tables of the first version, which `migrations.ts` changes. Those of streams have the bucket in their key
 * (see `bucketOf`), so that one server can own a bucket and one node of a cluster can store it:
 *
 * - `journal` holds what arrived, by seq; `journal_keys` the keys by which a second arrival is found,
 *   in the bucket of their hash, because a repeated message need not name the same stream.
 * - `breaks` holds the columns for filters, groups and order; `break_details` the rest, so that scans
 *   do not read snapshots. `earlier_verdicts` and `pushes` belong to streams, too.
 *
 * Small tables that every bucket needs:
 *
 * - `cells` holds each combination of the columns that have few values, `verdicts` the part of a verdict
 *   that many breaks share. Rows are only added, before the transaction that refers to them.
 * - `writer` has the number of the server that may write: one row for the journal, with its last seq, and one
 *   for all else, so that no callback waits for deriving. Every transaction that writes checks the number, so
 *   that a server that was replaced cannot write.
 */
const TABLES = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value bigint NOT NULL);
  INSERT INTO meta (name, value) VALUES ('schema', ${BASE_VERSION}), ('cursor', 0);

  CREATE TABLE writer (
    part TEXT PRIMARY KEY,
    epoch bigint NOT NULL,
    owner TEXT NOT NULL,
    seq bigint NOT NULL
  );
  INSERT INTO writer (part, epoch, owner, seq) VALUES ('journal', 0, '', 0), ('derived', 0, '', 0);

  CREATE TABLE journal (
    bucket smallint NOT NULL,
    seq bigint NOT NULL,
    account TEXT NOT NULL,
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    received_at bigint NOT NULL,
    body TEXT NOT NULL,
    derived TEXT NOT NULL,
    PRIMARY KEY (bucket, seq)
  );
  CREATE INDEX journal_by_seq ON journal (seq);
  CREATE INDEX journal_by_key ON journal (account, source, ${indexed('key')});
  CREATE TABLE journal_keys (
    bucket smallint NOT NULL,
    key_hash uuid NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (bucket, key_hash)
  );

  CREATE TABLE cells (
    cell integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cell_hash uuid NOT NULL UNIQUE,
    account TEXT NOT NULL,
    domain TEXT NOT NULL,
    app TEXT NOT NULL,
    outcome TEXT NOT NULL,
    category TEXT NOT NULL,
    severity TEXT NOT NULL,
    side TEXT NOT NULL,
    reason TEXT NOT NULL,
    rule TEXT NOT NULL
  );
  CREATE TABLE verdicts (
    verdict integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    body_hash uuid NOT NULL UNIQUE,
    body TEXT NOT NULL
  );

  CREATE TABLE breaks (
    bucket smallint NOT NULL,
    id TEXT NOT NULL,
    -- Numbers the rows for back-tests, which read them in blocks; numbers may be left out.
    n bigint GENERATED ALWAYS AS IDENTITY,
    cell integer NOT NULL,
    stream TEXT NOT NULL,
    client_ip TEXT,
    node TEXT,
    started_at bigint,
    ended_at bigint NOT NULL,
    duration_ms bigint,
    recovered_at bigint,
    -- 1 when the stream is down afterwards (broken, refused), 0 after a normal end.
    down smallint NOT NULL,
    -- recovered_at, or the far future while it has not recovered, so that a search can compare it.
    until bigint NOT NULL,
    -- Class of the time to recovery, so that an index can search spans, see spanClassOf.
    span_class smallint NOT NULL,
    PRIMARY KEY (id, bucket)
  ) WITH (fillfactor = 90);
  ${BREAK_INDEXES}

  CREATE TABLE break_details (
    bucket smallint NOT NULL,
    id TEXT NOT NULL,
    errcode bigint,
    sub_errcode bigint,
    bypass_code bigint,
    reason_text TEXT,
    resolution TEXT,
    sequence TEXT,
    -- Values of the event itself, when the verdict's differ.
    event_outcome TEXT,
    event_reason TEXT,
    sources TEXT NOT NULL,
    facts TEXT NOT NULL,
    evidence TEXT NOT NULL,
    verdict integer NOT NULL,
    PRIMARY KEY (id, bucket)
  );
  CREATE TABLE earlier_verdicts (
    bucket smallint NOT NULL,
    break_id TEXT NOT NULL,
    replaced_at bigint NOT NULL,
    cell integer NOT NULL,
    verdict integer NOT NULL,
    evidence TEXT NOT NULL,
    PRIMARY KEY (break_id, replaced_at, bucket)
  );

  CREATE TABLE pushes (
    bucket smallint NOT NULL,
    -- Of account, domain, app and stream.
    stream_hash uuid NOT NULL,
    account TEXT NOT NULL,
    domain TEXT NOT NULL,
    app TEXT NOT NULL,
    stream TEXT NOT NULL,
    started_at bigint NOT NULL,
    ended_at bigint,
    sequence TEXT,
    tx_time bigint,
    PRIMARY KEY (stream_hash, started_at, bucket)
  );
  CREATE INDEX pushes_by_sequence ON pushes (stream_hash, ${indexed('sequence')})
    WHERE sequence IS NOT NULL;
  CREATE INDEX pushes_by_end ON pushes (ended_at, started_at);

  CREATE TABLE rule_texts (rule_hash TEXT PRIMARY KEY, cause TEXT NOT NULL, fix TEXT NOT NULL);
  CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE documents (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    account TEXT NOT NULL,
    at bigint NOT NULL,
    open smallint NOT NULL,
    body TEXT NOT NULL,
    ended_at bigint,
    PRIMARY KEY (kind, id)
  );
  CREATE INDEX documents_by_time ON documents (kind, at, id);
  CREATE INDEX documents_open ON documents (kind, at, id) WHERE open = 1;
  -- Six hours. A search by overlap reads all that began within that time before its range.
  CREATE INDEX documents_long ON documents (kind, ended_at) WHERE ended_at - at > 21600000;
`;

/** Every text compares by its bytes, whatever the language of the database. */
const DDL = TABLES.replaceAll(/\bTEXT\b/g, 'text COLLATE "C"');

/** Number of the lock that creates the tables; any other number would do. */
const CREATE_LOCK = 7_218_300_001;

/**
 * Checks that the database can hold a store, and creates the tables of the first version in an empty schema. Servers
 * that start at the same time wait for each other. `migrate` does the rest, when no other server writes.
 *
 * @param schema - name of the schema, which is created when it is missing
 * @throws `DATABASE_UNSUITABLE` for an old PostgreSQL, another encoding than UTF8 or a standby,
 *   a pooler that takes away sessions or settings, `DATABASE_OTHER_VERSION` when a newer Breakwatch made the tables, `DATABASE_NO_RIGHTS`
 */
export async function prepareSchema(database: Database, schema: string): Promise<void> {
  await checkServer(database);
  await checkPooler(database, schema);
  await database.transaction(async (sql) => {
    await sql.rows('SELECT pg_advisory_xact_lock($1)', CREATE_LOCK);
    if (!(await hasTables(sql, schema))) {
      // Not "IF NOT EXISTS" alone, which needs the right to create schemas even when it exists.
      if ((await sql.row('SELECT 1 FROM pg_namespace WHERE nspname = $1', schema)) === undefined) {
        await sql.run(`CREATE SCHEMA "${schema}"`);
      }
      await sql.script(DDL);
      return;
    }
    const { found, needs } = await readVersion(sql);
    if (found < BASE_VERSION || needs > SCHEMA_VERSION) {
      throw new BreakwatchError('DATABASE_OTHER_VERSION', {
        schema,
        found,
        known: SCHEMA_VERSION,
      });
    }
  });
}

async function checkServer(sql: Sql): Promise<void> {
  const [version, encoding, isStandby] = (await sql.row<[number, string, boolean]>(
    `SELECT current_setting('server_version_num')::integer, current_setting('server_encoding'),
       pg_is_in_recovery()`,
  )) as [number, string, boolean];
  const problem =
    version < OLDEST_SERVER
      ? `it is PostgreSQL ${Math.floor(version / 10_000)}, and 15 is the oldest that is supported`
      : encoding !== 'UTF8'
        ? `its encoding is ${encoding}, and names and messages of every language need UTF8`
        : isStandby
          ? 'it is a standby, which accepts no writes'
          : undefined;
  if (problem !== undefined) {
    throw new BreakwatchError('DATABASE_UNSUITABLE', { problem });
  }
}

async function hasTables(sql: Sql, schema: string): Promise<boolean> {
  const table = await sql.row(
    `SELECT 1 FROM pg_tables WHERE schemaname = $1 AND tablename = 'meta'`,
    schema,
  );
  return table !== undefined;
}
