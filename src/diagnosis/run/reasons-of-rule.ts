import type { Condition, Leaf, LoadedRule } from '../rule.ts';

function isReasonLeaf(condition: Condition): condition is Leaf {
  return 'fact' in condition && condition.fact === 'reason';
}

/**
 * The reasons without which a rule can not match, read from the top of its conditions; undefined
 * when there is no such limit, so that the rule has to be asked about every event.
 */
export function reasonsOfRule(rule: Pick<LoadedRule, 'conditions'>): Set<string> | undefined {
  const { conditions } = rule;
  // Beside `any` the reference ignores `all`.
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
