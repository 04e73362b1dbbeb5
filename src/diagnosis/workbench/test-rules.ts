import { explainTestFailure, judgeRuleTests, type RuleTestOutcome } from '../run-rule-tests.ts';
import { compareFindings, type Finding } from './finding.ts';
import { placeInFile, problemsAsFindings, type RulePack } from './load-pack.ts';

/** What the tests inside rules came to. */
export interface TestReport {
  findings: Finding[];
  /** Tests that were run, those of the rules below included. */
  tests: number;
  failed: number;
  outcomes: RuleTestOutcome[];
}

/**
 * Runs the tests inside the rules of a pack. One that does not hold is an error; where a rule of a folder
 * above wins, and in a rule that the command is not about, it is a warning, because a team may mean to
 * judge otherwise than the shipped rules.
 */
export async function testRules(pack: RulePack): Promise<TestReport> {
  const outcomes = await judgeRuleTests(pack.ruleSet);
  const failed = outcomes.filter(({ holds }) => !holds);
  const findings = problemsAsFindings(pack.problems);
  for (const outcome of failed) {
    const { rule, index, winner } = outcome;
    const file = pack.pathOf(rule);
    findings.push({
      level: pack.isOwn(rule) && !pack.liesOver(winner, rule.id) ? 'error' : 'warning',
      check: 'test',
      file,
      ...(await placeInFile(file, `/tests/${index}`)),
      message: explainTestFailure(outcome, pack.ruleSet),
    });
  }
  return {
    findings: findings.sort(compareFindings),
    tests: outcomes.length,
    failed: failed.length,
    outcomes,
  };
}
