import { FACT_CATALOGUE, type FactDefinition } from '../../../model/fact-catalogue.ts';
import type { FactValue } from '../../../model/facts.ts';
import type { Condition, Leaf } from '../../rule.ts';
import { valuesOfFact } from '../../rule-files/build-rule-schema.ts';
import { factsOfLeaf, leavesOf } from '../../walk-conditions.ts';

/** What a fact may be, one value for each case that conditions can tell apart; undefined: not known. */
export type FactCells = ReadonlyMap<string, readonly (FactValue | undefined)[]>;

const definitions = new Map(FACT_CATALOGUE.map((fact) => [fact.name, fact]));
/** Numbers that may be below 0; all others are counts, codes and durations. */
const SIGNED = new Set(['secondsPastExpiry', 'secondsPastExpiryAtBreak']);

function valuesOfLeaf({ value }: Leaf): FactValue[] {
  if (Array.isArray(value)) {
    return value;
  }
  return typeof value === 'object' ? [] : [value];
}

/** Facts that are compared with each other share their cases. */
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

/** All facts that are numbers are whole numbers, so between 3 and 4 there is nothing. */
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
 * Cuts each fact that conditions read into the cases that they can tell apart: not known, each value
 * that is named, one between any two, one outside. Facts that are compared with each other get as
 * many values in each gap as there are of them, so that every order among them occurs. Whoever tries
 * all combinations of these has tried all events.
 */
export function factCells(conditions: readonly Condition[]): FactCells {
  const leaves = conditions.flatMap(leavesOf);
  const cells = new Map<string, readonly (FactValue | undefined)[]>();
  for (const group of groupFacts(leaves)) {
    const constants = leaves
      .filter((leaf) => factsOfLeaf(leaf).some((fact) => group.has(fact)))
      .flatMap(valuesOfLeaf);
    for (const name of group) {
      const fact = definitions.get(name);
      if (fact) {
        cells.set(name, cellsOfFact(fact, constants, group.size));
      }
    }
  }
  return cells;
}
