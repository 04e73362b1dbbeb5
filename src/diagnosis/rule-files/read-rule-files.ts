import { constants, type Dirent } from 'node:fs';
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BreakwatchError } from '../../model/errors.ts';
import { CATEGORIES, isOneOf } from '../../model/vocabulary.ts';
import type { RuleProblem } from '../rule.ts';
import { describeFileError } from './describe-file-error.ts';

/** Folders next to the categories that contain no rules. */
const NO_RULES = new Set(['catalogues', 'conditions', 'patches', 'schema', 'node_modules']);

/** Folders that are read. */
const READ_FOLDERS: readonly string[] = [...CATEGORIES, 'catalogues', 'conditions', 'patches'];

/** A file of a rules folder. */
export interface RuleFile {
  /** Path to open. */
  path: string;
  /** Path in its rules folder, with forward slashes. */
  file: string;
}

/** Whether a file is in the folder of a category, where rules are. @param file - path in the rules folder */
export function isInCategory(file: string): boolean {
  return file.includes('/') && isOneOf(CATEGORIES, file.split('/')[0]);
}

/** Follows links, because mounted configuration consists of links. */
async function kindOf(entry: Dirent, path: string): Promise<'folder' | 'file' | 'broken'> {
  if (!entry.isSymbolicLink()) {
    return entry.isDirectory() ? 'folder' : 'file';
  }
  return stat(path).then(
    (found) => (found.isDirectory() ? 'folder' : 'file'),
    () => 'broken',
  );
}

/**
 * Whether a broken link led to a folder of rules, patches, conditions or catalogues, judged by its name and place. It then
 * counts as a file, so that reading it reports it: rules never vanish in silence.
 */
function ledToRules(name: string, below: string): boolean {
  return below === '' ? READ_FOLDERS.includes(name) : !name.includes('.');
}

/**
 * Lists the JSON files of a rules folder, sorted by name. Links to a parent folder are not followed.
 *
 * @throws BreakwatchError RULES_FOLDER_MISSING when a folder cannot be read
 */
export async function findRuleFiles(folder: string): Promise<RuleFile[]> {
  return walk(folder, '', isJson, new Set()).catch((thrown: Error) => {
    throw new BreakwatchError(
      'RULES_FOLDER_MISSING',
      { folder, problem: describeFileError(thrown, folder) },
      { cause: thrown },
    );
  });
}

/** Names of the shipped catalogues, which have another format. A team may have a copy of their folder. */
const SHIPPED_CATALOGUES = new Set(
  ['api-errors', 'bypass-codes', 'reason-texts', 'reasons'].map(
    (name) => `catalogues/${name}.json`,
  ),
);

/**
 * Lists a team's catalogue files: the JSON files of `catalogues/`, sorted by name, without those that have the
 * name of a shipped catalogue.
 *
 * @returns none when the folder does not exist
 */
export async function findCatalogueFiles(folder: string): Promise<RuleFile[]> {
  const files = await walk(folder, 'catalogues', isJson, new Set()).catch(() => []);
  return files.filter(({ file }) => !SHIPPED_CATALOGUES.has(file));
}

/** Lists a team's patches: the JSON files of `patches/`, sorted by name; none when the folder does not exist. */
export async function findPatchFiles(folder: string): Promise<RuleFile[]> {
  return walk(folder, 'patches', isJson, new Set()).catch(() => []);
}

/** Lists the files of a team's shared conditions, sorted by name; none when the folder does not exist. */
export async function findConditionFiles(folder: string): Promise<RuleFile[]> {
  return walk(folder, 'conditions', isJson, new Set()).catch(() => []);
}

/** Lists every file that a rules folder is read from. @throws BreakwatchError RULES_FOLDER_MISSING */
export async function findReadFiles(folder: string): Promise<RuleFile[]> {
  return [
    ...(await findRuleFiles(folder)),
    ...(await findCatalogueFiles(folder)),
    ...(await findConditionFiles(folder)),
    ...(await findPatchFiles(folder)),
  ];
}

/** Lists links that lead back to a folder above them, so that they are not followed. */
export async function findLinkLoops(folder: string): Promise<string[]> {
  const loops: string[] = [];
  await walk(folder, '', isJson, new Set(), (path) => loops.push(path));
  return loops;
}

const isJson = (name: string) => name.endsWith('.json');
/** Names that look like rules or catalogues to people, but that nothing reads. */
const LOOKS_LIKE_DATA = /\.(?:ya?ml|json[5cl]?|toml)$/i;

