import type { Facts } from '../../model/facts.ts';
import type { EngineRule } from '../compile/engine-rule.ts';
import type { Condition, LoadedRule } from '../rule.ts';

/** A condition tree with its results. Parts that were not evaluated have none. */
export type JudgedCondition = Condition & { result?: boolean };

/** The result of one rule for one event. */
export interface RuleOutcome {
  rule: LoadedRule;
  matched: boolean;
  conditions: JudgedCondition;
}

/** The results of one run. Rules that threw are in `faults` and count as not matching. */
export interface RunOutcome {
  /** In the order of winning. */
  outcomes: RuleOutcome[];
  faults: { rule: string; message: string }[];
}

/** Runs rules over facts. Calls may overlap. */
export type RunRules = (facts: Facts) => RunOutcome | Promise<RunOutcome>;

/** What the compiler needs of a rule, and the rule itself. */
export interface RunnableRule extends EngineRule {
  rule: LoadedRule;
}
