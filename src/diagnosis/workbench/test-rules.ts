import type { LoadedRule, RuleSet } from '../rule.ts';
import {
  compareFindings,
  type Finding,
  placeInFile,
  problemsAsFindings,
  type RulePack,
} from '../rule-files/load-rules.ts';
import {
  explainTestFailure,
  judgeRuleTests,
  type RuleTestOutcome,
  readTestInput,
} from '../run/rule-tests.ts';
import type { RunOutcome, RunRules } from '../run/run-outcome.ts';
import { createRunRules } from '../run/run-rules.ts';

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
 * Runs the tests inside the rules of a pack, and runs each of them on json-rules-engine too.
 *
 * A failed test is an error. It is only a warning if a rule of an overriding folder wins, or if the rule is
 * not one of the pack's own, because a team may intend to change the result of shipped rules. A different
 * result of json-rules-engine is always an error.
 */
export async function testRules(pack: RulePack): Promise<TestReport> {
  const outcomes = judgeRuleTests(pack.ruleSet);
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

/** The result of a rule on one of the two engines: `match`, `no match`, or an error. */
type Answer = string;

/** A test on which the compiled rules and json-rules-engine disagree. */
export interface EngineDifference {
  rule: LoadedRule;
  /** Index of the test within its rule. */
  index: number;
  /** Name of the test. */
  test: string;
  compiled: Answer;
  jsonRulesEngine: Answer;
}

function answerOf({ outcomes, faults }: RunOutcome, id: string): Answer {
  const fault = faults.find(({ rule }) => rule === id);
  if (fault) {
    return `error: ${fault.message}`;
  }
  return outcomes.some(({ rule, matched }) => rule.id === id && matched) ? 'match' : 'no match';
}

function isError(answer: Answer): boolean {
  return answer.startsWith('error');
}

/**
 * Runs every test of every rule on json-rules-engine too, which defines what a rule means, and
 * compares its answer with that of the compiled rules. Each rule runs alone and one run at a time,
 * because overlapping or rejected runs make json-rules-engine lose results.
 *
 * @param run - runs the compiled rules of the set
 * @returns the tests with different answers; two errors count as equal
 */
export async function compareWithEngine(
  ruleSet: RuleSet,
  run: RunRules = createRunRules(ruleSet.rules),
): Promise<EngineDifference[]> {
  // Loaded here, because only `rules test` needs it.
  const { createReferenceRun } = await import('../run/run-engine.ts');
  const differences: EngineDifference[] = [];
  for (const rule of ruleSet.rules) {
    const runAlone = createReferenceRun([rule], false);
    for (const [index, { name: test, given }] of rule.tests.entries()) {
      const { facts } = readTestInput(given);
      const compiled = answerOf(await run(facts), rule.id);
      const jsonRulesEngine = answerOf(await runAlone(facts), rule.id);
      if (compiled !== jsonRulesEngine && !(isError(compiled) && isError(jsonRulesEngine))) {
        differences.push({ rule, index, test, compiled, jsonRulesEngine });
      }
    }
  }
  return differences;
}
