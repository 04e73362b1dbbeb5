import { LRUCache } from 'lru-cache';
import { CELL_COLUMNS, DETAIL_COLUMNS, KEY_COLUMNS, type RecordRow } from '../rows/break-row.ts';
import type { Connection, SqlValue } from './connection.ts';

const MAX_KNOWN = 5_000;

/** Columns of a record that no other record has, from `breaks b` and `break_details d`. */
export const OWN_COLUMNS = [
  'b.cell',
  'd.verdict',
  'b.id',
  ...KEY_COLUMNS.slice(0, -3).map((column) => `b.${column}`),
  ...DETAIL_COLUMNS.map((column) => `d.${column}`),
].join(', ');

/** A row of {@link OWN_COLUMNS}. */
export type OwnRow = [cell: number, verdict: number, id: string, ...own: SqlValue[]];

const CELL = `SELECT ${CELL_COLUMNS.join(', ')} FROM cells WHERE cell = ?`;
const BODY = 'SELECT body FROM verdicts WHERE verdict = ?';

/**
 * Completes rows of records by what many records share: cell and verdict, which never change. Reading these
 * texts again for each record takes longer than all else.
 *
 * @returns a function that builds the row of `RECORD_COLUMNS`; call it outside of a transaction, which may be
 *   rolled back with its new cells
 */
export function createRecordCompleter(connection: Connection): (row: OwnRow) => RecordRow {
  const cells = new LRUCache<number, SqlValue[]>({ max: MAX_KNOWN });
  const bodies = new LRUCache<number, string>({ max: MAX_KNOWN });
  return ([cell, verdict, id, ...own]) => {
    let columns = cells.get(cell);
    if (columns === undefined) {
      columns = connection.row<SqlValue[]>(CELL, cell) as SqlValue[];
      cells.set(cell, columns);
    }
    let body = bodies.get(verdict);
    if (body === undefined) {
      [body] = connection.row<[string]>(BODY, verdict) as [string];
      bodies.set(verdict, body);
    }
    return [id, ...columns, ...own, body];
  };
}
