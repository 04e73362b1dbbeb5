import { BREAK_INDEXES } from './break-indexes.ts';
import type { SqlTransaction } from './database.ts';
import { indexed } from './indexed.ts';
import { monthsOf } from './months.ts';
import { makePartition, makeRest, PARTITIONED } from './partitions.ts';

const DAY_MS = 86_400_000;
/** Memory for building one index. */
const INDEX_MEMORY = '256MB';

/** Makes room for the names of the partitioned tables, and makes these with the same columns. */
const NEW_TABLES = `
  DROP INDEX breaks_by_n, breaks_by_time, breaks_by_cell, breaks_by_stream, breaks_by_client_ip, breaks_by_node,
    breaks_by_span, breaks_long;
  ALTER TABLE breaks RENAME TO breaks_before;
  ALTER TABLE break_details RENAME TO break_details_before;
  ALTER TABLE breaks_before DROP CONSTRAINT breaks_pkey;
  ALTER TABLE break_details_before DROP CONSTRAINT break_details_pkey;
  ALTER SEQUENCE breaks_n_seq RENAME TO breaks_before_n_seq;

  CREATE TABLE breaks (LIKE breaks_before) PARTITION BY RANGE (ended_at);
  ALTER TABLE breaks ALTER COLUMN n ADD GENERATED ALWAYS AS IDENTITY;
  CREATE TABLE break_details (LIKE break_details_before, ended_at bigint NOT NULL)
    PARTITION BY RANGE (ended_at);
  CREATE TABLE break_ids (
    bucket smallint NOT NULL,
    id text COLLATE "C" NOT NULL,
    ended_at bigint NOT NULL
  )`;

/** Built after the rows are there, which takes a third of the time. */
const INDEXES = `
  ALTER TABLE break_ids ADD PRIMARY KEY (id, bucket);
  CREATE INDEX break_ids_by_time ON break_ids USING brin (ended_at) WITH (autosummarize = on);
  ALTER TABLE breaks ADD PRIMARY KEY (id, bucket, ended_at);
  ALTER TABLE break_details ADD PRIMARY KEY (id, bucket, ended_at);
  ${BREAK_INDEXES}
  CREATE INDEX breaks_long ON breaks (${indexed('stream')}, until, ended_at)
    WHERE down = 1 AND span_class > 18`;

/**
 * Partitions `breaks` and `break_details` by month of `ended_at`, so that old months are dropped by the table. The key of
 * a partitioned table must contain the time, so `break_ids` keeps ids unique, and finds a break that ends at another
 * time than was known. Its index by blocks suffices for a purge, because ids come about in the order of time.
 *
 * Copies every row once, so the database needs their space twice until the end. The caller opens the transaction.
 */
export async function partitionBreaks(sql: SqlTransaction): Promise<void> {
  const days = await sql.rows<[number]>(
    `SELECT DISTINCT ended_at / ${DAY_MS} * ${DAY_MS} FROM breaks`,
  );
  await sql.script(`SET LOCAL maintenance_work_mem = '${INDEX_MEMORY}'; ${NEW_TABLES}`);
  await makeRest(sql);
  const months = monthsOf(
    days.map(([day]) => day),
    Date.now(),
  );
  for (const table of PARTITIONED) {
    for (const month of months) {
      await makePartition(sql, table, month);
    }
  }
  await sql.script(`
    INSERT INTO breaks OVERRIDING SYSTEM VALUE SELECT * FROM breaks_before;
    INSERT INTO break_details
      SELECT d.*, b.ended_at FROM break_details_before d
        JOIN breaks_before b ON b.id = d.id AND b.bucket = d.bucket;
    INSERT INTO break_ids SELECT bucket, id, ended_at FROM breaks_before;
    SELECT setval(pg_get_serial_sequence('breaks', 'n'), last_value, is_called)
      FROM breaks_before_n_seq;
    DROP TABLE breaks_before, break_details_before;
    ${INDEXES}`);
  if (days.length > 0) {
    // Nothing else analyzes a partitioned table as a whole.
    await sql.script('ANALYZE breaks; ANALYZE break_details; ANALYZE break_ids');
  }
}
