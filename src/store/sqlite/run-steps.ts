import type { DatabaseSync } from 'node:sqlite';
import { BreakwatchError } from '../../model/errors.ts';

/** One step of a schema: SQL, or work within the step's transaction. */
export type SchemaStep = string | ((database: DatabaseSync, folder: string) => void);

/**
 * Brings a database to the last of its steps, which its `user_version` counts; each step is all or
 * nothing.
 *
 * @param folder - the data folder
 * @throws `STORE_TOO_NEW` when a newer Breakwatch wrote the database
 */
export function runSteps(
  database: DatabaseSync,
  folder: string,
  steps: readonly SchemaStep[],
): void {
  const { user_version: found } = database.prepare('PRAGMA user_version').get() as {
    user_version: number;
  };
  if (found > steps.length) {
    throw new BreakwatchError('STORE_TOO_NEW', { folder, found, known: steps.length });
  }
  for (const [version, step] of steps.entries()) {
    if (version < found) {
      continue;
    }
    database.exec('BEGIN IMMEDIATE');
    try {
      if (typeof step === 'string') {
        database.exec(step);
      } else {
        step(database, folder);
      }
      database.exec(`PRAGMA user_version = ${version + 1}`);
      database.exec('COMMIT');
    } catch (thrown) {
      if (database.isTransaction) {
        database.exec('ROLLBACK');
      }
      throw thrown;
    }
  }
}
