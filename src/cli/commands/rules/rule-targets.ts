import { globSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, resolve, sep } from 'node:path';
import type { Finding } from '../../../diagnosis/rule-files/index.ts';
import { CATEGORIES, isOneOf } from '../../../model/vocabulary.ts';
import { maskedError } from '../../../secrets/masked-error.ts';
import { type RuleFolders, ruleFolders } from './rules-command.ts';

/** What a command checks: folders, or only some of their files. */
export interface RuleTargets extends RuleFolders {
  /** Whether a file was named, or its folder was. */
  includes(file: string): boolean;
  /** Whether this very file was named. */
  isNamed(file: string): boolean;
  /** The findings about these files. */
  select(findings: readonly Finding[]): Finding[];
}

const GLOB = /[*?{[]/;

function isFolder(path: string): boolean | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory();
}

/** @throws BreakwatchError RULES_TARGET_MISSING when a pattern matches nothing */
function expand(name: string): string[] {
  // A file whose name has such a character wins over the pattern.
  if (!GLOB.test(name) || isFolder(name) !== undefined) {
    return [name];
  }
  const found = globSync(name).sort();
  if (found.length === 0) {
    throw maskedError('RULES_TARGET_MISSING', { name, problem: 'no file matches this pattern' });
  }
  return found;
}

/** The id in a rule file; undefined when there is none to be read. */
function idIn(file: string): string | undefined {
  try {
    const { id } = JSON.parse(readFileSync(file, 'utf8').replace(/^\ufeff/, ''));
    return typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The rules folder of a file: above its category, `catalogues`, `conditions` or `patches`; otherwise its own folder, in which a rule
 * would be in the wrong place.
 */
function folderOf(file: string): string {
  const path = resolve(file);
  const id = idIn(path);
  const end = id && sep + `${id}.json`.replaceAll('/', sep);
  if (end && path.endsWith(end)) {
    return path.slice(0, -end.length);
  }
  const above = (wanted: (name: string) => boolean) => {
    for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
      if (wanted(basename(folder))) {
        return dirname(folder);
      }
    }
    return undefined;
  };
  // A patch may be in a folder of a category too: patches/network/link-error.json.
  const isOther = (name: string) => ['catalogues', 'conditions', 'patches'].includes(name);
  return (
    (id === undefined ? above(isOther) : undefined) ??
    above((name) => isOneOf(CATEGORIES, name)) ??
    dirname(path)
  );
}

/**
 * Determines what a command checks. Each name is a rules folder, a file in one, or a pattern such as
 * `ours/network/*.json`; paths start from the working directory. A file is checked together with its folder, and only
 * its own findings count.
 *
 * @param named - from the command line; without any, the active rules
 * @throws BreakwatchError RULES_TARGET_MISSING, RULES_FOLDER_MISSING
 */
export function ruleTargets(named: readonly string[]): RuleTargets {
  const folders = new Set<string>();
  const files = new Set<string>();
  const whole = new Set<string>();
  for (const path of named.flatMap(expand)) {
    // A missing path is reported as a folder, unless its name is that of a file.
    if (isFolder(path) ?? !path.endsWith('.json')) {
      folders.add(path);
      whole.add(resolve(path));
      continue;
    }
    if (!statSync(path, { throwIfNoEntry: false })) {
      throw maskedError('RULES_TARGET_MISSING', { name: path, problem: 'there is no such file' });
    }
    if (!path.endsWith('.json')) {
      const problem = 'it is not read; the name of a rule ends in .json';
      throw maskedError('RULES_TARGET_MISSING', { name: path, problem });
    }
    files.add(resolve(path));
    folders.add(folderOf(path));
  }
  const unique = [...folders].filter(
    (folder, index, all) => all.findIndex((one) => resolve(one) === resolve(folder)) === index,
  );
  const includes = (file: string) => {
    const path = resolve(file);
    return (
      files.size === 0 ||
      files.has(path) ||
      [...whole].some((folder) => path === folder || path.startsWith(folder + sep))
    );
  };
  return {
    ...ruleFolders(unique),
    includes,
    isNamed: (file) => files.has(resolve(file)),
    select: (findings) => findings.filter(({ file }) => includes(file)),
  };
}
