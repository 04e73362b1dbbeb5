import { join } from 'node:path';
import {
  hashJson,
  type LoadedRule,
  type LoadResult,
  type RuleProblem,
  type RuleSet,
} from '../rule.ts';
import { checkRuleText } from './check-rule.ts';
import { type Place, parseJson } from './parse-json.ts';
import { findRuleFiles, type RuleText, readRuleTexts } from './read-rule-files.ts';

/** Puts rules into one set, by id, and names it by its content. */
export function makeRuleSet(rules: readonly LoadedRule[]): RuleSet {
  const sorted = [...rules].sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    hash: hashJson(sorted.map(({ id, hash }) => [id, hash])),
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
  return { ruleSet: makeRuleSet([...byId.values()]), problems };
}

/** Rules of several folders as one set that still knows where each came from. */
export interface RulePack {
  ruleSet: RuleSet;
  /** Of the folders that the command is about. */
  problems: RuleProblem[];
  /** Whether a rule comes from a folder that the command is about. */
  isOwn(rule: Pick<LoadedRule, 'id'>): boolean;
  /** Whether a rule, by id, comes from a folder that lies over the folder of another. */
  liesOver(upper: string, lower: string): boolean;
  /** The file of a rule as it was opened. */
  pathOf(rule: Pick<LoadedRule, 'id' | 'file'>): string;
}

/**
 * Loads folders as `loadRules` does, remembering whose each rule is.
 *
 * @param own - the folders that the command is about, from the lowest to the one that wins
 * @param below - what they lie over
 * @throws BreakwatchError RULES_FOLDER_MISSING when a folder can not be read
 */
export async function loadPack(
  own: readonly string[],
  below: readonly string[] = [],
): Promise<RulePack> {
  const byId = new Map<string, { rule: LoadedRule; folder: string; level: number }>();
  const problems: RuleProblem[] = [];
  for (const [level, folder] of [...below, ...own].entries()) {
    const isOwn = level >= below.length;
    const loaded = await loadRules([folder]);
    problems.push(...(isOwn ? loaded.problems : []));
    for (const rule of loaded.ruleSet.rules) {
      byId.set(rule.id, { rule, folder, level });
    }
  }
  return {
    ruleSet: makeRuleSet([...byId.values()].map(({ rule }) => rule)),
    problems,
    isOwn: ({ id }) => (byId.get(id)?.level ?? -1) >= below.length,
    liesOver: (upper, lower) => (byId.get(upper)?.level ?? -1) > (byId.get(lower)?.level ?? -1),
    pathOf: ({ id, file }) => join(byId.get(id)?.folder ?? '', file),
  };
}

/** Rule files that could not be loaded, as findings; `rules lint` says more about them. */
export function problemsAsFindings(problems: readonly RuleProblem[]): Finding[] {
  return problems.map((problem) => ({ level: 'error', check: 'load', ...problem }));
}

/** Where a part of a rule stands in its file; the beginning when the file has changed since. */
export async function placeInFile(path: string, pointer: string): Promise<Place> {
  const [source] = await readRuleTexts([path]);
  try {
    const text = source && 'text' in source ? source.text : '';
    return parseJson(text.replace(/^\ufeff/, '')).placeOf(pointer);
  } catch {
    return { line: 1, column: 1 };
  }
}

/** Something that a check of the workbench found in a rule file. */
export interface Finding {
  /** Errors fail a build; warnings are for whoever looks. */
  level: 'error' | 'warning';
  /** Name of the check, e.g. `schema` or `language`. */
  check: string;
  /** Path of the file as it was opened. */
  file: string;
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 units. */
  column: number;
  message: string;
  /** What was probably meant. */
  hint?: string;
}

/** Findings by file, then by place. */
export function compareFindings(a: Finding, b: Finding): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column;
}
