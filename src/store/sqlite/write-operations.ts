import { LRUCache } from 'lru-cache';
import {
  type BreakRow,
  CELL_COLUMNS,
  countedBreak,
  DETAIL_COLUMNS,
  KEY_COLUMNS,
} from '../rows/break-row.ts';
import type { BatchRows, DocumentRow, PushRow } from '../rows/plain-rows.ts';
import type { Connection, SqlValue } from './connection.ts';
import { deleteBreak, HIGHEST_DELETED, Tally } from './tally.ts';

const placeholders = (columns: readonly string[]) => columns.map(() => '?').join(', ');

const FIND_CELL = `SELECT cell FROM cells
  WHERE ${CELL_COLUMNS.map((column) => `${column} = ?`).join(' AND ')}`;
const ADD_CELL = `INSERT INTO cells (${CELL_COLUMNS.join(', ')})
  VALUES (${placeholders(CELL_COLUMNS)}) RETURNING cell`;
const FIND_BREAK = `SELECT b.n, b.cell, d.verdict,
    ${KEY_COLUMNS.map((column) => `b.${column}`).join(', ')},
    ${DETAIL_COLUMNS.map((column) => `d.${column}`).join(', ')}
  FROM breaks b JOIN break_details d ON d.n = b.n WHERE b.id = ?`;
/** A number is used once; without one, SQLite takes the next after the last row. */
const FRESH_NUMBER = `SELECT value + 1 FROM meta
  WHERE name = '${HIGHEST_DELETED}' AND value > (SELECT ifnull(max(n), 0) FROM breaks)`;
const ADD_BREAK = `INSERT INTO breaks (n, id, cell, ${KEY_COLUMNS.join(', ')})
  VALUES ((${FRESH_NUMBER}), ?, ?, ${placeholders(KEY_COLUMNS)})
  ON CONFLICT (id) DO NOTHING RETURNING n`;
const ADD_DETAILS = `INSERT INTO break_details (n, verdict, ${DETAIL_COLUMNS.join(', ')})
  VALUES (?, ?, ${placeholders(DETAIL_COLUMNS)})`;
const KEEP_VERDICT = `INSERT INTO earlier_verdicts (break_id, replaced_at, cell, verdict, evidence)
  SELECT b.id, ?, b.cell, d.verdict, d.evidence
  FROM breaks b JOIN break_details d ON d.n = b.n WHERE b.id = ?
  ON CONFLICT (break_id, replaced_at) DO NOTHING`;

const MAX_IDS = 20_000;

/** Caches ids of rows that other rows refer to, so that breaks do not need to query them. */
class RowIds {
  readonly #known = new LRUCache<string, number>({ max: MAX_IDS });

  of(key: string, find: () => number): number {
    let id = this.#known.get(key);
    if (id === undefined) {
      id = find();
      this.#known.set(key, id);
    }
    return id;
  }

  forget(): void {
    this.#known.clear();
  }
}

