import { openThreadStore as openSqlite } from './sqlite/open-thread-store.ts';
import type { StoreShare, ThreadStore } from './store.ts';

/**
 * Opens a second connection to a store that is already open, for use on another thread.
 *
 * @throws `STORE_FAILED`
 */
export function openThreadStore(share: StoreShare): ThreadStore {
  return openSqlite(share.folder);
}
