import type { LoadedRule } from '../rule.ts';
import { leavesOf } from '../walk-conditions.ts';

/**
 * The order among matching rules: priority descending, then more comparisons, then id. The
 * reference's own order depends on the shape of the rules and is never used.
 */
export function compareRules(a: LoadedRule, b: LoadedRule): number {
  return (
    b.priority - a.priority ||
    leavesOf(b.conditions).length - leavesOf(a.conditions).length ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}
