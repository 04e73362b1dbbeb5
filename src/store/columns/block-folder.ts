import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BlockFile } from './block-file.ts';
import type { StampedBlock } from './stamps.ts';

/** Where the file of a block stands. */
export function fileOfBlock(folder: string, block: number): string {
  return join(folder, 'columns', `${block}.facts`);
}

/**
 * Opens the file of a block, if it was made from the rows that are there now. Whoever gets it
 * closes it.
 */
export function openFresh(folder: string, { block, stamp }: StampedBlock): BlockFile | undefined {
  try {
    const file = new BlockFile(fileOfBlock(folder, block));
    if (file.stamp === stamp) {
      return file;
    }
    file.close();
  } catch {
    // Missing, broken or unreadable: whoever makes it anew hears of what is really wrong.
  }
  return undefined;
}

/** Tells whether a block's file is missing, broken or of other rows. */
export function isStale(folder: string, block: StampedBlock): boolean {
  const file = openFresh(folder, block);
  file?.close();
  return file === undefined;
}

/** Removes files of blocks that are no more, and what a killed process left unfinished. */
export function removeOthers(folder: string, blocks: readonly StampedBlock[]): void {
  const known = new Set(blocks.map(({ block }) => `${block}.facts`));
  const inTheMaking = new RegExp(`^\\d+\\.facts\\.${process.pid}\\.`);
  try {
    for (const file of readdirSync(join(folder, 'columns'))) {
      if (!known.has(file) && !inTheMaking.test(file)) {
        rmSync(join(folder, 'columns', file), { force: true });
      }
    }
  } catch {
    // There is no such folder yet, or nothing in it that could be removed.
  }
}
