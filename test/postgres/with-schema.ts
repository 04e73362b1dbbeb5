import { afterEach, beforeEach } from 'vitest';
import { openPostgresStore } from '../../src/store/postgres/open-postgres-store.ts';
import type { Store } from '../../src/store/store.ts';
import { newSchema, type TestSchema } from './new-schema.ts';

/** A schema of its own for each test of a file, and the stores on it. */
interface UsedSchema extends Omit<TestSchema, 'remove'> {
  /** Opens a store, which is closed after the test at the latest. */
  open(): Promise<Store>;
  /** Closes the stores that are open. */
  closeAll(): Promise<void>;
}

/** Makes a schema before each test, and removes it afterwards. */
export function withSchema(): UsedSchema {
  let made: TestSchema;
  const opened: Store[] = [];
  async function closeAll(): Promise<void> {
    for (const store of opened.splice(0)) {
      await store.close();
    }
  }
  beforeEach(() => {
    made = newSchema();
  });
  afterEach(async () => {
    await closeAll();
    await made.remove();
  });
  return {
    get settings() {
      return made.settings;
    },
    get schema() {
      return made.schema;
    },
    query: (text) => made.query(text),
    async open() {
      const store = await openPostgresStore(made.settings);
      opened.push(store);
      return store;
    },
    closeAll,
  };
}
