import { BreakwatchError } from '../../model/errors.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { connectionOf, type PostgresSettings, schemaOf } from '../postgres/connection-settings.ts';
import { Database, type Sql, type SqlTransaction } from '../postgres/database.ts';
import { fencedTransaction } from '../postgres/fence.ts';
import { createMoveMark, noteMovePlace, readMoveMark } from '../postgres/move-mark.ts';
import { ownSchema } from '../postgres/own-schema.ts';
import { Partitions } from '../postgres/partitions.ts';
import { rebuildLostTime } from '../postgres/rebuild-lost-time.ts';
import { rebuildRollUps } from '../postgres/roll-ups.ts';
import type { SqlValue } from '../rows/sql-value.ts';
import { compareAnswers } from './compare-answers.ts';
import { openSourceFolder, type SourceFolder } from './source-folder.ts';
import { TABLE_COPIES, type TableCopy } from './table-copies.ts';

/** Options of {@link moveToPostgres}. */
export interface MoveOptions {
  /** Data folder of the SQLite store. */
  folder: string;
  /** The database; its schema must be empty, or have a part of this move. */
  settings: PostgresSettings;
  /** Deletes what an unfinished move has copied, and begins again. */
  startOver?: boolean;
  /** Rows of one transaction. */
  rowsPerStep?: number;
  onProgress?: (progress: MoveProgress) => void;
}

/** How far a move is. */
export interface MoveProgress {
  step: 'copy' | 'count' | 'compare';
  /** The table that is copied or counted. */
  table?: string;
  /** Rows that are copied, or answers that are compared. */
  done: number;
  total: number;
}

/** What a move did. */
export interface MoveResult {
  /** Rows of each table, the same on both sides. */
  rows: Record<string, number>;
  /** Random answers that were the same on both sides. */
  answers: number;
  /** It went on where an earlier one had ended. */
  resumed: boolean;
}

const ROWS_PER_STEP = 2_000;
/** Tables that are written together with others. */
const TWINS: Readonly<Record<string, readonly string[]>> = {
  journal: ['journal_keys'],
  breaks: ['break_details', 'break_ids'],
};
/** Tables whose rows PostgreSQL numbers, with the column. */
const NUMBERED = [
  ['cells', 'cell'],
  ['verdicts', 'verdict'],
  ['breaks', 'n'],
] as const;
const CONNECTIONS = 2;

/** What is written, and by whom. */
interface Target {
  database: Database;
  schema: string;
  epoch: number;
}

/**
 * Copies the whole store of a data folder into a PostgreSQL database: journal, breaks, earlier verdicts, pushes,
 * documents (incidents, alerts, notices, acknowledgements, feedback) and state (cursors, coverage, rules in force).
 * The folder is not changed. Each step notes how far it is in the transaction that copies, so the move can be ended
 * at any moment and goes on when it is called again. At the end it counts the rows of both sides and asks both the
 * same random questions; until all are equal, no server can use the schema.
 *
 * @throws `DATA_FOLDER_WITHOUT_STORE`, `MOVE_SOURCE_CHANGED` when the folder changed since an unfinished move, `MOVE_DIFFERS`,
 *   `DATABASE_NOT_EMPTY` when the schema has other data, `DATABASE_MOVE_UNFINISHED` when it has a part of another
 *   folder, `DATA_FOLDER_OWNED`, `DATABASE_*`, `JOURNAL_BEHIND`, `STORE_*`
 */
export async function moveToPostgres(options: MoveOptions): Promise<MoveResult> {
  const { settings } = options;
  const connection = connectionOf(settings);
  const schema = schemaOf(settings);
  const source = openSourceFolder(options.folder);
  const database = new Database({ connection, size: CONNECTIONS });
  try {
    const { epoch, release } = await ownSchema(database, connection, schema);
    try {
      return await move(source, { database, schema, epoch }, options);
    } finally {
      await release();
    }
  } finally {
    await database.close();
    source.close();
  }
}

