import { Engine, type RuleProperties } from 'json-rules-engine';
import type { Facts } from '../model/facts.ts';
import type { Condition, LoadedRule } from './rule.ts';

/** A condition tree as json-rules-engine hands it back, with what it found. */
export type JudgedCondition = Condition & { result?: boolean };

/** What one rule said to one event. */
export interface RuleOutcome {
  rule: LoadedRule;
  matched: boolean;
  conditions: JudgedCondition;
}

/** What one run found; rules that threw are in `faults` and count as not matched. */
export interface RunOutcome {
  outcomes: RuleOutcome[];
  faults: { rule: string; message: string }[];
}

/** Runs its rules over facts. One run at a time: wait for the answer before the next call. */
export type RunRules = (facts: Facts) => Promise<RunOutcome>;

function newEngine(rules: readonly LoadedRule[]): Engine {
  const properties = rules.map(
    (rule): RuleProperties => ({
      name: rule.id,
      priority: rule.priority,
      // A copy, because json-rules-engine writes into the conditions that it is given.
      conditions: structuredClone(rule.conditions) as RuleProperties['conditions'],
      event: { type: rule.event.type },
    }),
  );
  return new Engine(properties, { allowUndefinedFacts: true });
}

async function runOn(engine: Engine, rules: readonly LoadedRule[], facts: Facts) {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const { results, failureResults } = await engine.run(facts);
  return [...results, ...failureResults].map(
    (result): RuleOutcome => ({
      rule: byId.get(result.name) as LoadedRule,
      matched: result.result === true,
      conditions: result.conditions as unknown as JudgedCondition,
    }),
  );
}

/**
 * Compiles rules for json-rules-engine, the reference for what a rule means.
 *
 * One rule that throws rejects the reference's whole run and spoils the next run on that engine.
 * So on a rejection the engine is thrown away and each rule runs alone, and only the rule at fault
 * is lost for this event.
 */
export function createRunRules(rules: readonly LoadedRule[]): RunRules {
  let engine: Engine | undefined;

  async function runAlone(facts: Facts): Promise<RunOutcome> {
    const outcomes: RuleOutcome[] = [];
    const faults: RunOutcome['faults'] = [];
    for (const rule of rules) {
      try {
        outcomes.push(...(await runOn(newEngine([rule]), [rule], facts)));
      } catch (thrown) {
        faults.push({ rule: rule.id, message: (thrown as Error).message });
      }
    }
    return { outcomes, faults };
  }

  return async (facts) => {
    try {
      engine ??= newEngine(rules);
      return { outcomes: await runOn(engine, rules, facts), faults: [] };
    } catch {
      engine = undefined;
      return runAlone(facts);
    }
  };
}
