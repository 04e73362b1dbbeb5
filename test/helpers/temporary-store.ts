import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BreakRecord } from '../../src/model/break.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { RULE_TEXTS } from './break-record.ts';

/** A real SQLite store in a temporary folder. */
export interface TemporaryStore {
  store: Store;
  /** Writes breaks as the engine would. */
  insert(...records: BreakRecord[]): Promise<void>;
  /** Deletes all inserted breaks, so that the next test can use the same store. */
  empty(): Promise<void>;
  /** Closes the store, unless a test did, and deletes the folder. */
  remove(): Promise<void>;
}

/** Opens a new store with {@link RULE_TEXTS}. */
export async function openTemporaryStore(): Promise<TemporaryStore> {
  const folder = await mkdtemp(join(tmpdir(), 'breakwatch-test-'));
  const store = await openSqliteStore({ folder });
  await store.putRuleTexts(RULE_TEXTS);
  const inserted: string[] = [];
  return {
    store,
    async insert(...records) {
      inserted.push(...records.map(({ event }) => event.id));
      await store.commit({
        breaks: records,
        removed: [],
        pushes: [],
        cursor: await store.cursor(),
      });
    },
    async empty() {
      await store.commit({
        breaks: [],
        removed: inserted.splice(0),
        pushes: [],
        cursor: await store.cursor(),
      });
    },
    async remove() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