async function move(
  source: SourceFolder,
  target: Target,
  { startOver = false, rowsPerStep = ROWS_PER_STEP, onProgress = () => undefined }: MoveOptions,
): Promise<MoveResult> {
  const { database, epoch } = target;
  const write = <T>(work: (sql: SqlTransaction) => Promise<T>, durable = true) =>
    fencedTransaction(database, { epoch, isAlone: true, durable }, work);
  const partitions = new Partitions(database);
  const begun = await begin(source, target, startOver);
  const totals = TABLE_COPIES.map((copy) => countOf(source, copy));
  const total = totals.reduce((sum, one) => sum + one, 0);
  let done = totals.slice(0, begun.tables).reduce((sum, one) => sum + one, 0);

  for (const [index, copy] of TABLE_COPIES.entries()) {
    if (index < begun.tables) {
      continue;
    }
    const { table } = copy;
    let place: SqlValue[] | null = copy.start;
    if (index === begun.tables && begun.place !== null) {
      place = JSON.parse(begun.place) as SqlValue[];
      done += await countIn(database, table);
    }
    while (place !== null) {
      const rows: SqlValue[][] = copy.from(source).rows(copy.read, ...place, rowsPerStep);
      const last: SqlValue[] | undefined = rows.at(-1);
      place = last === undefined ? null : copy.place(last);
      const at =
        place === null
          ? { tables: index + 1, place }
          : { tables: index, place: JSON.stringify(place) };
      if (copy.time !== undefined) {
        await partitions.prepare(rows.map(copy.time));
      }
      await write(async (sql) => {
        if (rows.length > 0) {
          await copy.write(sql, rows);
        }
        await noteMovePlace(sql, at);
      }, false);
      done += rows.length;
      onProgress({ step: 'copy', table, done, total });
    }
  }
  await write((sql) => setCounters(sql, source));
  // Plans of the questions below, and of a server, depend on it.
  await database.script('ANALYZE');
  const rows: MoveResult['rows'] = {};
  for (const [index, { table }] of TABLE_COPIES.entries()) {
    onProgress({ step: 'count', table, done, total });
    rows[table] = totals[index] as number;
    for (const one of [table, ...(TWINS[table] ?? [])]) {
      const found = await countIn(database, one);
      if (found !== totals[index]) {
        throw differs(target, `the table ${one} has ${found} rows instead of ${totals[index]}`);
      }
    }
  }
  const { answers, different, examples } = await compareAnswers(source, database, (n, all) =>
    onProgress({ step: 'compare', done: n, total: all }),
  );
  if (different > 0) {
    throw differs(target, `${different} of ${answers} answers differ: ${examples.join('; ')}`);
  }
  await write((sql) => sql.script('DROP TABLE move'));
  return { rows, answers, resumed: begun.resumed };
}

function differs({ schema }: Target, problem: string): BreakwatchError {
  return maskedError('MOVE_DIFFERS', { schema, problem });
}

/** Where the copying begins; marks an empty schema. */
async function begin(
  { folder, stamp }: SourceFolder,
  { database, schema, epoch }: Target,
  startOver: boolean,
): Promise<{ tables: number; place: string | null; resumed: boolean }> {
  const found = await readMoveMark(database);
  if (found !== undefined && !startOver) {
    if (found.folder !== folder) {
      throw new BreakwatchError('DATABASE_MOVE_UNFINISHED', { schema, folder: found.folder });
    }
    if (found.stamp !== stamp) {
      throw new BreakwatchError('MOVE_SOURCE_CHANGED', { folder });
    }
    return { ...found, resumed: true };
  }
  const tables = TABLE_COPIES.flatMap(({ table }) => [table, ...(TWINS[table] ?? [])]);
  await fencedTransaction(database, { epoch, isAlone: true, durable: true }, async (sql) => {
    if (found !== undefined) {
      await sql.script(`DROP TABLE move; TRUNCATE ${tables.join(', ')} RESTART IDENTITY`);
    }
    for (const table of tables) {
      if ((await sql.row(`SELECT 1 FROM ${table} LIMIT 1`)) !== undefined) {
        throw new BreakwatchError('DATABASE_NOT_EMPTY', { schema, table });
      }
    }
    await createMoveMark(sql, { folder, stamp });
  });
  return { tables: 0, place: null, resumed: false };
}

/** Sets the numbers from which a server goes on, and what is computed from the tables. */
async function setCounters(sql: SqlTransaction, { cursor, lastSeq }: SourceFolder): Promise<void> {
  for (const [table, column] of NUMBERED) {
    await sql.run(
      `SELECT setval(pg_get_serial_sequence('${table}', '${column}'), coalesce(max(${column}), 1),
         max(${column}) IS NOT NULL) FROM ${table}`,
    );
  }
  await rebuildRollUps(sql);
  await rebuildLostTime(sql);
  await sql.run(`UPDATE writer SET seq = $1 WHERE part = 'journal'`, lastSeq);
  await sql.run(`UPDATE meta SET value = $1 WHERE name = 'cursor'`, cursor);
}

function countOf(source: SourceFolder, { table, from }: TableCopy): number {
  return from(source).row<[number]>(`SELECT count(*) FROM ${table}`)?.[0] ?? 0;
}

async function countIn(sql: Sql, table: string): Promise<number> {
  return (await sql.row<[number]>(`SELECT count(*) FROM ${table}`))?.[0] ?? 0;
}
