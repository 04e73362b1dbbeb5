import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { LRUCache } from 'lru-cache';
import { BreakwatchError } from '../../model/errors.ts';
import type { SqlValue } from '../rows/sql-value.ts';
import { createPrivateFile } from './own-folder.ts';

/** Options of a connection. */
export interface ConnectionOptions {
  /** Path of the database file. */
  file: string;
  readOnly: boolean;
  /** `full` waits for the disk at each commit; `normal` may lose the last commits in a power failure. */
  synchronous: 'full' | 'normal';
  /** Another database file to attach; its tables keep their names. */
  attach?: string;
  /** Called now and then while a long statement runs; what it throws ends the statement. */
  goOn?: () => void;
}

/** How many rows a statement reads between two calls of `goOn`; a power of two. */
const ROWS_BETWEEN_CALLS = 1_024;

/**
 * A condition that is always true, for statements that read many rows. It lets the connection's `goOn` end
 * the statement.
 *
 * @param row - a column that numbers the rows
 */
export function goOnAt(row: string): string {
  return `(${row} & ${ROWS_BETWEEN_CALLS - 1} OR go_on())`;
}

export type { SqlValue };

/** Maximum of cached statements; panels vary their filters, so there is no natural limit. */
const MAX_STATEMENTS = 256;

/**
 * Enables the write-ahead log. Before that, a new file gets incremental vacuum, so that it can shrink
 * later: SQLite accepts the setting only before the first page is written, and enabling the log writes it.
 *
 * @throws `STORE_NO_LOCKS` where the file system has no shared memory
 */
export function enableWal(database: DatabaseSync): void {
  const { page_count: pages } = database.prepare('PRAGMA page_count').get() as {
    page_count: number;
  };
  if (pages === 0) {
    database.exec('PRAGMA auto_vacuum = INCREMENTAL');
  }
  const { journal_mode: mode } = database.prepare('PRAGMA journal_mode = WAL').get() as {
    journal_mode: string;
  };
  // Without shared memory SQLite keeps the old mode and reports no error.
  if (mode !== 'wal') {
    const problem = `the file system cannot hold a write-ahead log (journal_mode stays ${mode})`;
    throw new BreakwatchError('STORE_NO_LOCKS', { problem });
  }
}

/** Memory for pages of the database, KiB. */
const CACHE_KIB = 8 * 1024;
/**
 * The log is copied into the database when it has this many pages of 4 KiB. A page that many transactions
 * change is then copied once. After a crash, SQLite reads a log of this size in a fraction of a second.
 */
const CHECKPOINT_PAGES = 4_000;

/** A database connection that prepares each SQL text once. Rows come as arrays of columns. */
export class Connection {
  readonly database: DatabaseSync;
  /** Throws when the work of this connection must stop. */
  readonly goOn: () => void = () => undefined;
  readonly #statements = new LRUCache<string, StatementSync>({ max: MAX_STATEMENTS });
  #synchronous: ConnectionOptions['synchronous'];

  constructor(options: ConnectionOptions) {
    if (!options.readOnly) {
      createPrivateFile(options.file);
    }
    this.database = new DatabaseSync(options.file, { readOnly: options.readOnly, timeout: 5_000 });
    const { goOn } = options;
    if (goOn) {
      this.goOn = goOn;
    }
    this.database.function('go_on', () => {
      this.goOn();
      return 1;
    });
    this.#synchronous = options.synchronous;
    if (!options.readOnly) {
      enableWal(this.database);
      this.database.exec(`PRAGMA synchronous = ${options.synchronous === 'full' ? 2 : 1}`);
      // After a burst the log shrinks again at the next checkpoint.
      this.database.exec(`PRAGMA journal_size_limit = ${64 * 1024 * 1024}`);
      this.database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    }
    this.setCache(CACHE_KIB);
    // What a query sorts may be larger than memory.
    this.database.exec(`PRAGMA temp_store = ${goOn ? 'FILE' : 'MEMORY'}`);
    if (options.attach !== undefined) {
      this.database.prepare('ATTACH ? AS attached').run(options.attach);
    }
  }

  /** Whether transactions wait for the disk (`full`). */
  get synchronous(): ConnectionOptions['synchronous'] {
    return this.#synchronous;
  }

  /** Sets whether later transactions wait for the disk. */
  setSynchronous(synchronous: ConnectionOptions['synchronous']): void {
    if (synchronous !== this.#synchronous) {
      this.database.exec(`PRAGMA synchronous = ${synchronous === 'full' ? 2 : 1}`);
      this.#synchronous = synchronous;
    }
  }

  /** Sets how much memory the pages of the database may take, KiB; releases what is above that. */
  setCache(kib: number = CACHE_KIB): void {
    this.database.exec(`PRAGMA cache_size = -${kib}; PRAGMA shrink_memory`);
  }

  /** The prepared statement of a SQL text. */
  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.database.prepare(sql);
      statement.setReturnArrays(true);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** All rows, each an array of its columns. */
  rows<Row extends readonly SqlValue[]>(sql: string, ...values: SqlValue[]): Row[] {
    return this.prepare(sql).all(...values) as unknown as Row[];
  }

  /** The first row, or undefined. */
  row<Row extends readonly SqlValue[]>(sql: string, ...values: SqlValue[]): Row | undefined {
    return this.prepare(sql).get(...values) as unknown as Row | undefined;
  }

  /** The first row, with a column of bytes, or undefined. */
  blobRow<Row extends readonly (SqlValue | Uint8Array)[]>(
    sql: string,
    ...values: SqlValue[]
  ): Row | undefined {
    return this.prepare(sql).get(...values) as unknown as Row | undefined;
  }

  /** Iterates over rows, for results that may not fit into memory. */
  iterate<Row extends readonly SqlValue[]>(
    sql: string,
    ...values: SqlValue[]
  ): IterableIterator<Row> {
    return this.prepare(sql).iterate(...values) as unknown as IterableIterator<Row>;
  }

  /** Runs a statement that returns no rows. */
  run(sql: string, ...values: SqlValue[]): void {
    this.prepare(sql).run(...values);
  }

  /** Runs work in one transaction: all of it or nothing. */
  transaction<T>(work: () => T): T {
    this.run('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.run('COMMIT');
      return result;
    } catch (thrown) {
      // SQLite itself rolls back when the disk is full.
      if (this.database.isTransaction) {
        this.run('ROLLBACK');
      }
      throw thrown;
    }
  }

  /** Runs reads on a snapshot of the database, unaffected by writes of other connections. */
  snapshot<T>(work: () => T): T {
    if (this.database.isTransaction) {
      return work();
    }
    this.run('BEGIN');
    try {
      return work();
    } finally {
      this.run('COMMIT');
    }
  }

  close(): void {
    this.#statements.clear();
    this.database.close();
  }
}
