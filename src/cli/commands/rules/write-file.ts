import { mkdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { maskedError } from '../../../secrets/masked-error.ts';

/**
 * Writes a file atomically, so that a server never reads half a rule. Creates missing folders. If the file is a
 * link, its target is written.
 *
 * @throws BreakwatchError RULES_UNWRITABLE
 */
export async function writeWhole(file: string, text: string): Promise<void> {
  let unfinished: string | undefined;
  try {
    const target = await realpath(file).catch(() => file);
    await mkdir(dirname(target), { recursive: true });
    // A hidden file, which is never read as a rule.
    unfinished = join(dirname(target), `.${basename(target)}.${process.pid}`);
    await writeFile(unfinished, text);
    await rename(unfinished, target);
  } catch (thrown) {
    if (unfinished !== undefined) {
      await rm(unfinished, { force: true }).catch(() => undefined);
    }
    throw maskedError(
      'RULES_UNWRITABLE',
      { folder: dirname(file), problem: (thrown as Error).message },
      { cause: thrown },
    );
  }
}
