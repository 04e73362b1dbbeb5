import { type FactDefinition, findFact } from '../../model/fact-catalogue.ts';
import type { Facts, FactValue } from '../../model/facts.ts';
import { findOperator } from '../compile/find-operator.ts';
import { childrenOf, factsOfLeaf, leavesOf } from '../conditions.ts';
import { kindOfOperator } from '../operators/own-operators.ts';
import type { Condition, Leaf } from '../rule.ts';
import { valuesOfFact } from '../rule-files/condition-schema.ts';
import { operatorCells } from './operator-cells.ts';

/** For each fact, one value per case that conditions can distinguish; undefined: unknown. */
interface FactCells {
  values: ReadonlyMap<string, readonly (FactValue | undefined)[]>;
  /** Whether these are all cases. If not, an event that is not found may still exist. */
  complete: boolean;
}

/** Numbers that may be negative. All others are counts, codes and durations. */
const SIGNED = new Set(['secondsPastExpiry', 'secondsPastExpiryAtBreak']);

function valuesOfLeaf({ value }: Leaf): FactValue[] {
  if (Array.isArray(value)) {
    return value;
  }
  return typeof value === 'object' ? [] : [value];
}

/** Groups facts that are compared with each other, because they share their cases. */
function groupFacts(leaves: readonly Leaf[]): Set<string>[] {
  const groups: Set<string>[] = [];
  for (const leaf of leaves) {
    const facts = factsOfLeaf(leaf);
    const joined = groups.filter((group) => facts.some((fact) => group.has(fact)));
    const merged = new Set([...joined.flatMap((group) => [...group]), ...facts]);
    for (const group of joined) {
      groups.splice(groups.indexOf(group), 1);
    }
    groups.push(merged);
  }
  return groups;
}

/** The cases of a number. All numeric facts are whole numbers, so there is no case between 3 and 4. */
function numberCells(constants: readonly number[], signed: boolean, each: number): number[] {
  const lowest = signed ? Number.NEGATIVE_INFINITY : 0;
  const marks = [...new Set(constants)].sort((a, b) => a - b);
  const [first = 0] = marks;
  const cells = new Set<number>();
  const add = (number: number, below: number) => {
    if (Number.isInteger(number) && number >= lowest && number < below) {
      cells.add(number);
    }
  };
  for (let step = each; step >= 1; step -= 1) {
    add(Math.ceil(first) - step, first);
  }
  for (const [index, mark] of (marks.length > 0 ? marks : [0]).entries()) {
    add(mark, Number.POSITIVE_INFINITY);
    const next = marks[index + 1] ?? Number.POSITIVE_INFINITY;
    const start = Math.max(Math.floor(mark), lowest - 1);
    for (let step = 1; step <= each; step += 1) {
      add(start + step, next);
    }
  }
  return [...cells];
}

function stringCells(
  fact: FactDefinition,
  constants: readonly string[],
  each: number,
): readonly string[] {
  const mentioned = [...new Set(constants)];
  const closed = valuesOfFact(fact);
  const others = closed
    ? closed.filter((value) => !mentioned.includes(value))
    : Array.from({ length: each }, (_none, index) => `other-${index + 1}`);
  return [
    ...mentioned.filter((value) => closed === undefined || closed.includes(value)),
    ...others.slice(0, each),
  ];
}

function cellsOfFact(
  fact: FactDefinition,
  constants: readonly FactValue[],
  each: number,
): (FactValue | undefined)[] {
  const unknown = fact.always ? [] : [undefined];
  switch (fact.type) {
    case 'boolean':
      return [...unknown, true, false];
    case 'number': {
      const numbers = constants.filter((value) => typeof value === 'number');
      return [...unknown, ...numberCells(numbers, SIGNED.has(fact.name), each)];
    }
    default:
      return [
        ...unknown,
        ...stringCells(
          fact,
          constants.filter((value) => typeof value === 'string'),
          each,
        ),
      ];
  }
}

/**
 * Lists, for each fact that conditions read, the cases that they can distinguish: unknown, each value that
 * they name, one value between two of them, one value outside. Facts that are compared with each other get as
 * many values per gap as there are such facts, so that every order among them occurs. To try all
 * combinations of these cases is to try all events.
 */
function factCells(conditions: readonly Condition[]): FactCells {
  const leaves = conditions.flatMap(leavesOf);
  const values = new Map<string, readonly (FactValue | undefined)[]>();
  let complete = true;
  for (const group of groupFacts(leaves)) {
    const constants = leaves
      .filter((leaf) => factsOfLeaf(leaf).some((fact) => group.has(fact)))
      .filter((leaf) => kindOfOperator(leaf.operator) === undefined)
      .flatMap(valuesOfLeaf);
    for (const name of group) {
      const fact = findFact(name);
      if (fact) {
        const plain = cellsOfFact(fact, constants, group.size);
        const own = leaves.filter(
          (leaf) => leaf.fact === name && kindOfOperator(leaf.operator) !== undefined,
        );
        const more = own.length > 0 ? operatorCells(fact, leaves, plain) : undefined;
        values.set(name, more ? more.values : plain);
        complete &&= more?.complete ?? true;
      }
    }
  }
  return { values, complete };
}

/** Maximum number of tries. Real rules need a few hundred. */
const MAX_STEPS = 200_000;

/** The event to find. */
export interface ExampleRequest {
  /** Conditions that must be true. */
  hold: readonly Condition[];
  /** Conditions that must be false. */
  fail: readonly Condition[];
  /** Facts with a fixed value; undefined: unknown. */
  given?: Facts;
}

/** An event, the proof that none exists, or neither within the maximum number of tries. */
export type ExampleAnswer =
  | { found: 'example'; facts: Facts }
  | { found: 'none' }
  | { found: 'undecided' };

type Settled = Map<string, FactValue | undefined>;

/** True, false, or undefined while it depends on facts without a fixed value. */
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

/** A fact without a fixed value on which an undecided condition depends. */
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
 * Finds an event for which some conditions are true and others false, or proves that none exists. It is a
 * search with backtracking: it fixes one fact after the other, tries all cases that the conditions can
 * distinguish, and goes back when a condition has the wrong result. It treats facts as independent.
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
    for (const value of cells.values.get(fact) ?? [undefined]) {
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
      return { found: cells.complete ? 'none' : 'undecided' };
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
