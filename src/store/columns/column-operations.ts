import type { Connection } from '../sqlite/connection.ts';
import { isStale, removeOthers } from './block-folder.ts';
import { BlockSource, buildBlock } from './build-block.ts';
import { readStamps } from './stamps.ts';

/** What the thread does that makes block files. */
export function createColumnOperations(connection: Connection, folder: string) {
  const source = new BlockSource(connection);
  let lastStamps = new Map<number, number>();

  return {
    /** Makes the file of a block anew; answers its size in bytes. */
    build: (block: number): number => buildBlock(source, folder, block),
    /**
     * Blocks that are worth making now, the newest first: outdated, filled up, and unchanged since
     * this was asked the last time.
     */
    settled(): number[] {
      const stamps = readStamps(connection);
      const before = lastStamps;
      lastStamps = new Map(stamps.map(({ block, stamp }) => [block, stamp]));
      removeOthers(folder, stamps);
      return stamps
        .slice(1)
        .filter((one) => before.get(one.block) === one.stamp && isStale(folder, one))
        .map(({ block }) => block);
    },
  };
}

/** Names and types of what the thread does. */
export type ColumnOperations = ReturnType<typeof createColumnOperations>;
