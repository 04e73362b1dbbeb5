import { documentRowOf } from '../rows/plain-rows.ts';
import type { Store } from '../store.ts';
import { connectionOf, type PostgresSettings } from './connection-settings.ts';
import { Database } from './database.ts';
import { findDocuments, putDocuments } from './documents.ts';

/** What a log of actions needs of a store. */
export type ActionLogStore = Pick<Store, 'putDocuments' | 'findDocuments' | 'close'>;

/**
 * Opens a database for a log to which servers and commands add at the same time, whichever leads: what they add has ids of its
 * own and is derived from nothing. Connects at the first call.
 *
 * @throws `BAD_CONFIG`
 */
export function openActionLog(settings: PostgresSettings): ActionLogStore {
  const database = new Database({ connection: connectionOf(settings), size: 1 });
  return {
    putDocuments: (documents) => putDocuments(database, documents.map(documentRowOf)),
    findDocuments: (search) => findDocuments(database, search),
    close: () => database.close(),
  };
}
