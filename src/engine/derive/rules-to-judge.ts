import type { RuleSet } from '../../diagnosis/rule.ts';

const NO_TEXT = { en: '', zh: '', ja: '', ko: '' };

/**
 * The parts of rules that decide verdicts. Texts and tests are most of a rule, the deriver reads neither, and the
 * thread that takes callbacks copies what it hands over.
 */
export function rulesToJudge({ rules, ...set }: RuleSet): RuleSet {
  return {
    ...set,
    rules: rules.map(({ description: _description, event: { type, params }, ...rule }) => ({
      ...rule,
      event: { type, params: { ...params, cause: NO_TEXT, fix: [] } },
      tests: [],
    })),
  };
}
