import { BreakwatchError } from '../../model/errors.ts';
import type { LoadedRule, LoadResult, RuleProblem, RuleSet } from '../rule.ts';
import { checkRuleText } from './check-rule-text.ts';
import { findRuleFiles } from './find-rule-files.ts';
import { canonicalJson, shortHash } from './hash-json.ts';
import { type RuleText, readRuleTexts } from './read-rule-texts.ts';

export { findRuleFiles, type RuleFile } from './find-rule-files.ts';

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