/** Write operations of the database, without the journal. The caller opens the transaction. */
export function createWriteOperations(connection: Connection) {
  const cells = new RowIds();
  const verdicts = new RowIds();

  function cellOf(cell: string[]): number {
    return cells.of(JSON.stringify(cell), () => {
      const row =
        connection.row<[number]>(FIND_CELL, ...cell) ?? connection.row<[number]>(ADD_CELL, ...cell);
      return (row as [number])[0];
    });
  }

  function verdictOf(body: string): number {
    return verdicts.of(body, () => {
      const row =
        connection.row<[number]>('SELECT verdict FROM verdicts WHERE body = ?', body) ??
        connection.row<[number]>('INSERT INTO verdicts (body) VALUES (?) RETURNING verdict', body);
      return (row as [number])[0];
    });
  }

  function patch(table: string, n: number, changes: [column: string, value: SqlValue][]): void {
    if (changes.length > 0) {
      const sets = changes.map(([column]) => `${column} = ?`).join(', ');
      const values = changes.map(([, value]) => value);
      connection.run(`UPDATE ${table} SET ${sets} WHERE n = ?`, ...values, n);
    }
  }

  function putBreak(row: BreakRow, tally: Tally): void {
    const cell = cellOf(row.cell);
    const verdict = verdictOf(row.verdict);
    const added = connection.row<[number]>(ADD_BREAK, row.id, cell, ...row.key);
    if (added !== undefined) {
      const [n] = added;
      connection.run(ADD_DETAILS, n, verdict, ...row.details);
      tally.add(countedBreak(n, cell, row.key), 1);
      return;
    }
    // Only changed columns are written, so a recovery changes one small row and one index.
    const found = connection.row<SqlValue[]>(FIND_BREAK, row.id);
    const [n, oldCell, oldVerdict, ...old] = found as [number, number, number, ...SqlValue[]];
    const changesOf = (columns: readonly string[], values: SqlValue[], before: SqlValue[]) =>
      columns
        .map((column, i): [string, SqlValue] => [column, values[i] as SqlValue])
        .filter(([, value], i) => value !== before[i]);
    patch('breaks', n, changesOf(['cell', ...KEY_COLUMNS], [cell, ...row.key], [oldCell, ...old]));
    patch(
      'break_details',
      n,
      changesOf(
        ['verdict', ...DETAIL_COLUMNS],
        [verdict, ...row.details],
        [oldVerdict, ...old.slice(KEY_COLUMNS.length)],
      ),
    );
    tally.add(countedBreak(n, oldCell, old), -1);
    tally.add(countedBreak(n, cell, row.key), 1);
  }

  function removeBreak(id: string, tally: Tally): void {
    const found = connection.row<[number, number, ...SqlValue[]]>(
      `SELECT n, cell, ${KEY_COLUMNS.join(', ')} FROM breaks WHERE id = ?`,
      id,
    );
    if (found !== undefined) {
      const [n, cell, ...key] = found;
      deleteBreak(connection, id, countedBreak(n, cell, key), tally);
    }
  }

  /** The push of the stream with the same start or the same sequence is replaced. */
  function putPush(push: PushRow): void {
    connection.run(
      `INSERT OR REPLACE INTO pushes
         (account, domain, app, stream, started_at, ended_at, sequence, tx_time)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      ...push,
    );
  }

  function putDocuments(rows: readonly DocumentRow[]): void {
    for (const row of rows) {
      connection.run(
        `INSERT INTO documents (kind, id, account, at, open, body, ended_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (kind, id) DO UPDATE SET account = excluded.account, at = excluded.at,
           open = excluded.open, body = excluded.body, ended_at = excluded.ended_at`,
        ...row,
      );
    }
  }

  return {
    commit(batch: BatchRows): void {
      const tally = new Tally();
      for (const id of batch.supersedes?.ids ?? []) {
        connection.run(KEEP_VERDICT, batch.supersedes?.at as number, id);
      }
      for (const id of batch.removed) {
        removeBreak(id, tally);
      }
      for (const row of batch.breaks) {
        putBreak(row, tally);
      }
      tally.write(connection);
      for (const push of batch.pushes) {
        putPush(push);
      }
      putDocuments(batch.documents);
      connection.run(`UPDATE meta SET value = max(value, ?) WHERE name = 'cursor'`, batch.cursor);
    },
    putRuleTexts(texts: [hash: string, cause: string, fix: string][]): void {
      for (const text of texts) {
        connection.run(
          `INSERT INTO rule_texts (rule_hash, cause, fix) VALUES (?, ?, ?)
           ON CONFLICT (rule_hash) DO NOTHING`,
          ...text,
        );
      }
    },
    putDocuments,
    removeDocuments(kind: string, ids: readonly string[]): void {
      connection.run(
        'DELETE FROM documents WHERE kind = ? AND id IN (SELECT value FROM json_each(?))',
        kind,
        JSON.stringify(ids),
      );
    },
    setState(name: string, value: string): void {
      connection.run(
        `INSERT INTO state (name, value) VALUES (?, ?)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
        name,
        value,
      );
    },
    /** Must be called after a rollback, because rows that the transaction added no longer exist. */
    forget(): void {
      cells.forget();
      verdicts.forget();
    },
  };
}

/** Names and types of these operations. */
export type WriteOperations = Omit<ReturnType<typeof createWriteOperations>, 'forget'>;
