import { findFact } from '../model/fact-catalogue.ts';
import { reasonById } from '../reasons/reason-catalogue.ts';
import { findOperator } from './compile/find-operator.ts';
import { factsOfLeaf, leavesOf } from './conditions.ts';
import type { RuleParams, RuleSet } from './rule.ts';
import { isReason } from './rule-files/condition-schema.ts';

/** The names that a rule set uses and a program must know to run it. Each list is sorted. */
export interface RuleNeeds {
  operators: string[];
  facts: string[];
  /** Without those of the set's own catalogue. */
  reasons: string[];
  /** Names of what rules conclude. */
  params: string[];
}

const KNOWN_PARAMS: Readonly<Record<keyof Required<RuleParams>, true>> = {
  severity: true,
  side: true,
  cause: true,
  fix: true,
  retry: true,
  runbook: true,
  evidence: true,
  confidence: true,
  decisive: true,
  contradictedBy: true,
  outcome: true,
  alert: true,
};

/** Lists what a rule set needs of the program that runs it. */
export function needsOf({ rules, catalogue }: RuleSet): RuleNeeds {
  const operators = new Set<string>();
  const facts = new Set<string>();
  const reasons = new Set<string>();
  const params = new Set<string>();
  for (const { conditions, event } of rules) {
    for (const leaf of leavesOf(conditions)) {
      operators.add(leaf.operator);
      for (const fact of factsOfLeaf(leaf)) {
        facts.add(fact);
      }
      const values = isReason(leaf.fact) ? [leaf.value].flat() : [];
      for (const value of values.filter((one) => typeof one === 'string')) {
        reasons.add(value);
      }
    }
    for (const fact of event.params.evidence) {
      facts.add(fact);
    }
    for (const name of Object.keys(event.params)) {
      params.add(name);
    }
  }
  for (const { id } of catalogue?.reasons ?? []) {
    reasons.delete(id);
  }
  const list = (names: ReadonlySet<string>) => [...names].sort();
  return {
    operators: list(operators),
    facts: list(facts),
    reasons: list(reasons),
    params: list(params),
  };
}

/** The needs that this program does not know, in words such as `operator "inCidr"`; empty when it can run the rules. */
export function unknownNeeds({ operators, facts, reasons, params }: RuleNeeds): string[] {
  const words = (kind: string, names: readonly string[], isKnown: (name: string) => boolean) =>
    names.filter((name) => !isKnown(name)).map((name) => `${kind} "${name}"`);
  return [
    ...words('operator', operators, (name) => findOperator(name) !== undefined),
    ...words('fact', facts, (name) => findFact(name) !== undefined),
    ...words('reason', reasons, (name) => reasonById(name) !== undefined),
    ...words('parameter', params, (name) => Object.hasOwn(KNOWN_PARAMS, name)),
  ];
}
