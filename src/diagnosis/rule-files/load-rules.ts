import { join } from 'node:path';
import type { TeamText } from '../../reasons/match-reason.ts';
import {
  hashJson,
  type LoadedRule,
  type LoadResult,
  type RuleProblem,
  type RuleSet,
} from '../rule.ts';
import { checkRuleText } from './check-rule.ts';
import { type Place, parseJson } from './parse-json.ts';
import {
  findCatalogueFiles,
  findRuleFiles,
  type RuleText,
  readRuleTexts,
} from './read-rule-files.ts';
import { type PlacedText, readTeamTexts } from './read-team-texts.ts';

/**
 * Creates a rule set, sorted by id, with a hash of its content.
 *
 * @param texts - reason texts of the team's catalogue
 */
export function makeRuleSet(
  rules: readonly LoadedRule[],
  texts: readonly TeamText[] = [],
): RuleSet {
  const sorted = [...rules].sort((a, b) => (a.id < b.id ? -1 : 1));
  const hashes: unknown[] = sorted.map(({ id, hash }) => [id, hash]);
  const own = texts.map(({ reason, language, text }) => ({ reason, language, text }));
  return own.length === 0
    ? { hash: hashJson(hashes), rules: sorted }
    : { hash: hashJson([...hashes, own]), rules: sorted, texts: own };
}

/** Reads the catalogue files of a team's folder. */
async function loadTexts(folder: string, earlier: readonly PlacedText[]) {
  const texts: PlacedText[] = [];
  const problems: RuleProblem[] = [];
  const files = await findCatalogueFiles(folder);
  const contents = await readRuleTexts(files.map(({ path }) => path));
  for (const [index, { path }] of files.entries()) {
    const content = contents[index] as RuleText;
    if ('unreadable' in content) {
      const message = `cannot read the file: ${content.unreadable}`;
      problems.push({ file: path, line: 1, column: 1, message });
      continue;
    }
    const read = readTeamTexts(content.text, path, [...earlier, ...texts]);
    texts.push(...read.texts);
    problems.push(...read.problems);
  }
  return { texts, problems };
}

/**
 * Loads the rules of several folders. A rule of a later folder replaces the rule with the same id, so a
 * team can override shipped rules. A bad file is skipped and reported with line and column. The other files
 * are loaded, and a rule that the bad file would have replaced stays active.
 *
 * @param folders - a later folder overrides an earlier one
 * @throws BreakwatchError RULES_FOLDER_MISSING when a folder cannot be read
 */
export async function loadRules(folders: readonly string[]): Promise<LoadResult> {
  const byId = new Map<string, LoadedRule>();
  const problems: RuleProblem[] = [];
  const reasonTexts: PlacedText[] = [];
  for (const folder of folders) {
    const own = await loadTexts(folder, reasonTexts);
    reasonTexts.push(...own.texts);
    problems.push(...own.problems);
    const files = await findRuleFiles(folder);
    const texts = await readRuleTexts(files.map(({ path }) => path));
    for (const [index, { path, file }] of files.entries()) {
      const source = texts[index] as RuleText;
      if ('unreadable' in source) {
        const message = `cannot read the file: ${source.unreadable}`;
        problems.push({ file: path, line: 1, column: 1, message });
        continue;
      }
      const checked = checkRuleText(source.text, file);
      if (checked.kind === 'rule') {
        byId.set(checked.rule.id, checked.rule);
      } else if (checked.kind === 'mistakes') {
        for (const { line, column, message } of checked.mistakes) {
          problems.push({ file: path, line, column, message });
        }
      }
    }
  }
  return { ruleSet: makeRuleSet([...byId.values()], reasonTexts), problems };
}

/** The rules of several folders as one set that knows the folder of each rule. */
export interface RulePack {
  ruleSet: RuleSet;
  /** Problems in the own folders. */
  problems: RuleProblem[];
  /** Whether a rule comes from an own folder. */
  isOwn(rule: Pick<LoadedRule, 'id'>): boolean;
  /** Whether a rule, by id, comes from a folder that overrides the folder of another rule. */
  liesOver(upper: string, lower: string): boolean;
  /** Path of the file of a rule, as it was opened. */
  pathOf(rule: Pick<LoadedRule, 'id' | 'file'>): string;
}

/**
 * Loads folders as `loadRules` does, and remembers the folder of each rule.
 *
 * @param own - the folders to check; a later one overrides an earlier one
 * @param below - folders that the own folders override
 * @throws BreakwatchError RULES_FOLDER_MISSING when a folder cannot be read
 */
export async function loadPack(
  own: readonly string[],
  below: readonly string[] = [],
): Promise<RulePack> {
  const byId = new Map<string, { rule: LoadedRule; folder: string; level: number }>();
  const problems: RuleProblem[] = [];
  const texts: TeamText[] = [];
  for (const [level, folder] of [...below, ...own].entries()) {
    const isOwn = level >= below.length;
    const loaded = await loadRules([folder]);
    problems.push(...(isOwn ? loaded.problems : []));
    texts.push(...(loaded.ruleSet.texts ?? []));
    for (const rule of loaded.ruleSet.rules) {
      byId.set(rule.id, { rule, folder, level });
    }
  }
  return {
    ruleSet: makeRuleSet(
      [...byId.values()].map(({ rule }) => rule),
      texts,
    ),
    problems,
    isOwn: ({ id }) => (byId.get(id)?.level ?? -1) >= below.length,
    liesOver: (upper, lower) => (byId.get(upper)?.level ?? -1) > (byId.get(lower)?.level ?? -1),
    pathOf: ({ id, file }) => join(byId.get(id)?.folder ?? '', file),
  };
}

/** Converts the problems of rule files to findings. `rules lint` reports more details. */
export function problemsAsFindings(problems: readonly RuleProblem[]): Finding[] {
  return problems.map((problem) => ({ level: 'error', check: 'load', ...problem }));
}

/** Position of a part of a rule in its file. Returns the start if the file was changed in the meantime. */
export async function placeInFile(path: string, pointer: string): Promise<Place> {
  const [source] = await readRuleTexts([path]);
  try {
    const text = source && 'text' in source ? source.text : '';
    return parseJson(text.replace(/^\ufeff/, '')).placeOf(pointer);
  } catch {
    return { line: 1, column: 1 };
  }
}

/** A finding of a workbench check in a rule file. */
export interface Finding {
  /** An error fails a build, a warning does not. */
  level: 'error' | 'warning';
  /** Name of the check, e.g. `schema` or `language`. */
  check: string;
  /** Path of the file, as it was opened. */
  file: string;
  /** Line, from 1. */
  line: number;
  /** Column, from 1, in UTF-16 units. */
  column: number;
  message: string;
  /** What was probably meant, for example `did you mean "equal"?`. */
  hint?: string;
}

/** Orders findings by file, then by position. */
export function compareFindings(a: Finding, b: Finding): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column;
}
