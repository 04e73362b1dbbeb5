import { join } from 'node:path';
import type { LoadedRule, RuleProblem, RuleSet } from '../rule.ts';
import type { Finding } from './finding.ts';
import { loadRules, makeRuleSet } from './load-rules.ts';
import { type Place, parseJson } from './parse-json.ts';
import { readRuleTexts } from './read-rule-texts.ts';

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
