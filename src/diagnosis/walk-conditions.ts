import type { Condition, Leaf } from './rule.ts';

/** The children of a group; undefined for a comparison. */
export function childrenOf(condition: Condition): Condition[] | undefined {
  if ('any' in condition) {
    return condition.any;
  }
  if ('all' in condition) {
    return condition.all;
  }
  return 'not' in condition ? [condition.not] : undefined;
}

/** All comparisons of a tree, in the order of the file. */
export function leavesOf(condition: Condition): Leaf[] {
  const children = childrenOf(condition);
  return children ? children.flatMap(leavesOf) : [condition as Leaf];
}

/** Names of the facts that a comparison reads. */
export function factsOfLeaf(leaf: Leaf): string[] {
  const { value } = leaf;
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? [leaf.fact, value.fact]
    : [leaf.fact];
}
