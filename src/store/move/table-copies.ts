import { bucketOf, bucketOfHash, keyHash, streamHash } from '../postgres/bucket.ts';
import type { Sql } from '../postgres/database.ts';
import { insertRows } from '../postgres/insert-rows.ts';
import { entryBucket, entryHash } from '../postgres/journal.ts';
import { CELL_COLUMNS, DETAIL_COLUMNS, KEY_COLUMNS } from '../rows/break-row.ts';
import { entryOf, type JournalRow } from '../rows/plain-rows.ts';
import type { SqlValue } from '../rows/sql-value.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { SourceFolder } from './source-folder.ts';

type Row = readonly SqlValue[];

/** How one table of a data folder is copied. */
export interface TableCopy {
  /** The table, which has the same name on both sides. */
  table: string;
  /** The file that has it. */
  from: (source: SourceFolder) => Connection;
  /** Reads the next rows; the values are the last row's key, and a limit. */
  read: string;
  /** Before the first row. */
  start: SqlValue[];
  /** The key of a row. */
  place: (row: Row) => SqlValue[];
  write: (sql: Sql, rows: readonly Row[]) => Promise<void>;
  /** The time that decides in which partition a row is, epoch ms UTC; absent for tables without partitions. */
  time?: (row: Row) => number;
}

const inDatabase = ({ database }: SourceFolder) => database;

/** A table whose rows are the same on both sides. */
function same(table: string, columns: readonly string[], keys: number): TableCopy {
  const key = columns.slice(0, keys).join(', ');
  const values = Array(keys).fill('?').join(', ');
  return {
    table,
    from: inDatabase,
    read: `SELECT ${columns.join(', ')} FROM ${table} WHERE (${key}) > (${values})
      ORDER BY ${key} LIMIT ?`,
    start: Array(keys).fill(''),
    place: (row) => row.slice(0, keys),
    write: (sql, rows) => insertRows(sql, table, columns, rows),
  };
}

const cells: TableCopy = {
  table: 'cells',
  from: inDatabase,
  read: `SELECT cell, ${CELL_COLUMNS.join(', ')} FROM cells WHERE cell > ? ORDER BY cell LIMIT ?`,
  start: [0],
  place: ([cell = null]) => [cell],
  write: (sql, rows) =>
    insertRows(
      sql,
      'cells',
      ['cell', ...CELL_COLUMNS, 'cell_hash'],
      rows.map((row) => [...row, keyHash(...(row.slice(1) as string[]))]),
    ),
};

const verdicts: TableCopy = {
  table: 'verdicts',
  from: inDatabase,
  read: 'SELECT verdict, body FROM verdicts WHERE verdict > ? ORDER BY verdict LIMIT ?',
  start: [0],
  place: ([verdict = null]) => [verdict],
  write: (sql, rows) =>
    insertRows(
      sql,
      'verdicts',
      ['verdict', 'body', 'body_hash'],
      rows.map((row) => [...row, keyHash(row[1] as string)]),
    ),
};

const journal: TableCopy = {
  table: 'journal',
  from: (source) => source.journal,
  read: `SELECT seq, account, source, key, received_at, body, derived FROM journal
    WHERE seq > ? ORDER BY seq LIMIT ?`,
  start: [0],
  place: ([seq = null]) => [seq],
  async write(sql, rows) {
    const entries = rows.map((row) => entryOf(row as unknown as JournalRow));
    await insertRows(
      sql,
      'journal',
      ['bucket', 'seq', 'account', 'source', 'key', 'received_at', 'body', 'derived'],
      rows.map((row, index) => [entryBucket(entries[index] as (typeof entries)[number]), ...row]),
    );
    await insertRows(
      sql,
      'journal_keys',
      ['bucket', 'key_hash', 'seq'],
      entries.map((entry) => {
        const hash = entryHash(entry.account, entry);
        return [bucketOfHash(hash), hash, entry.seq];
      }),
    );
  },
};

const BREAK_COLUMNS = ['n', 'id', 'cell', ...KEY_COLUMNS];
const DETAILS = ['verdict', ...DETAIL_COLUMNS];

