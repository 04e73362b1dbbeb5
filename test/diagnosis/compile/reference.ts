import { Engine, type RuleProperties, type RuleResult } from 'json-rules-engine';
import type { EngineRule, RuleTrace } from '../../../src/diagnosis/compile/engine-rule.ts';
import type { SharedConditions } from '../../../src/diagnosis/compile/parse-conditions.ts';
import { registerOperators } from '../../../src/diagnosis/operators/register-operators.ts';

/** What json-rules-engine says about one rule: its printed result, or what it rejected with. */
type ReferenceAnswer = { trace: RuleTrace } | { rejected: Error };

/** A json-rules-engine over copies of rules, because it writes into what it is given. */
export function newEngine(rules: readonly EngineRule[], shared: SharedConditions = {}): Engine {
  const engine = registerOperators(
    new Engine(structuredClone(rules) as RuleProperties[], { allowUndefinedFacts: true }),
  );
  for (const [name, conditions] of Object.entries(structuredClone(shared))) {
    engine.setCondition(name, conditions as never);
  }
  return engine;
}

/** Answers by the rules' names, which must all differ. */
export type AskReference = (
  facts: Record<string, unknown>,
) => Promise<ReadonlyMap<unknown, ReferenceAnswer>>;

function print(results: readonly RuleResult[]): Map<unknown, ReferenceAnswer> {
  return new Map(
    results.map((result) => [result.name, { trace: result.toJSON(false) as unknown as RuleTrace }]),
  );
}

/**
 * Asks json-rules-engine one event at a time. A rejected run spoils its engine for the next event,
 * so then the engine is dropped, and each rule is asked alone to see which ones reject.
 */
export function referenceOf(
  rules: readonly EngineRule[],
  shared: SharedConditions = {},
): AskReference {
  let engine: Engine | undefined;
  return async (facts) => {
    try {
      engine ??= newEngine(rules, shared);
      const { results, failureResults } = await engine.run(facts);
      return print([...results, ...failureResults]);
    } catch {
      engine = undefined;
    }
    const answers = new Map<unknown, ReferenceAnswer>();
    for (const rule of rules) {
      try {
        const { results, failureResults } = await newEngine([rule], shared).run(facts);
        for (const [name, answer] of print([...results, ...failureResults])) {
          answers.set(name, answer);
        }
      } catch (thrown) {
        answers.set(rule.name, { rejected: thrown as Error });
      }
    }
    return answers;
  };
}
