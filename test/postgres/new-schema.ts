import pg from 'pg';
import { inject } from 'vitest';
import type { PostgresSettings } from '../../src/store/postgres/connection-settings.ts';

let last = 0;

/** A schema for one test. */
export interface TestSchema {
  settings: PostgresSettings;
  schema: string;
  /** Runs a statement of the test itself. */
  // biome-ignore lint/suspicious/noExplicitAny: rows of any table.
  query(text: string): Promise<any[]>;
  remove(): Promise<void>;
}

/** Names a schema that no other test uses; the store creates it. */
export function newSchema(): TestSchema {
  last += 1;
  const schema = `test_${process.pid}_${last}`;
  const socket = inject('postgresSocket');
  const url = `postgres://breakwatch@/breakwatch?host=${encodeURIComponent(socket)}`;
  async function query(text: string) {
    const client = new pg.Client({ host: socket, user: 'breakwatch', database: 'breakwatch' });
    await client.connect();
    try {
      await client.query(`SET search_path TO ${schema}`);
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }
  return {
    settings: { url, schema },
    schema,
    query,
    async remove() {
      await query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    },
  };
}
