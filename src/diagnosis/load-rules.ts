import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { BreakwatchError } from '../model/errors.ts';
import { CATEGORIES, isOneOf } from '../model/vocabulary.ts';
import { buildRuleSchema } from './build-rule-schema.ts';
import { checkRule } from './check-rule.ts';
import { explainSchemaError } from './explain-schema-error.ts';
import { canonicalJson, shortHash } from './hash-json.ts';
import { JsonSyntaxError, type LocatedJson, parseJson } from './parse-json.ts';
import type { LoadedRule, LoadResult, Rule, RuleProblem, RuleSet } from './rule.ts';

/** Folders beside the categories that hold no rules. */
const NO_RULES = new Set(['catalogues', 'schema', 'node_modules']);

const ajv = new Ajv({ allErrors: false, strict: false, verbose: true });
const validate = ajv.compile<Rule>(buildRuleSchema());

/** A file of a rules folder. */
export interface RuleFile {
  /** As it is opened. */
  path: string;
  /** Below its rules folder, with forward slashes. */
  file: string;
}

/** Reads links as what they point to: mounted configuration is full of them. */
async function isFolder(entry: Dirent, path: string): Promise<boolean> {
  return entry.isSymbolicLink() ? (await stat(path)).isDirectory() : entry.isDirectory();
}

/**
 * Lists the files of a rules folder that rules are read from, sorted by name.
 *
 * @param below - folder within it, for going down
 */
export async function findRuleFiles(folder: string, below = ''): Promise<RuleFile[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true });
  // Hidden names are version control, editors' swap files and the mounts of Kubernetes.
  const visible = entries.filter((entry) => !entry.name.startsWith('.'));
  visible.sort((a, b) => (a.name < b.name ? -1 : 1));
  const found: RuleFile[] = [];
  for (const entry of visible) {
    const file = below === '' ? entry.name : `${below}/${entry.name}`;
    const path = join(folder, file);
    if (await isFolder(entry, path)) {
      if (below !== '' || !NO_RULES.has(entry.name)) {
        found.push(...(await findRuleFiles(folder, file)));
      }
    } else if (entry.name.endsWith('.json')) {
      found.push({ path, file });
    }
  }
  return found;
}

/** A file beside the categories is only of interest when it is a rule that went astray. */
function looksLikeRule(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && 'conditions' in value;
  } catch {
    return false;
  }
}

/** Reads one file. What is wrong with it goes to `report`, and then nothing is returned. */
function readRule(
  source: string,
  { file }: RuleFile,
  report: (place: { line: number; column: number }, message: string) => void,
): LoadedRule | undefined {
  const text = source.replace(/^\ufeff/, '');
  if (!file.includes('/') || !isOneOf(CATEGORIES, file.split('/')[0])) {
    if (looksLikeRule(text)) {
      report(
        { line: 1, column: 1 },
        `a rule lies in the folder of its category, one of: ${CATEGORIES.join(', ')}`,
      );
    }
    return undefined;
  }
  let document: LocatedJson;
  try {
    document = parseJson(text);
  } catch (thrown) {
    if (thrown instanceof JsonSyntaxError) {
      report(thrown.place, thrown.message);
      return undefined;
    }
    throw thrown;
  }
  if (!validate(document.value)) {
    const [error] = validate.errors ?? [];
    if (error) {
      const { message, ...place } = explainSchemaError(error, document);
      report(place, message);
    }
    return undefined;
  }
  const rule: Rule & { $schema?: string } = document.value;
  const mistakes = checkRule(rule, file);
  for (const mistake of mistakes) {
    report(document.placeOf(mistake.pointer), mistake.message);
  }
  if (mistakes.length > 0) {
    return undefined;
  }
  const { $schema: _schema, ...content } = rule;
  return { ...content, hash: shortHash(canonicalJson(content)), file };
}

/** Puts rules into one set, by id, and names it by its content. */
export function makeRuleSet(rules: readonly LoadedRule[]): RuleSet {
  const sorted = [...rules].sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    hash: shortHash(canonicalJson(sorted.map(({ id, hash }) => [id, hash]))),
    rules: sorted,
  };
}

/**
 * Loads the rules of folders. A rule of a later folder replaces the one of the same id, so teams
 * lay their own over the shipped ones. A bad file is left out and reported with its line and
 * column; the others are not harmed, and a rule that it meant to replace stays in force.
 *
 * @param folders - from the lowest to the one that wins
 * @throws BreakwatchError RULES_FOLDER_MISSING when a folder can not be read
 */
export async function loadRules(folders: readonly string[]): Promise<LoadResult> {
  const byId = new Map<string, LoadedRule>();
  const problems: RuleProblem[] = [];
  for (const folder of folders) {
    const files = await findRuleFiles(folder).catch((thrown: Error) => {
      throw new BreakwatchError(
        'RULES_FOLDER_MISSING',
        { folder, problem: thrown.message },
        { cause: thrown },
      );
    });
    const texts = await Promise.all(
      files.map(({ path }) =>
        readFile(path, 'utf8').catch((thrown: Error): { unreadable: string } => ({
          unreadable: thrown.message,
        })),
      ),
    );
    for (const [index, source] of files.entries()) {
      const text = texts[index] as (typeof texts)[number];
      const report = (place: { line: number; column: number }, message: string) =>
        problems.push({ file: source.path, ...place, message });
      if (typeof text !== 'string') {
        report({ line: 1, column: 1 }, `the file can not be read: ${text.unreadable}`);
        continue;
      }
      const rule = readRule(text, source, report);
      if (rule) {
        byId.set(rule.id, rule);
      }
    }
  }
  return { ruleSet: makeRuleSet([...byId.values()]), problems };
}
