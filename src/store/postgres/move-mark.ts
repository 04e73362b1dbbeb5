import { BreakwatchError } from '../../model/errors.ts';
import type { Sql } from './database.ts';

/**
 * Marks a schema into which a data folder is being moved: the folder, its stamp, and how far the move is. No
 * store can be opened while it is there.
 */
export interface MoveMark {
  folder: string;
  /** Tells whether the folder changed since. */
  stamp: string;
  /** Number of tables that are copied. */
  tables: number;
  /** JSON of the key up to which the next table is copied; null before its first row. */
  place: string | null;
}

/** Reads the mark; undefined when there is none. */
export async function readMoveMark(sql: Sql): Promise<MoveMark | undefined> {
  if ((await sql.row<[string | null]>(`SELECT to_regclass('move')::text`))?.[0] == null) {
    return undefined;
  }
  const row = await sql.row<[string, string, number, string | null]>(
    'SELECT folder, stamp, tables, place FROM move',
  );
  return row && { folder: row[0], stamp: row[1], tables: row[2], place: row[3] };
}

/** Marks a schema. The caller opens the transaction. */
export async function createMoveMark(
  sql: Sql,
  { folder, stamp }: Pick<MoveMark, 'folder' | 'stamp'>,
): Promise<void> {
  await sql.script(
    'CREATE TABLE move (folder text NOT NULL, stamp text NOT NULL, tables integer NOT NULL, place text)',
  );
  await sql.run('INSERT INTO move (folder, stamp, tables) VALUES ($1, $2, 0)', folder, stamp);
}

/** Notes how far the move is, in the transaction that copies. */
export async function noteMovePlace(
  sql: Sql,
  { tables, place }: Pick<MoveMark, 'tables' | 'place'>,
): Promise<void> {
  await sql.run('UPDATE move SET tables = $1, place = $2', tables, place);
}

/** @throws `DATABASE_MOVE_UNFINISHED` while a data folder is being moved into the schema */
export async function refuseUnfinishedMove(sql: Sql, schema: string): Promise<void> {
  const mark = await readMoveMark(sql);
  if (mark !== undefined) {
    throw new BreakwatchError('DATABASE_MOVE_UNFINISHED', { schema, folder: mark.folder });
  }
}
