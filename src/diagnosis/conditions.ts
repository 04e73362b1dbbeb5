import type { Condition, Leaf, LoadedRule } from './rule.ts';

/** The conditions of a group; undefined for a comparison. */
export function childrenOf(condition: Condition): Condition[] | undefined {
  if ('any' in condition) {
    return condition.any;
  }
  if ('all' in condition) {
    return condition.all;
  }
  return 'not' in condition ? [condition.not] : undefined;
}

/** All comparisons of a condition tree, in the order of the file. */
export function leavesOf(condition: Condition): Leaf[] {
  const children = childrenOf(condition);
  return children ? children.flatMap(leavesOf) : [condition as Leaf];
}

/** Names of the facts that a comparison reads: one or two. */
export function factsOfLeaf(leaf: Leaf): string[] {
  const { value } = leaf;
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? [leaf.fact, value.fact]
    : [leaf.fact];
}

function isReasonLeaf(condition: Condition): condition is Leaf {
  return 'fact' in condition && condition.fact === 'reason';
}

/**
 * The reasons that a rule can match, read from the top level of its conditions. Undefined when the
 * conditions do not limit the reason, so that the rule has to be tested on every event.
 */
export function reasonsOfRule(rule: Pick<LoadedRule, 'conditions'>): Set<string> | undefined {
  const { conditions } = rule;
  // If `any` is present too, json-rules-engine ignores `all`.
  if (!('all' in conditions) || 'any' in conditions) {
    return undefined;
  }
  let reasons: Set<string> | undefined;
  for (const leaf of conditions.all.filter(isReasonLeaf)) {
    const { operator, value } = leaf;
    const wanted =
      operator === 'equal' && typeof value === 'string'
        ? [value]
        : operator === 'in' && Array.isArray(value)
          ? value.filter((one) => typeof one === 'string')
          : undefined;
    if (wanted) {
      const named = new Set(wanted);
      reasons = reasons ? reasons.intersection(named) : named;
    }
  }
  return reasons;
}

/**
 * Orders matching rules, the winner first: higher priority, then more comparisons, then id. The order
 * of json-rules-engine depends on the shape of the rules and is never used.
 */
export function compareRules(a: LoadedRule, b: LoadedRule): number {
  return (
    b.priority - a.priority ||
    leavesOf(b.conditions).length - leavesOf(a.conditions).length ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}
