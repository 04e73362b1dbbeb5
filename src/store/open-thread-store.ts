import { openThreadStore as openSqlite } from './sqlite/open-thread-store.ts';
import type { StoreShare, ThreadStore } from './store.ts';

/**
 * Opens a store that is already open once more, for another thread.
 *
 * @throws `STORE_FAILED`
 */
export function openThreadStore(share: StoreShare): ThreadStore {
  return openSqlite(share.folder);
}
