import {
  openThreadStore as openSqlite,
  openQueryStore as openSqliteForQueries,
} from './sqlite/open-thread-store.ts';
import type { QueryStore, StoreShare, ThreadStore } from './store.ts';

/**
 * Opens a second connection to a store that is already open, for use on another thread.
 *
 * @throws `STORE_FAILED`
 */
export function openThreadStore(share: StoreShare): ThreadStore {
  return openSqlite(share.folder);
}

/**
 * Opens a read-only connection to a store that is already open, for a thread that answers queries.
 *
 * @param goOn - called now and then while a statement runs; what it throws ends the statement
 * @throws `STORE_FAILED`
 */
export function openQueryStore(share: StoreShare, goOn: () => void): QueryStore {
  return openSqliteForQueries(share.folder, goOn);
}
