import pg from 'pg';
import { BreakwatchError } from '../../model/errors.ts';
import type { StoreConnections } from '../../model/health.ts';
import { toPostgresError } from './postgres-error.ts';

/** A value that a statement binds. A list becomes an array of PostgreSQL. */
export type SqlParameter = string | number | boolean | null | readonly (string | number | null)[];

/** Runs statements. Rows come as arrays of columns; `bigint` is a number. */
export interface Sql {
  rows<Row extends readonly unknown[]>(text: string, ...values: SqlParameter[]): Promise<Row[]>;
  /** The first row. */
  row<Row extends readonly unknown[]>(
    text: string,
    ...values: SqlParameter[]
  ): Promise<Row | undefined>;
  /**
   * Like `rows`, for a statement that runs often: the server plans it once for each connection, and again after the
   * tables were analyzed.
   *
   * @param name - always of the same text
   */
  prepared<Row extends readonly unknown[]>(
    name: string,
    text: string,
    ...values: SqlParameter[]
  ): Promise<Row[]>;
  /** Returns the number of rows that the statement changed. */
  run(text: string, ...values: SqlParameter[]): Promise<number>;
  /** Runs statements that bind no values. */
  script(text: string): Promise<void>;
}

/** Statements of one transaction. */
export interface SqlTransaction extends Sql {
  /** Reads a large result piece by piece. */
  pieces<Row extends readonly unknown[]>(
    text: string,
    ...values: SqlParameter[]
  ): AsyncIterable<Row[]>;
}

/** One connection that is held. */
export interface Session {
  sql: Sql;
  /** The number of its process that the server announced; a pooler announces another one. */
  announcedPid: number | null;
  /** Resolves when the connection is lost or released. */
  lost: Promise<void>;
  /** Closes the connection; again, it does nothing. */
  release(): void;
}

/** Options of {@link Database}. */
export interface DatabaseOptions {
  connection: pg.ClientConfig;
  /** Maximum number of connections. */
  size: number;
  /** Called now and then while a statement runs; what it throws ends the statement. */
  goOn?: () => void;
  /** A connection that cannot be made within this time fails, ms; 10 s when absent. */
  connectMs?: number;
}

/** How a transaction runs. */
interface TransactionOptions {
  /** With false, a power failure of the database server may undo the last transactions; true when absent. */
  durable?: boolean;
  /** A wait of this time, ms, for the next statement ends the transaction; that of the connection when absent. */
  idleMs?: number;
}

/** Rows of one piece of a large result. */
const PIECE = 5_000;
/** Time between two calls of `goOn` while a statement runs, ms. */
const GO_ON_MS = 50;
/** Default of {@link DatabaseOptions.connectMs}. */
const CONNECT_MS = 10_000;
/** A connection that is not used for this time is closed, ms. */
const IDLE_MS = 60_000;

/** Types of PostgreSQL, by their number, whose values are read as numbers: times and counts are far below 2^53. */
const INT8 = 20;
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === INT8 ? Number : pg.types.getTypeParser(oid as number, format as 'text'),
};

