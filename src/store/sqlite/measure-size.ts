import { DatabaseSync } from 'node:sqlite';
import { measureArrivals, type StoreSize, type TableSize } from '../size/store-size.ts';
import { databaseFile, journalFile, requireFiles } from './files.ts';
import { checkVersions } from './schema.ts';
import { toStoreError } from './sqlite-error.ts';

/** Sizes of the tables of a file, and its free space in bytes. */
function tablesOf(database: DatabaseSync): { tables: TableSize[]; freeBytes: number } {
  const rows = database
    .prepare(
      `SELECT s.tbl_name AS name, sum(CASE WHEN s.type = 'table' THEN d.pgsize ELSE 0 END) AS bytes,
         sum(CASE WHEN s.type = 'index' THEN d.pgsize ELSE 0 END) AS indexBytes
       FROM dbstat d JOIN sqlite_schema s ON s.name = d.name
       WHERE d.aggregate = 1 AND s.tbl_name NOT LIKE 'sqlite_%' GROUP BY s.tbl_name`,
    )
    .all() as { name: string; bytes: number; indexBytes: number }[];
  const free = database
    .prepare(
      'SELECT freelist_count * page_size AS bytes FROM pragma_freelist_count, pragma_page_size',
    )
    .get() as { bytes: number };
  const countOf = (table: string) =>
    (database.prepare(`SELECT count(*) AS found FROM ${table}`).get() as { found: number }).found;
  return {
    tables: rows.map(({ name, bytes, indexBytes }) => ({
      table: name,
      rows: countOf(name),
      bytes,
      indexBytes,
    })),
    freeBytes: free.bytes,
  };
}

/**
 * Measures what the store of a data folder takes, also while a server uses it. It reads every page of the files,
 * about a second for each GB.
 *
 * @throws `DATA_FOLDER_WITHOUT_STORE`, `STORE_*`
 */
export async function measureSqliteSize(folder: string): Promise<StoreSize> {
  requireFiles(folder);
  const opened: DatabaseSync[] = [];
  try {
    checkVersions(folder);
    // Not read-only: that would leave a write-ahead log behind.
    const [main, journal] = [databaseFile(folder), journalFile(folder)].map((file) => {
      const database = new DatabaseSync(file, { timeout: 5_000 });
      opened.push(database);
      return database;
    }) as [DatabaseSync, DatabaseSync];
    const parts = [tablesOf(main), tablesOf(journal)];
    const entry = (where: string, ...values: number[]) =>
      journal
        .prepare(`SELECT seq, received_at AS receivedAt FROM journal ${where} LIMIT 1`)
        .get(...values) as { seq: number; receivedAt: number } | undefined;
    const first = entry('ORDER BY seq');
    const last = entry('ORDER BY seq DESC');
    return {
      kind: 'sqlite',
      tables: parts
        .flatMap(({ tables }) => tables)
        .sort((a, b) => b.bytes + b.indexBytes - a.bytes - a.indexBytes),
      freeBytes: parts.reduce((sum, { freeBytes }) => sum + freeBytes, 0),
      arrivals: await measureArrivals(
        first &&
          last && {
            first,
            last,
            receivedAt: (seq) =>
              entry('WHERE seq >= ? ORDER BY seq', seq)?.receivedAt ?? last.receivedAt,
          },
      ),
    };
  } catch (thrown) {
    throw toStoreError(thrown);
  } finally {
    for (const database of opened) {
      database.close();
    }
  }
}
