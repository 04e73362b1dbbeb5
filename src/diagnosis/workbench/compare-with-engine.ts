import type { LoadedRule, RuleSet } from '../rule.ts';
import { readTestInput } from '../run/read-test-input.ts';
import { createRunRules, type RunOutcome, type RunRules } from '../run/run-rules.ts';

/** What one of the two engines says about a rule: `match`, `no match`, or an error. */
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
