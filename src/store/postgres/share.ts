import type { PostgresSettings } from './connection-settings.ts';

/** What another thread needs to open connections of its own; plain data. */
export interface PostgresShare {
  kind: 'postgres';
  settings: PostgresSettings;
  /** The number of the server that may write, see `fencedTransaction`. */
  epoch: number;
}
