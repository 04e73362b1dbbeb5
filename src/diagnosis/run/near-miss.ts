import type { Facts } from '../../model/facts.ts';
import { findOperator } from '../compile/find-operator.ts';
import { childrenOf, factsOfLeaf, leavesOf } from '../conditions.ts';
import type { Condition, Leaf, LoadedRule } from '../rule.ts';
import { isMissing } from './read-evidence.ts';

/** Tells whether a rule that did not match could have matched if more facts were known. */
export type CouldMatch = (facts: Facts) => boolean;

function hasPriority(condition: Condition): boolean {
  return condition.priority !== undefined || (childrenOf(condition)?.some(hasPriority) ?? false);
}

/** The comparisons without which a rule cannot match. */
export function requiredLeaves({ conditions }: Pick<LoadedRule, 'conditions'>): Leaf[] {
  // A condition of a lower priority may be skipped, and its result then does not count.
  if (!('all' in conditions) || 'any' in conditions || hasPriority(conditions)) {
    return [];
  }
  return conditions.all.filter(
    // The index compares the reason.
    (one): one is Leaf => 'fact' in one && !('path' in one) && one.fact !== 'reason',
  );
}

/** Whether a comparison is false; undefined when it depends on a missing fact, or throws. */
function isFalse(leaf: Leaf): (facts: Facts) => boolean | undefined {
  const { fact, value } = leaf;
  const names = factsOfLeaf(leaf);
  const [, other] = names;
  const compare = findOperator(leaf.operator)?.compare;
  return (facts) => {
    if (!compare || names.some((name) => isMissing(name, facts))) {
      return undefined;
    }
    const read = (name: string) => (Object.hasOwn(facts, name) ? facts[name] : undefined);
    try {
      return !compare(read(fact), other === undefined ? value : read(other));
    } catch {
      return undefined;
    }
  };
}

/**
 * Prepares a quick check for near misses of a rule. Most rules of a reason are about other streams than that of the
 * event, and one comparison tells so; only the others need a look at all their conditions.
 *
 * @returns false when no missing fact could have made the rule match; true when its conditions must be read
 */
export function couldMatchOf(rule: Pick<LoadedRule, 'conditions'>): CouldMatch {
  const facts = leavesOf(rule.conditions).flatMap(factsOfLeaf);
  const names = [...new Set(facts)].filter((name) => name !== 'reason');
  const required = requiredLeaves(rule).map(isFalse);
  return (known) => {
    for (const test of required) {
      if (test(known) === true) {
        return false;
      }
    }
    return names.some((name) => isMissing(name, known));
  };
}
