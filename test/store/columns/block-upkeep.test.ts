import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { BlockFile } from '../../../src/store/columns/block-file.ts';
import { startBlockUpkeep } from '../../../src/store/columns/block-upkeep.ts';
import type { ColumnOperations } from '../../../src/store/columns/column-operations.ts';
import { BLOCK_ROWS } from '../../../src/store/columns/stamps.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { startSqliteThread } from '../../../src/store/sqlite/start-sqlite-thread.ts';
import { DAY, makeRecord } from '../make-record.ts';
import { readBlocks, readStore } from './read-blocks.ts';

const WORKER = new URL('../../../src/store/sqlite/sqlite-worker.ts', import.meta.url);

function stampIn(file: string): number | undefined {
  if (!existsSync(file)) {
    return undefined;
  }
  const block = new BlockFile(file);
  block.close();
  return block.stamp;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) {
    await wait(20);
  }
}

it('builds full blocks, builds them again after a change, and skips the newest', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'breakwatch-keep-'));
  const store = await openSqliteStore({ folder });
  let starts = 0;
  const kept = startBlockUpkeep({
    start: () => {
      starts += 1;
      return startSqliteThread<ColumnOperations>(WORKER, {
        role: 'columns',
        folder,
        synchronous: 'normal',
      });
    },
    intervalMs: 30,
  });
  try {
    const total = BLOCK_ROWS + 10;
    for (let from = 0; from < total; from += 5_000) {
      const breaks = Array.from({ length: Math.min(5_000, total - from) }, (_none, place) => {
        return makeRecord({ id: `e${from + place}`, endedAt: DAY + (from + place) * 1_000 });
      });
      await store.commit({ breaks, removed: [], pushes: [], cursor: 0 });
    }
    const full = join(folder, 'columns', '0.facts');
    await until(() => existsSync(full));
    const stamp = stampIn(full);
    const late = makeRecord({ id: 'e5', endedAt: DAY, facts: { late: 'merged' } });
    await store.commit({ breaks: [late], removed: [], pushes: [], cursor: 0 });
    await until(() => stampIn(full) !== stamp);
    expect(existsSync(join(folder, 'columns', '1.facts'))).toBe(false);
    expect(starts).toBe(1);
    const { breaks, built } = await readBlocks(folder);
    expect(built).toBe(1);
    expect(breaks).toEqual(await readStore(store));
  } finally {
    await kept.close();
    await kept.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
