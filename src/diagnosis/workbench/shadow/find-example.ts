import type { Facts, FactValue } from '../../../model/facts.ts';
import { findOperator } from '../../compile/find-operator.ts';
import type { Condition, Leaf } from '../../rule.ts';
import { childrenOf, factsOfLeaf } from '../../walk-conditions.ts';
import { factCells } from './fact-cells.ts';

/** Events tried before the search gives up; real rules need some hundred. */
const MAX_STEPS = 200_000;

/** What is asked for. */
export interface ExampleRequest {
  /** Must be true. */
  hold: readonly Condition[];
  /** Must be false. */
  fail: readonly Condition[];
  /** Facts that are settled; undefined: not known. */
  given?: Facts;
}

/** An event, the proof that there is none, or neither within the steps allowed. */
export type ExampleAnswer =
  | { found: 'example'; facts: Facts }
  | { found: 'none' }
  | { found: 'undecided' };

type Settled = Map<string, FactValue | undefined>;

/** True, false, or undefined while it hangs on facts that are not settled. */
function judge(condition: Condition, settled: Settled): boolean | undefined {
  if ('not' in condition) {
    const inner = judge(condition.not, settled);
    return inner === undefined ? undefined : !inner;
  }
  const children = childrenOf(condition);
  if (children) {
    const deciding = 'any' in condition;
    let open = false;
    for (const child of children) {
      const result = judge(child, settled);
      if (result === deciding) {
        return deciding;
      }
      open ||= result === undefined;
    }
    return open ? undefined : !deciding;
  }
  const leaf = condition as Leaf;
  const [, other] = factsOfLeaf(leaf);
  if (!settled.has(leaf.fact) || (other !== undefined && !settled.has(other))) {
    return undefined;
  }
  const value = other === undefined ? leaf.value : settled.get(other);
  try {
    return findOperator(leaf.operator)?.compare(settled.get(leaf.fact), value) === true;
  } catch {
    // A rule that throws does not match.
    return false;
  }
}

/** A fact on which an open condition hangs. */
function openFact(condition: Condition, settled: Settled): string | undefined {
  const children = childrenOf(condition);
  if (!children) {
    return factsOfLeaf(condition as Leaf).find((name) => !settled.has(name));
  }
  for (const child of children) {
    if (judge(child, settled) === undefined) {
      const fact = openFact(child, settled);
      if (fact !== undefined) {
        return fact;
      }
    }
  }
  return undefined;
}

class OutOfSteps extends Error {}

/**
 * Finds an event for which some conditions hold and others do not, or proves that there is none: it
 * settles one fact after the other, each in all the cases that the conditions can tell apart, and
 * turns back as soon as one of them is decided wrongly. Facts are taken as independent of each other.
 */
export function findExample({ hold, fail, given = {} }: ExampleRequest): ExampleAnswer {
  const cells = factCells([...hold, ...fail]);
  const settled: Settled = new Map(Object.entries(given));
  let steps = 0;

  function search(): boolean {
    steps += 1;
    if (steps > MAX_STEPS) {
      throw new OutOfSteps();
    }
    let open: Condition | undefined;
    for (const condition of hold) {
      const result = judge(condition, settled);
      if (result === false) {
        return false;
      }
      open ??= result === undefined ? condition : undefined;
    }
    for (const condition of fail) {
      const result = judge(condition, settled);
      if (result === true) {
        return false;
      }
      open ??= result === undefined ? condition : undefined;
    }
    const fact = open && openFact(open, settled);
    if (fact === undefined) {
      return true;
    }
    for (const value of cells.get(fact) ?? [undefined]) {
      settled.set(fact, value);
      if (search()) {
        return true;
      }
    }
    settled.delete(fact);
    return false;
  }

  try {
    if (!search()) {
      return { found: 'none' };
    }
  } catch (thrown) {
    if (thrown instanceof OutOfSteps) {
      return { found: 'undecided' };
    }
    throw thrown;
  }
  const facts: Facts = {};
  for (const [name, value] of settled) {
    if (value !== undefined) {
      facts[name] = value;
    }
  }
  return { found: 'example', facts };
}
