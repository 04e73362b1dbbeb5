import type { Facts } from '../../../model/facts.ts';
import type { Entry } from '../../compile/build-index.ts';
import { compileRules } from '../../compile/compile-rules.ts';
import { factsOfLeaf, leavesOf } from '../../conditions.ts';
import type { RuleSet } from '../../rule.ts';
import { fallbackOf } from '../../run/fallback-rule.ts';

/** The rule that won. */
export interface Ruling {
  rule: string;
  hash: string;
  category: string;
}

/** Judges snapshots with one rule set. */
export interface Judge {
  /** Judges one snapshot. */
  judge(facts: Facts): Ruling;
  /** The test of each rule, in the order of winning. */
  entries: readonly Entry[];
  /** Facts that the rules read. */
  facts: ReadonlySet<string>;
}

/** Creates a judge that runs the compiled rules of a set, in the same order as live diagnosis. */
export function createJudge(ruleSet: RuleSet): Judge {
  const compiled = compileRules(ruleSet.rules);
  const rulings = compiled.rules.map(
    ({ rule }): Ruling => ({ rule: rule.id, hash: rule.hash, category: rule.event.type }),
  );
  const { id, hash, event } = fallbackOf(ruleSet);
  const fallback: Ruling = { rule: id, hash, category: event.type };
  return {
    judge: (facts) => rulings[compiled.first(facts)?.rank ?? -1] ?? fallback,
    entries: compiled.entries,
    facts: new Set(
      ruleSet.rules.flatMap(({ conditions }) => leavesOf(conditions).flatMap(factsOfLeaf)),
    ),
  };
}
