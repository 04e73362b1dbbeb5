import type { StoreIntegrity } from '../../model/health.ts';
import type { Store } from '../../store/store.ts';
import type { Config } from '../config/read-config.ts';

/** Options of {@link openStore}. */
interface StoreOptions {
  /** Called when the check of the database files has ended; never with PostgreSQL. */
  onChecked?: (result: StoreIntegrity) => void;
}

/**
 * Opens the configured store: a PostgreSQL database, or SQLite in the data folder. Each is loaded only when it
 * is needed.
 *
 * @throws `DATABASE_*`, `DATA_FOLDER_*`, `JOURNAL_BEHIND`, `STORE_*`
 */
export async function openStore(config: Config, options: StoreOptions = {}): Promise<Store> {
  if (config.database) {
    const { openPostgresStore } = await import('../../store/postgres/open-postgres-store.ts');
    return openPostgresStore(config.database);
  }
  const { openSqliteStore } = await import('../../store/sqlite/open-sqlite-store.ts');
  return openSqliteStore({
    folder: config.dataFolder,
    acceptJournalLoss: config.acceptJournalLoss ?? false,
    ...options,
  });
}

/** Whether an error says that a server is running on this store. */
export function isOwned(code: string): boolean {
  return code === 'DATA_FOLDER_OWNED' || code === 'DATABASE_OWNED';
}
