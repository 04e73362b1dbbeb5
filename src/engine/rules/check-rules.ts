import type { RuleProblem, RuleSet } from '../../diagnosis/rule.ts';
import { loadPack } from '../../diagnosis/rule-files/index.ts';
import {
  createIsTouched,
  judgeRuleTests,
  rememberTested,
  type TestedRules,
} from '../../diagnosis/run/index.ts';
import type { BreakwatchError } from '../../model/errors.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';

/** The rules of folders, or why they must not be in force. */
export type CheckedRules =
  /** `tested` is for the next check; absent when no test ran so far. */
  | { rules: RuleSet; tested?: TestedRules | undefined }
  | { error: BreakwatchError; problems: RuleProblem[] };

/**
 * Loads the rules of folders. They may be in force if every file is valid and the tests inside the rules pass.
 * A test of a shipped rule may fail because a team's rule wins: that is intended, and `rules test` accepts it
 * too.
 *
 * @param folders - a later folder overrides an earlier one
 * @param passed - hash of a set whose tests passed before
 * @param tested - from an earlier check; only tests that a change since then can touch run. All of them when absent
 */
export async function checkRules(
  folders: readonly string[],
  passed: string | undefined,
  tested?: TestedRules,
): Promise<CheckedRules> {
  try {
    const { ruleSet, problems, levelOf, liesOver } = await loadPack(folders);
    const [problem] = problems;
    if (problem) {
      const error = maskedError('RULE_FILE_INVALID', { ...problem, problem: problem.message });
      return { error, problems };
    }
    if (ruleSet.hash === passed) {
      return { rules: ruleSet, tested };
    }
    const isTouched = tested && createIsTouched(ruleSet, levelOf, tested);
    const failure = judgeRuleTests(ruleSet, isTouched).find(
      ({ holds, rule, winner }) => !holds && !liesOver(winner, rule.id),
    );
    if (failure) {
      const { rule, name, expected, winner } = failure;
      const details = { file: rule.file, test: name, expected, winner };
      return { error: maskedError('RULE_TEST_FAILED', details), problems };
    }
    return { rules: ruleSet, tested: rememberTested(ruleSet, levelOf) };
  } catch (thrown) {
    return { error: asBreakwatchError(thrown), problems: [] };
  }
}
