import { basename } from 'node:path';
import { Connection } from './connection.ts';
import { databaseFile, journalFile } from './files.ts';
import { codeOfSqlite } from './sqlite-error.ts';

/** Problems named for each table; SQLite counts up to 100 by default. */
const MAX_PROBLEMS = 3;

/** A table to check. */
export interface TableToCheck {
  file: string;
  table: string;
}

/** Operations of the thread that checks the database files. */
export function createIntegrityOperations(folder: string) {
  const reading = <T>(file: string, read: (connection: Connection) => T): T => {
    const connection = new Connection({ file, readOnly: true, synchronous: 'normal' });
    try {
      return read(connection);
    } finally {
      connection.close();
    }
  };
  return {
    tablesToCheck(): TableToCheck[] {
      return [journalFile(folder), databaseFile(folder)].flatMap((file) =>
        reading(file, (connection) =>
          connection
            .rows<[string]>(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`)
            .map(([table]) => ({ file, table })),
        ),
      );
    },
    /** Checks the pages of one table and its indexes. Returns what is wrong with them. */
    quickCheck({ file, table }: TableToCheck): string[] {
      const named = (problem: string) => `${basename(file)}, table ${table}: ${problem}`;
      try {
        return reading(file, (connection) =>
          connection
            .rows<[string]>(`PRAGMA quick_check('${table.replaceAll("'", "''")}')`)
            .map(([problem]) => problem)
            .filter((problem) => problem !== 'ok')
            .slice(0, MAX_PROBLEMS)
            .map(named),
        );
      } catch (thrown) {
        // Some damage ends the check itself.
        if (codeOfSqlite(thrown) === 'STORE_DAMAGED') {
          return [named((thrown as Error).message)];
        }
        throw thrown;
      }
    },
  };
}

/** Names and types of these operations. */
export type IntegrityOperations = ReturnType<typeof createIntegrityOperations>;
