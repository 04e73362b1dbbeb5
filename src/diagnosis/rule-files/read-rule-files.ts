import { constants, type Dirent } from 'node:fs';
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BreakwatchError } from '../../model/errors.ts';

/** Folders beside the categories that hold no rules. */
const NO_RULES = new Set(['catalogues', 'schema', 'node_modules']);

/** A file of a rules folder. */
export interface RuleFile {
  /** As it is opened. */
  path: string;
  /** Below its rules folder, with forward slashes. */
  file: string;
}

/**
 * Reads links as what they point to: mounted configuration is full of them. One that points nowhere
 * counts as a file, so that reading it names it.
 */
async function isFolder(entry: Dirent, path: string): Promise<boolean> {
  return entry.isSymbolicLink()
    ? await stat(path).then(
        (found) => found.isDirectory(),
        () => false,
      )
    : entry.isDirectory();
}

/**
 * Lists the files of a rules folder that rules are read from, sorted by name. Links that lead back
 * to a folder above are not followed.
 *
 * @throws BreakwatchError RULES_FOLDER_MISSING when a folder cannot be read
 */
export async function findRuleFiles(folder: string): Promise<RuleFile[]> {
  return walk(folder, '', new Set()).catch((thrown: Error) => {
    throw new BreakwatchError(
      'RULES_FOLDER_MISSING',
      { folder, problem: thrown.message },
      { cause: thrown },
    );
  });
}

async function walk(
  folder: string,
  below: string,
  above: ReadonlySet<string>,
): Promise<RuleFile[]> {
  const within = join(folder, below);
  const real = await realpath(within);
  if (above.has(real)) {
    return [];
  }
  const entries = await readdir(within, { withFileTypes: true });
  // Hidden names are version control, editors' swap files and the mounts of Kubernetes.
  const visible = entries.filter((entry) => !entry.name.startsWith('.'));
  visible.sort((a, b) => (a.name < b.name ? -1 : 1));
  const found: RuleFile[] = [];
  for (const entry of visible) {
    const file = below === '' ? entry.name : `${below}/${entry.name}`;
    const path = join(folder, file);
    if (await isFolder(entry, path)) {
      if (below !== '' || !NO_RULES.has(entry.name)) {
        found.push(...(await walk(folder, file, new Set([...above, real]))));
      }
    } else if (entry.name.endsWith('.json')) {
      found.push({ path, file });
    }
  }
  return found;
}

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
