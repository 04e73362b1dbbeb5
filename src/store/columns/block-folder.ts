import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BlockFile } from './block-file.ts';
import type { StampedBlock } from './stamps.ts';

/** Path of a block's file. */
export function fileOfBlock(folder: string, block: number): string {
  return join(folder, 'columns', `${block}.facts`);
}

/**
 * Opens the file of a block if it was built from the current rows; returns undefined otherwise. The
 * caller closes it.
 */
export function openCurrent(folder: string, { block, stamp }: StampedBlock): BlockFile | undefined {
  try {
    const file = new BlockFile(fileOfBlock(folder, block));
    if (file.stamp === stamp) {
      return file;
    }
    file.close();
  } catch {
    // Missing, damaged or unreadable. If something is really wrong, rebuilding the file reports it.
  }
  return undefined;
}

/** Whether a block's file is missing, damaged, or built from older rows. */
export function isStale(folder: string, block: StampedBlock): boolean {
  const file = openCurrent(folder, block);
  file?.close();
  return file === undefined;
}

/** Deletes files of blocks that no longer exist, and temporary files of a killed process. */
export function removeObsoleteFiles(folder: string, blocks: readonly StampedBlock[]): void {
  const known = new Set(blocks.map(({ block }) => `${block}.facts`));
  const beingBuilt = new RegExp(`^\\d+\\.facts\\.${process.pid}\\.`);
  try {
    for (const file of readdirSync(join(folder, 'columns'))) {
      if (!known.has(file) && !beingBuilt.test(file)) {
        rmSync(join(folder, 'columns', file), { force: true });
      }
    }
  } catch {
    // The folder does not exist yet, or its files cannot be deleted.
  }
}
