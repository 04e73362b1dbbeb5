import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

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
 * @throws the error of the file system when a folder can not be read
 */
export function findRuleFiles(folder: string): Promise<RuleFile[]> {
  return walk(folder, '', new Set());
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
