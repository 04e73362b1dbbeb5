import {
  openThreadStore as openSqlite,
  openQueryStore as openSqliteForQueries,
} from './sqlite/open-thread-store.ts';
import type { QueryStore, StoreShare, ThreadStore } from './store.ts';

/** Loaded when it is needed, because most servers run on SQLite, and each thread would load it anew. */
const loadPostgres = () => import('./postgres/open-thread-store.ts');

/**
 * Opens a second connection to a store that is already open, for use on another thread.
 *
 * @throws `STORE_FAILED`
 */
export function openThreadStore(share: StoreShare): ThreadStore {
  return share.kind === 'sqlite'
    ? openSqlite(share.folder)
    : whenLoaded(loadPostgres().then((postgres) => postgres.openThreadStore(share)));
}

/**
 * Opens a read-only connection to a store that is already open, for a thread that answers queries.
 *
 * @param goOn - called now and then while a statement runs; what it throws ends the statement
 * @throws `STORE_FAILED`
 */
export function openQueryStore(share: StoreShare, goOn: () => void): QueryStore {
  return share.kind === 'sqlite'
    ? openSqliteForQueries(share.folder, goOn)
    : whenLoaded(loadPostgres().then((postgres) => postgres.openQueryStore(share, goOn)));
}

/** A store whose methods wait until it is there. */
function whenLoaded<S extends object>(loading: Promise<S>): S {
  // A failure is reported by each call.
  loading.catch(() => undefined);
  const method =
    (name: keyof S) =>
    async (...given: unknown[]) => {
      const store = await loading;
      return (store[name] as (...given: unknown[]) => unknown)(...given);
    };
  return new Proxy({} as S, {
    // Not a promise, although every other name is a method.
    get: (_target, name) => (name === 'then' ? undefined : method(name as keyof S)),
  });
}