/** Connections to one PostgreSQL database. Every method throws `STORE_*` or `DATABASE_*`. */
export class Database implements Sql {
  readonly #pool: pg.Pool;
  readonly #goOn: (() => void) | undefined;
  readonly #size: number;
  readonly #running = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor({ connection, size, goOn, connectMs = CONNECT_MS }: DatabaseOptions) {
    this.#goOn = goOn;
    this.#size = size;
    this.#pool = new pg.Pool({
      ...connection,
      types,
      max: size,
      connectionTimeoutMillis: connectMs,
      idleTimeoutMillis: IDLE_MS,
      keepAlive: true,
    });
    // An idle connection that breaks is replaced by the next call, which reports what fails then.
    this.#pool.on('error', () => undefined);
  }

  /** How many connections there are, and how many calls wait for one. */
  get connections(): StoreConnections {
    const { totalCount, idleCount, waitingCount } = this.#pool;
    return { max: this.#size, open: totalCount, idle: idleCount, waiting: waitingCount };
  }

  rows<Row extends readonly unknown[]>(text: string, ...values: SqlParameter[]): Promise<Row[]> {
    return this.#with((sql) => sql.rows<Row>(text, ...values));
  }

  row<Row extends readonly unknown[]>(
    text: string,
    ...values: SqlParameter[]
  ): Promise<Row | undefined> {
    return this.#with((sql) => sql.row<Row>(text, ...values));
  }

  prepared<Row extends readonly unknown[]>(
    name: string,
    text: string,
    ...values: SqlParameter[]
  ): Promise<Row[]> {
    return this.#with((sql) => sql.prepared<Row>(name, text, ...values));
  }

  run(text: string, ...values: SqlParameter[]): Promise<number> {
    return this.#with((sql) => sql.run(text, ...values));
  }

  script(text: string): Promise<void> {
    return this.#with((sql) => sql.script(text));
  }

  /** Runs statements in one transaction, all or nothing. */
  transaction<T>(
    work: (sql: SqlTransaction) => Promise<T>,
    { durable = true, idleMs }: TransactionOptions = {},
  ): Promise<T> {
    const begin = [
      'BEGIN',
      ...(durable ? [] : ['SET LOCAL synchronous_commit = off']),
      ...(idleMs === undefined
        ? []
        : [`SET LOCAL idle_in_transaction_session_timeout = ${idleMs}`]),
    ].join('; ');
    return this.#with((sql) => inTransaction(sql, begin, work));
  }

  /** Runs statements that read, on one state of the database. */
  snapshot<T>(work: (sql: SqlTransaction) => Promise<T>): Promise<T> {
    return this.#with((sql) =>
      inTransaction(sql, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', () => work(sql)),
    );
  }

  /** Holds one connection, for what lasts as long as a session. The caller releases it. */
  async session(): Promise<Session> {
    try {
      const client = await this.#pool.connect();
      const lost = Promise.withResolvers<void>();
      client.on('error', () => lost.resolve());
      let isReleased = false;
      return {
        sql: new ClientSql(client, undefined),
        announcedPid: (client as { processID?: number }).processID ?? null,
        lost: lost.promise,
        release() {
          lost.resolve();
          if (!isReleased) {
            isReleased = true;
            client.release(true);
          }
        },
      };
    } catch (thrown) {
      throw toPostgresError(thrown);
    }
  }

  /** Finishes work in flight, then closes the connections. */
  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#running.size > 0) {
      await Promise.allSettled(this.#running);
    }
    if (!this.#pool.ended) {
      await this.#pool.end();
    }
  }

  async #with<T>(work: (sql: ClientSql) => Promise<T>): Promise<T> {
    if (this.#isClosed) {
      throw new BreakwatchError('STORE_FAILED', { problem: 'the store is closed' });
    }
    const running = this.#borrow(work);
    this.#running.add(running);
    try {
      return await running;
    } catch (thrown) {
      throw toPostgresError(thrown);
    } finally {
      this.#running.delete(running);
    }
  }

  async #borrow<T>(work: (sql: ClientSql) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let failure: unknown;
    // Without a listener, a connection that breaks while it is borrowed would end the process.
    const note = (thrown: Error) => {
      failure = thrown;
    };
    client.on('error', note);
    try {
      return await work(new ClientSql(client, this.#goOn, (pid) => this.#cancel(pid)));
    } catch (thrown) {
      failure ??= isBroken(thrown) ? thrown : undefined;
      throw thrown;
    } finally {
      client.off('error', note);
      client.release(failure !== undefined);
    }
  }

  async #cancel(pid: number): Promise<void> {
    const client = await this.#pool.connect();
    try {
      await client.query('SELECT pg_cancel_backend($1)', [pid]);
    } finally {
      client.release();
    }
  }
}

/** Whether the connection cannot be used any more, in which case the error has no code of the server. */
function isBroken(thrown: unknown): boolean {
  const { code } = (thrown ?? {}) as { code?: unknown };
  return !(thrown instanceof BreakwatchError) && !/^[0-9A-Z]{5}$/.test(String(code));
}

