import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Bigger files are no rules; the shipped ones have some 4 KB. */
export const MAX_RULE_BYTES = 1_048_576;
/** Windows knows no such flag. */
const NON_BLOCKING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
/** Files open at a time; systems allow few hundred. */
const AT_ONCE = 32;

/** The content of a file, or why there is none. */
export type RuleText = { text: string } | { unreadable: string };

async function readOpened(handle: FileHandle): Promise<RuleText> {
  const found = await handle.stat();
  if (!found.isFile()) {
    return { unreadable: 'it is not a file' };
  }
  if (found.size > MAX_RULE_BYTES) {
    return { unreadable: `it has ${found.size} bytes; the maximum is ${MAX_RULE_BYTES}` };
  }
  const bytes = await handle.readFile();
  try {
    // A byte order mark stays, so that lint can tell of it.
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { unreadable: 'it is not encoded in UTF-8' };
  }
}

async function readOne(path: string): Promise<RuleText> {
  let handle: FileHandle | undefined;
  try {
    // Non-blocking, because a named pipe would keep us waiting for a writer.
    handle = await open(path, NON_BLOCKING);
    return await readOpened(handle);
  } catch (thrown) {
    return { unreadable: (thrown as Error).message };
  } finally {
    await handle?.close();
  }
}

/**
 * Reads rule files, a few at a time. Never throws: what can not be read is told in its place.
 *
 * @param paths - as they are opened
 */
export async function readRuleTexts(paths: readonly string[]): Promise<RuleText[]> {
  const texts: RuleText[] = new Array(paths.length);
  const places = paths.entries();
  const readers = Array.from({ length: AT_ONCE }, async () => {
    for (const [place, path] of places) {
      texts[place] = await readOne(path);
    }
  });
  await Promise.all(readers);
  return texts;
}
