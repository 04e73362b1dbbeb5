import type { SqlValue } from '../rows/sql-value.ts';
import type { Sql } from './database.ts';

/** Type of each column that is not text. */
const TYPES: Readonly<Record<string, string>> = {
  bucket: 'smallint',
  seq: 'bigint',
  received_at: 'bigint',
  n: 'bigint',
  cell: 'integer',
  cell_hash: 'uuid',
  verdict: 'integer',
  body_hash: 'uuid',
  key_hash: 'uuid',
  started_at: 'bigint',
  ended_at: 'bigint',
  duration_ms: 'bigint',
  recovered_at: 'bigint',
  down: 'smallint',
  until: 'bigint',
  span_class: 'smallint',
  errcode: 'bigint',
  sub_errcode: 'bigint',
  bypass_code: 'bigint',
  replaced_at: 'bigint',
  stream_hash: 'uuid',
  tx_time: 'bigint',
  at: 'bigint',
  open: 'smallint',
};

/** The list of a statement's arrays, one for each column, with the number of the first placeholder. */
export function arraysOf(columns: readonly string[], first = 1): string {
  return columns
    .map((column, index) => `$${first + index}::${TYPES[column] ?? 'text'}[]`)
    .join(', ');
}

/**
 * A statement that inserts rows, whose columns it binds as arrays.
 *
 * @param overriding - `OVERRIDING SYSTEM VALUE` stores numbers that PostgreSQL would give otherwise
 */
export function insertOf(table: string, columns: readonly string[], overriding = ''): string {
  return `INSERT INTO ${table} (${columns.join(', ')}) ${overriding}
    SELECT * FROM unnest(${arraysOf(columns)})`;
}

/** The arrays of a statement: one for each column. */
export function columnsOf(rows: readonly (readonly SqlValue[])[], width: number): SqlValue[][] {
  return Array.from({ length: width }, (_one, column) =>
    rows.map((row) => row[column] as SqlValue),
  );
}

/** Inserts rows with one statement. Numbers that PostgreSQL would give otherwise are those of the rows. */
export async function insertRows(
  sql: Sql,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly SqlValue[])[],
): Promise<void> {
  await sql.run(
    insertOf(table, columns, 'OVERRIDING SYSTEM VALUE'),
    ...columnsOf(rows, columns.length),
  );
}