/**
 * Lists files in the folders of the categories and of the catalogues that look like data and are not read: those with
 * another extension than `.json`, and catalogues with the name of a shipped one.
 */
export async function findIgnoredFiles(
  folder: string,
): Promise<(RuleFile & { why: 'extension' | 'shipped-name' })[]> {
  const looksRead = (name: string) => LOOKS_LIKE_DATA.test(name) && !isJson(name);
  const others = await Promise.all(
    READ_FOLDERS.map((name) => walk(folder, name, looksRead, new Set()).catch(() => [])),
  );
  const catalogues = await walk(folder, 'catalogues', isJson, new Set()).catch(() => []);
  return [
    ...others.flat().map((file) => ({ ...file, why: 'extension' as const })),
    ...catalogues
      .filter(({ file }) => SHIPPED_CATALOGUES.has(file))
      .map((file) => ({ ...file, why: 'shipped-name' as const })),
  ];
}

async function walk(
  folder: string,
  below: string,
  wants: (name: string) => boolean,
  above: ReadonlySet<string>,
  onLoop?: (path: string) => void,
): Promise<RuleFile[]> {
  const within = join(folder, below);
  const real = await realpath(within);
  if (above.has(real)) {
    onLoop?.(within);
    return [];
  }
  const entries = await readdir(within, { withFileTypes: true });
  // Hidden names belong to version control, editors and Kubernetes mounts.
  const visible = entries.filter((entry) => !entry.name.startsWith('.'));
  visible.sort((a, b) => (a.name < b.name ? -1 : 1));
  const found: RuleFile[] = [];
  for (const entry of visible) {
    const file = below === '' ? entry.name : `${below}/${entry.name}`;
    const path = join(folder, file);
    const kind = await kindOf(entry, path);
    if (kind === 'folder') {
      if (below !== '' || !NO_RULES.has(entry.name)) {
        found.push(...(await walk(folder, file, wants, new Set([...above, real]), onLoop)));
      }
    } else if (
      wants(entry.name) ||
      (kind === 'broken' && wants === isJson && ledToRules(entry.name, below))
    ) {
      found.push({ path, file });
    }
  }
  return found;
}

/** Maximum size of a rule file. The shipped ones have about 4 KB. */
export const MAX_RULE_BYTES = 1_048_576;
/** Windows does not have this flag. */
const NON_BLOCKING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
/** Maximum number of open files. Systems allow a few hundred. */
const AT_ONCE = 32;

/** The content of a file, or why it cannot be read. */
type RuleText = { text: string } | { unreadable: string };

/** Keeps a byte order mark, so that lint can report it. */
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads a file of this size; of one that grows meanwhile, as far as that. Faster than `readFile`, for thousands of files. */
async function readBytes(handle: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await handle.read(bytes, length, size - length);
    if (bytesRead === 0) {
      break;
    }
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}

async function readOpened(handle: FileHandle): Promise<RuleText> {
  const found = await handle.stat();
  if (!found.isFile()) {
    return { unreadable: 'it is not a file' };
  }
  if (found.size > MAX_RULE_BYTES) {
    return { unreadable: `it has ${found.size} bytes; the maximum is ${MAX_RULE_BYTES}` };
  }
  const bytes = await readBytes(handle, found.size);
  try {
    return { text: DECODER.decode(bytes) };
  } catch {
    return { unreadable: 'it is not encoded in UTF-8' };
  }
}

async function readOne(path: string): Promise<RuleText> {
  let handle: FileHandle | undefined;
  try {
    // Non-blocking, because opening a named pipe would wait for a writer.
    handle = await open(path, NON_BLOCKING);
    return await readOpened(handle);
  } catch (thrown) {
    return { unreadable: describeFileError(thrown, path) };
  } finally {
    await handle?.close();
  }
}

/**
 * Reads rule files, a few at a time. Never throws: a file that cannot be read is reported at its index.
 *
 * @param paths - paths to open
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

/** A file with its text, or with the problem that keeps it from being read. */
type ReadFile = RuleFile & ({ text: string } | { problem: RuleProblem });

/** Reads files of a rules folder as `readRuleTexts` does, in their order. */
export async function readFiles(files: readonly RuleFile[]): Promise<ReadFile[]> {
  const texts = await readRuleTexts(files.map(({ path }) => path));
  return files.map((file, index) => {
    const source = texts[index] as RuleText;
    if ('text' in source) {
      return { ...file, text: source.text };
    }
    const message = `cannot read the file: ${source.unreadable}`;
    return { ...file, problem: { file: file.path, line: 1, column: 1, message } };
  });
}
