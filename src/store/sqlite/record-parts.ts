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

/**
 * The columns of a brief record that no other record has; see `briefFacts` in `BreakSearch`.
 *
 * @param facts - names of the facts to read; they must be plain words
 */
export function briefOwnColumns(facts: readonly string[]): string {
  const values = facts.map((name) => `json_extract(d.facts, '$.${name}')`);
  return [
    'b.cell',
    'd.verdict',
    'b.id',
    ...KEY_COLUMNS.slice(0, -3).map((column) => `b.${column}`),
    'd.bypass_code',
    'd.resolution',
    `json_array(${values.join(', ')})`,
    `CASE WHEN instr(d.sources, '"quiet":true') > 0 THEN d.sources END`,
  ].join(', ');
}

/**
 * Columns of an end (see `endsOnly` in `BreakSearch`) that no other has, from `breaks b` and `cells c`. The first value to
 * bind is the end of the range.
 */
export const END_COLUMNS = [
  'b.cell',
  `CASE WHEN c.outcome = 'refused' AND ifnull(b.recovered_at > ?, true)
     THEN (SELECT d.verdict FROM break_details d WHERE d.n = b.n) END`,
  'b.id',
  ...KEY_COLUMNS.slice(0, -3).map((column) => `b.${column}`),
].join(', ');

/** Place of the id in an {@link OwnRow}. */
export const ID = 2;
/** Place of the time of the break in an {@link OwnRow}. */
export const ENDED_AT = ID + 1 + KEY_COLUMNS.indexOf('ended_at');

/** A row of {@link OWN_COLUMNS}, {@link briefOwnColumns} or {@link END_COLUMNS}. */
export type OwnRow = [cell: number, verdict: number | null, id: string, ...own: SqlValue[]];

/** Completes the row of a record. */
export type Completer = (row: OwnRow) => RecordRow;

const CELL = `SELECT ${CELL_COLUMNS.join(', ')} FROM cells WHERE cell = ?`;
const BODY = 'SELECT body FROM verdicts WHERE verdict = ?';

/**
 * Completes rows of records by what many records share: cell and verdict, which never change. Reading these
 * texts again for each record takes longer than all else.
 *
 * @returns a function that builds the row of `RECORD_COLUMNS`; call it outside of a transaction, which may be
 *   rolled back with its new cells
 */
export function createRecordCompleter(connection: Connection): Completer {
  const cells = new LRUCache<number, SqlValue[]>({ max: MAX_KNOWN });
  const bodies = new LRUCache<number, string>({ max: MAX_KNOWN });
  const bodyOf = (verdict: number): string => {
    let body = bodies.get(verdict);
    if (body === undefined) {
      [body] = connection.row<[string]>(BODY, verdict) as [string];
      bodies.set(verdict, body);
    }
    return body;
  };
  return ([cell, verdict, id, ...own]) => {
    let columns = cells.get(cell);
    if (columns === undefined) {
      columns = connection.row<SqlValue[]>(CELL, cell) as SqlValue[];
      cells.set(cell, columns);
    }
    return [id, ...columns, ...own, verdict === null ? null : bodyOf(verdict)];
  };
}
