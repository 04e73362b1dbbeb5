import type { LoadedRule, RuleSet } from '../../diagnosis/rule.ts';
import type { RulesChange } from '../rules/rules-change.ts';

const NO_TEXT = { en: '', zh: '', ja: '', ko: '' };

/**
 * The parts of a rule that decide verdicts. Texts and tests are most of a rule, the deriver reads neither, and the
 * thread that takes callbacks copies what it hands over.
 */
function ruleToJudge({
  description: _description,
  event: { type, params },
  ...rule
}: LoadedRule): LoadedRule {
  return { ...rule, event: { type, params: { ...params, cause: NO_TEXT, fix: [] } }, tests: [] };
}

/** A rule set for the deriver. */
export function rulesToJudge(set: RuleSet): RuleSet {
  return { ...set, rules: set.rules.map(ruleToJudge) };
}

/** A change of rules for the deriver. */
export function changeToJudge(change: RulesChange): RulesChange {
  const rules = change.rules.map((rule) => (typeof rule === 'number' ? rule : ruleToJudge(rule)));
  return { ...change, rules };
}
