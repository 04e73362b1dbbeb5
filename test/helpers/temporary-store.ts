import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BreakRecord } from '../../src/model/break.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { RULE_TEXTS } from './break-record.ts';

/** A real SQLite store in a folder of its own. */
export interface TemporaryStore {
  store: Store;
  /** Writes breaks as the engine would. */
  keep(...records: BreakRecord[]): Promise<void>;
  /** Takes away all breaks that were kept, so that the next test may have the same store. */
  empty(): Promise<void>;
  /** Closes the store, unless a test did, and removes the folder. */
  remove(): Promise<void>;
}

/** Opens a new store that knows the words of the usual rules. */
export async function openTemporaryStore(): Promise<TemporaryStore> {
  const folder = await mkdtemp(join(tmpdir(), 'breakwatch-test-'));
  const store = await openSqliteStore({ folder });
  await store.putRuleTexts(RULE_TEXTS);
  const kept: string[] = [];
  return {
    store,
    async keep(...records) {
      kept.push(...records.map(({ event }) => event.id));
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
        removed: kept.splice(0),
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
