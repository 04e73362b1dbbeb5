import type { Connection } from '../sqlite/connection.ts';
import { isStale, removeObsoleteFiles } from './block-folder.ts';
import { BlockSource, buildBlock } from './build-block.ts';
import { readStamps } from './stamps.ts';

/** Operations of the thread that builds block files. */
export function createColumnOperations(connection: Connection, folder: string) {
  const source = new BlockSource(connection);
  let lastStamps = new Map<number, number>();

  return {
    /** Builds the file of a block; returns its size in bytes. */
    build: (block: number): number => buildBlock(source, folder, block),
    /**
     * Blocks that should be built now, newest first: those that are outdated, full, and unchanged
     * since the last call.
     */
    blocksToBuild(): number[] {
      const stamps = readStamps(connection);
      const before = lastStamps;
      lastStamps = new Map(stamps.map(({ block, stamp }) => [block, stamp]));
      removeObsoleteFiles(folder, stamps);
      return stamps
        .slice(1)
        .filter((one) => before.get(one.block) === one.stamp && isStale(folder, one))
        .map(({ block }) => block);
    },
  };
}

/** Names and types of these operations. */
export type ColumnOperations = ReturnType<typeof createColumnOperations>;
