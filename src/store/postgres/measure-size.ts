import { BreakwatchError } from '../../model/errors.ts';
import { measureArrivals, type StoreSize } from '../size/store-size.ts';
import { connectionOf, type PostgresSettings, schemaOf } from './connection-settings.ts';
import { Database } from './database.ts';
import { PARTITIONED } from './partitions.ts';

/** A table, with the sums of its partitions if it has any. */
const TABLES = `
  SELECT coalesce(p.relname, c.relname), sum(pg_table_size(c.oid))::bigint,
    sum(pg_indexes_size(c.oid))::bigint, sum(greatest(c.reltuples, 0))::bigint
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class p ON p.oid = i.inhparent
  WHERE n.nspname = $1 AND c.relkind = 'r'
  GROUP BY 1 ORDER BY sum(pg_total_relation_size(c.oid)) DESC`;

/** More rows than this are not counted one by one: PostgreSQL's own estimate is shown. */
const MAX_COUNTED = 100_000;

/**
 * Measures what the store of a database takes, also while a server uses it.
 *
 * @throws `DATABASE_*`, `STORE_*`; `DATABASE_EMPTY` when the schema has no store
 */
export async function measurePostgresSize(settings: PostgresSettings): Promise<StoreSize> {
  const database = new Database({ connection: connectionOf(settings), size: 1 });
  const schema = schemaOf(settings);
  try {
    const found = await database.rows<[string, number, number, number]>(TABLES, schema);
    if (!found.some(([table]) => table === 'journal')) {
      throw new BreakwatchError('DATABASE_EMPTY', { schema });
    }
    const tables: StoreSize['tables'] = [];
    for (const [table, bytes, indexBytes, estimate] of found) {
      const [counted] = (await database.row<[number]>(
        `SELECT count(*) FROM (SELECT 1 FROM "${table}" LIMIT ${MAX_COUNTED}) AS few`,
      )) as [number];
      const rows = counted < MAX_COUNTED ? counted : Math.max(counted, estimate);
      tables.push({ table, rows, bytes, indexBytes });
    }
    const entry = async (where: string, ...values: number[]) => {
      const row = await database.row<[number, number]>(
        `SELECT seq, received_at FROM journal ${where} LIMIT 1`,
        ...values,
      );
      return row && { seq: row[0], receivedAt: row[1] };
    };
    const first = await entry('ORDER BY seq');
    const last = await entry('ORDER BY seq DESC');
    return {
      kind: 'postgres',
      tables,
      // The server's own vacuum keeps it, and only an extension measures it.
      freeBytes: 0,
      monthly: PARTITIONED,
      arrivals: await measureArrivals(
        first &&
          last && {
            first,
            last,
            receivedAt: async (seq) =>
              (await entry('WHERE seq >= $1 ORDER BY seq', seq))?.receivedAt ?? last.receivedAt,
          },
      ),
    };
  } finally {
    await database.close();
  }
}
