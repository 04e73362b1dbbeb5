import { compareFindings, type Finding } from '../rule-files/finding.ts';
import { placeInFile, problemsAsFindings, type RulePack } from '../rule-files/load-pack.ts';
import { explainTestFailure, judgeRuleTests, type RuleTestOutcome } from '../run/run-rule-tests.ts';
import { compareWithEngine } from './compare-with-engine.ts';

/** The results of the tests inside rules. */
export interface TestReport {
  findings: Finding[];
  /** Number of tests that ran, those of the shipped rules included. */
  tests: number;
  failed: number;
  /** Number of tests on which json-rules-engine gives another answer. */
  differences: number;
  outcomes: RuleTestOutcome[];
}

/**
 * Runs the tests inside the rules of a pack, and each of them on json-rules-engine too.
 *
 * A test that fails is an error. It is a warning when a rule of a folder above wins, and for a rule
 * that is not the pack's own, because a team may intend another answer than the shipped rules give.
 * Where json-rules-engine gives another answer, that is always an error.
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
  const differences = await compareWithEngine(pack.ruleSet);
  for (const { rule, index, test, compiled, jsonRulesEngine } of differences) {
    const file = pack.pathOf(rule);
    findings.push({
      level: 'error',
      check: 'engine',
      file,
      ...(await placeInFile(file, `/tests/${index}`)),
      message: `rule ${rule.id}, test "${test}": json-rules-engine says "${jsonRulesEngine}", the compiled rule says "${compiled}"; please report this bug`,
    });
  }
  return {
    findings: findings.sort(compareFindings),
    tests: outcomes.length,
    failed: failed.length,
    differences: differences.length,
    outcomes,
  };
}
