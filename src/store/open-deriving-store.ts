import { openDerivingStore as openSqlite } from './sqlite/open-deriving-store.ts';
import type { DerivingStore, StoreShare } from './store.ts';

/**
 * Opens a store that is open already once more, for another thread that derives.
 *
 * @throws `STORE_FAILED`
 */
export function openDerivingStore(share: StoreShare): DerivingStore {
  return openSqlite(share.folder);
}