async function inTransaction<S extends ClientSql, T>(
  sql: S,
  begin: string,
  work: (sql: S) => Promise<T>,
): Promise<T> {
  await sql.script(begin);
  let result: T;
  try {
    result = await work(sql);
  } catch (thrown) {
    // On a broken connection it fails, too, and the server has rolled back.
    await sql.script('ROLLBACK').catch(() => undefined);
    throw thrown;
  }
  await sql.script('COMMIT');
  return result;
}

/** Statements on one connection. */
class ClientSql implements SqlTransaction {
  readonly #client: pg.PoolClient;
  readonly #goOn: (() => void) | undefined;
  readonly #cancel: (pid: number) => Promise<void>;
  #pid: number | undefined;

  constructor(
    client: pg.PoolClient,
    goOn: (() => void) | undefined,
    cancel: (pid: number) => Promise<void> = async () => undefined,
  ) {
    this.#client = client;
    this.#goOn = goOn;
    this.#cancel = cancel;
  }

  async rows<Row extends readonly unknown[]>(
    text: string,
    ...values: SqlParameter[]
  ): Promise<Row[]> {
    return (await this.#query(text, values)).rows as unknown as Row[];
  }

  async row<Row extends readonly unknown[]>(
    text: string,
    ...values: SqlParameter[]
  ): Promise<Row | undefined> {
    return (await this.rows<Row>(text, ...values))[0];
  }

  async prepared<Row extends readonly unknown[]>(
    name: string,
    text: string,
    ...values: SqlParameter[]
  ): Promise<Row[]> {
    return (await this.#query(text, values, name)).rows as unknown as Row[];
  }

  async run(text: string, ...values: SqlParameter[]): Promise<number> {
    return (await this.#query(text, values)).rowCount ?? 0;
  }

  async *pieces<Row extends readonly unknown[]>(
    text: string,
    ...values: SqlParameter[]
  ): AsyncIterable<Row[]> {
    await this.run(`DECLARE piece NO SCROLL CURSOR FOR ${text}`, ...values);
    for (let isLast = false; !isLast; ) {
      const rows = await this.rows<Row>(`FETCH ${PIECE} FROM piece`);
      isLast = rows.length < PIECE;
      yield rows;
    }
    await this.run('CLOSE piece');
  }

  async script(text: string): Promise<void> {
    await this.#client.query(text);
  }

  async #query(
    text: string,
    values: readonly SqlParameter[],
    name?: string,
  ): Promise<pg.QueryArrayResult> {
    const query = () =>
      this.#client.query({
        ...(name !== undefined && { name }),
        text,
        values: values.map(storable),
        rowMode: 'array' as const,
      });
    return this.#goOn ? this.#stoppable(this.#goOn, query) : query();
  }

  /** Runs a statement and asks the server to end it when `goOn` throws. */
  async #stoppable<T>(goOn: () => void, query: () => Promise<T>): Promise<T> {
    goOn();
    if (this.#pid === undefined) {
      const { rows } = await this.#client.query({
        text: 'SELECT pg_backend_pid()',
        rowMode: 'array' as const,
      });
      this.#pid = rows[0]?.[0] as number;
    }
    const pid = this.#pid;
    let stopped: { thrown: unknown } | undefined;
    const timer = setInterval(() => {
      try {
        goOn();
      } catch (thrown) {
        stopped = { thrown };
        clearInterval(timer);
        this.#cancel(pid).catch(() => undefined);
      }
    }, GO_ON_MS);
    try {
      return await query();
    } catch (thrown) {
      throw stopped === undefined ? thrown : stopped.thrown;
    } finally {
      clearInterval(timer);
    }
  }
}

/** Text of PostgreSQL has no NUL character, which only a damaged or forged message contains. */
function storable(value: SqlParameter): SqlParameter {
  if (typeof value === 'string') {
    return value.includes('\0') ? value.replaceAll('\0', '\u{fffd}') : value;
  }
  if (Array.isArray(value) && value.some((one) => typeof one === 'string' && one.includes('\0'))) {
    return value.map((one) => storable(one) as string);
  }
  return value;
}
