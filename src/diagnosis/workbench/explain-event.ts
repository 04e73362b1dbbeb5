import type { Diagnosis, Expectation } from '../../model/diagnosis.ts';
import { FACT_CATALOGUE } from '../../model/fact-catalogue.ts';
import type { Facts, FactValue } from '../../model/facts.ts';
import type { ReasonMatch } from '../../reasons/match-reason.ts';
import { childrenOf, factsOfLeaf, leavesOf } from '../conditions.ts';
import type { Leaf, RuleSet } from '../rule.ts';
import { createDiagnoser } from '../run/create-diagnoser.ts';
import { expectationOf, isMissing, missingFactsOf } from '../run/read-evidence.ts';
import type { JudgedCondition, RuleOutcome } from '../run/run-outcome.ts';
import { createRunRules } from '../run/run-rules.ts';

/** A condition of a rule with its result; null when it was not evaluated. */
export type ExplainedCondition = ExplainedGroup | ExplainedComparison;

interface ExplainedGroup {
  join: 'all' | 'any' | 'not';
  result: boolean | null;
  children: ExplainedCondition[];
}

export interface ExplainedComparison extends Expectation {
  fact: string;
  /** Value of the fact; absent when it is unknown. */
  actual?: FactValue;
  /** Unit of the fact. */
  unit?: string;
  result: boolean | null;
}

/** The result of one rule for the event. */
export interface ExplainedRule {
  id: string;
  name: string;
  priority: number;
  /** Number of comparisons. With equal priority, the rule with more of them wins. */
  comparisons: number;
  matched: boolean;
  conditions: ExplainedCondition;
  /** Unknown facts with which it could match. */
  missing: string[];
}

/** Why an event got its diagnosis. */
export interface Explanation {
  diagnosis: Diagnosis;
  match: ReasonMatch;
  facts: Facts;
  /** What decided between the rules that match. `runnerUp` is the second of them. */
  won: { by: 'alone' | 'priority' | 'comparisons' | 'id' | 'fallback'; runnerUp?: string };
  /** Null when no rule matches and the fallback rule applies. */
  winner: ExplainedRule | null;
  /** The other rules that match, in the order of winning. */
  others: ExplainedRule[];
  /** Rules that would win, but fail because of missing facts or a single comparison. */
  nearMisses: ExplainedRule[];
  /** All other rules of this reason, in the order of winning. */
  failed: ExplainedRule[];
}

const units = new Map(FACT_CATALOGUE.map(({ name, unit }) => [name, unit]));

function explainCondition(condition: JudgedCondition, facts: Facts): ExplainedCondition {
  const result = condition.result ?? null;
  const children = childrenOf(condition) as JudgedCondition[] | undefined;
  if (children) {
    const join = 'any' in condition ? 'any' : 'all' in condition ? 'all' : 'not';
    return { join, result, children: children.map((child) => explainCondition(child, facts)) };
  }
  const { fact } = condition as Leaf;
  const unit = units.get(fact);
  return {
    fact,
    ...expectationOf(condition as Leaf, facts),
    ...(Object.hasOwn(facts, fact) ? { actual: facts[fact] } : {}),
    ...(unit === undefined ? {} : { unit }),
    result,
  };
}

function explainRule({ rule, matched, conditions }: RuleOutcome, facts: Facts): ExplainedRule {
  const unknown = leavesOf(conditions).flatMap(factsOfLeaf);
  return {
    id: rule.id,
    name: rule.name,
    priority: rule.priority,
    comparisons: leavesOf(conditions).length,
    matched,
    conditions: explainCondition(conditions, facts),
    missing:
      !matched && unknown.some((name) => isMissing(name, facts))
        ? missingFactsOf(conditions, facts)
        : [],
  };
}

/** Number of comparisons or groups that prevent a condition from being true. */
function blockersOf(condition: ExplainedCondition): number {
  if (condition.result === true) {
    return 0;
  }
  if ('fact' in condition || condition.join === 'not') {
    return 1;
  }
  const counts = condition.children.map(blockersOf);
  return condition.join === 'any' ? Math.min(...counts) : counts.reduce((a, b) => a + b, 0);
}

function whyWon(winner: ExplainedRule | undefined, runnerUp: ExplainedRule | undefined) {
  if (!winner) {
    return { by: 'fallback' as const };
  }
  if (!runnerUp) {
    return { by: 'alone' as const };
  }
  const by =
    winner.priority !== runnerUp.priority
      ? 'priority'
      : winner.comparisons !== runnerUp.comparisons
        ? 'comparisons'
        : 'id';
  return { by, runnerUp: runnerUp.id } as const;
}

/** Explains the diagnosis of one event: the result of each rule of its reason, and why one of them won. */
export async function explainEvent(
  ruleSet: RuleSet,
  facts: Facts,
  match: ReasonMatch,
): Promise<Explanation> {
  const run = createRunRules(ruleSet.rules);
  const { outcomes } = await run(facts);
  const explained = outcomes.map((outcome) => explainRule(outcome, facts));
  const [winner, ...others] = explained.filter(({ matched }) => matched);
  const place = winner ? explained.indexOf(winner) : explained.length;
  const isNear = (rule: ExplainedRule, index: number) =>
    !rule.matched &&
    index < place &&
    (rule.missing.length > 0 || blockersOf(rule.conditions) === 1);
  const nearMisses = explained.filter(isNear);
  return {
    diagnosis: await createDiagnoser(ruleSet).diagnose(facts, match),
    match,
    facts,
    won: whyWon(winner, others[0]),
    winner: winner ?? null,
    others,
    nearMisses,
    failed: explained.filter((rule) => !rule.matched && !nearMisses.includes(rule)),
  };
}