const ENDED_AT = 1 + BREAK_COLUMNS.indexOf('ended_at');

/** With `break_details` and `break_ids`, which have the same rows. */
const breaks: TableCopy = {
  table: 'breaks',
  from: inDatabase,
  read: `SELECT c.account, ${BREAK_COLUMNS.map((column) => `b.${column}`).join(', ')},
      ${DETAILS.map((column) => `d.${column}`).join(', ')}
    FROM breaks b JOIN cells c ON c.cell = b.cell JOIN break_details d ON d.n = b.n
    WHERE b.n > ? ORDER BY b.n LIMIT ?`,
  start: [0],
  place: ([, n = null]) => [n],
  time: (row) => row[ENDED_AT] as number,
  async write(sql, rows) {
    const [stream, id] = ['stream', 'id'].map((one) => 1 + BREAK_COLUMNS.indexOf(one)) as [
      number,
      number,
    ];
    const buckets = rows.map((row) => bucketOf(row[0] as string, row[stream] as string));
    const split = 1 + BREAK_COLUMNS.length;
    await insertRows(
      sql,
      'breaks',
      ['bucket', ...BREAK_COLUMNS],
      rows.map((row, index) => [buckets[index] as number, ...row.slice(1, split)]),
    );
    await insertRows(
      sql,
      'break_details',
      ['bucket', 'id', 'ended_at', ...DETAILS],
      rows.map((row, index) => [
        ...[buckets[index] as number, row[id] as string, row[ENDED_AT] as number],
        ...row.slice(split),
      ]),
    );
    await insertRows(
      sql,
      'break_ids',
      ['bucket', 'id', 'ended_at'],
      rows.map((row, index) => [
        buckets[index] as number,
        row[id] as string,
        row[ENDED_AT] as number,
      ]),
    );
  },
};

const earlierVerdicts: TableCopy = {
  table: 'earlier_verdicts',
  from: inDatabase,
  read: `SELECT e.break_id, e.replaced_at, e.cell, e.verdict, e.evidence, c.account, b.stream
    FROM earlier_verdicts e JOIN breaks b ON b.id = e.break_id JOIN cells c ON c.cell = b.cell
    WHERE (e.break_id, e.replaced_at) > (?, ?) ORDER BY e.break_id, e.replaced_at LIMIT ?`,
  start: ['', 0],
  place: ([id = null, at = null]) => [id, at],
  write: (sql, rows) =>
    insertRows(
      sql,
      'earlier_verdicts',
      ['break_id', 'replaced_at', 'cell', 'verdict', 'evidence', 'bucket'],
      rows.map((row) => [...row.slice(0, 5), bucketOf(row[5] as string, row[6] as string)]),
    ),
};

const PUSH_COLUMNS = [
  ...['account', 'domain', 'app', 'stream'],
  ...['started_at', 'ended_at', 'sequence', 'tx_time'],
];

const pushes: TableCopy = {
  table: 'pushes',
  from: inDatabase,
  read: `SELECT push, ${PUSH_COLUMNS.join(', ')} FROM pushes WHERE push > ? ORDER BY push LIMIT ?`,
  start: [0],
  place: ([push = null]) => [push],
  write: (sql, rows) =>
    insertRows(
      sql,
      'pushes',
      ['bucket', 'stream_hash', ...PUSH_COLUMNS],
      rows.map(([, ...row]) => {
        const [account, domain, app, stream] = row as [string, string, string, string];
        return [bucketOf(account, stream), streamHash(account, domain, app, stream), ...row];
      }),
    ),
};

/** All tables that are not computed from others, in the order in which they are copied. */
export const TABLE_COPIES: readonly TableCopy[] = [
  cells,
  verdicts,
  same('rule_texts', ['rule_hash', 'cause', 'fix'], 1),
  journal,
  breaks,
  earlierVerdicts,
  pushes,
  same('documents', ['kind', 'id', 'account', 'at', 'open', 'body', 'ended_at'], 2),
  same('state', ['name', 'value'], 1),
];
