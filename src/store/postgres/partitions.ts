import { BreakwatchError } from '../../model/errors.ts';
import type { Database, Sql } from './database.ts';
import { type Month, monthNamed, monthsAhead, monthsOf } from './months.ts';

/** Tables that have a partition for each month of `ended_at`, and one, `…_rest`, for all other times. */
export const PARTITIONED = ['breaks', 'break_details'] as const;
type Partitioned = (typeof PARTITIONED)[number];

/** Space for changes of a row that stay in its page. */
const OPTIONS: Readonly<Record<Partitioned, string>> = {
  breaks: 'WITH (fillfactor = 90)',
  break_details: '',
};
const DAY_MS = 86_400_000;
/** Number of the lock of who makes partitions; any other number would do. */
const LOCK = 7_219;
/** Who waits longer for readers of the `rest` gives up, ms, because those who come later wait for it. */
export const WAIT_MS = 500;

/** The name of a partition. */
function partitionOf(table: Partitioned, { name }: Pick<Month, 'name'>): string {
  return `${table}_${name}`;
}

/** Makes the partitions for all other times. The caller opens the transaction. */
export async function makeRest(sql: Sql): Promise<void> {
  for (const table of PARTITIONED) {
    await sql.script(`CREATE TABLE ${table}_rest PARTITION OF ${table} DEFAULT ${OPTIONS[table]}`);
  }
}

/** Makes the partition of a month, and takes its rows over from the `rest`. The caller opens the transaction. */
export async function makePartition(sql: Sql, table: Partitioned, month: Month): Promise<void> {
  const name = partitionOf(table, month);
  const { from, to } = month;
  await sql.script(`
    CREATE TABLE ${name} (LIKE ${table}) ${OPTIONS[table]};
    WITH taken AS (
      DELETE FROM ${table}_rest WHERE ended_at >= ${from} AND ended_at < ${to} RETURNING *
    ) INSERT INTO ${name} SELECT * FROM taken;
    ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES FROM (${from}) TO (${to})`);
}

/** The months that have a partition, oldest first. */
export async function monthsOfTable(sql: Sql, table: Partitioned): Promise<Month[]> {
  const rows = await sql.rows<[string]>(
    `SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = to_regclass($1) ORDER BY 1`,
    table,
  );
  return rows.flatMap(([name]) => monthNamed(name.slice(table.length + 1)) ?? []);
}

/** Drops the partitions of a month. Queries wait until the caller's transaction has ended. */
export async function dropPartitions(sql: Sql, month: Month): Promise<void> {
  await sql.script(
    `DROP TABLE IF EXISTS ${PARTITIONED.map((table) => partitionOf(table, month)).join(', ')}`,
  );
}

/** Makes the partitions of breaks before they are needed. */
export class Partitions {
  readonly #database: Database;
  readonly #now: () => number;
  /** Names of months that have partitions. */
  #known: ReadonlySet<string> | undefined;

  constructor(database: Database, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
  }

  /**
   * Makes the partitions of breaks that are about to be written. When long queries are in the way, the `rest` gets these
   * breaks, and {@link keep} moves them later.
   *
   * @param endedAt - times of the breaks, epoch ms UTC
   * @throws `STORE_*`, `DATABASE_*`
   */
  async prepare(endedAt: readonly number[]): Promise<void> {
    const months = monthsOf(endedAt, this.#now());
    this.#known ??= await this.#read();
    if (months.some(({ name }) => !this.#known?.has(name))) {
      await this.#make(months);
    }
  }

  /**
   * Makes the partitions of this month and the next ones, and of breaks that are in the `rest`.
   *
   * @throws `STORE_*`, `DATABASE_*`
   */
  async keep(): Promise<void> {
    const now = this.#now();
    const days = await this.#database.rows<[number]>(
      PARTITIONED.map(
        (table) => `SELECT DISTINCT ended_at / ${DAY_MS} * ${DAY_MS} FROM ${table}_rest`,
      ).join(' UNION '),
    );
    const ofRest = monthsOf(
      days.map(([day]) => day),
      now,
    );
    await this.#make([...monthsAhead(now), ...ofRest]);
  }

  async #read(): Promise<ReadonlySet<string>> {
    const months = await Promise.all(
      PARTITIONED.map((table) => monthsOfTable(this.#database, table)),
    );
    const [first = [], ...others] = months.map((some) => some.map(({ name }) => name));
    return new Set(first.filter((name) => others.every((one) => one.includes(name))));
  }

  async #make(months: readonly Month[]): Promise<void> {
    for (const table of PARTITIONED) {
      // One by one, so that it never waits for the `rest` of a table while it holds that of another one.
      for (const month of months) {
        await this.#makeOne(table, month);
      }
    }
    this.#known = await this.#read();
  }

  async #makeOne(table: Partitioned, month: Month): Promise<void> {
    const make = this.#database.transaction(async (sql) => {
      await sql.rows(`SELECT pg_advisory_xact_lock(${LOCK}, hashtext(current_schema))`);
      const name = partitionOf(table, month);
      const row = await sql.row<[string | null]>('SELECT to_regclass($1)::text', name);
      if (row?.[0] == null) {
        await sql.script(`SET LOCAL lock_timeout = ${WAIT_MS}`);
        await makePartition(sql, table, month);
      }
    });
    await make.catch((thrown: unknown) => {
      if (!(thrown instanceof BreakwatchError && thrown.code === 'STORE_BUSY')) {
        throw thrown;
      }
    });
  }
}
