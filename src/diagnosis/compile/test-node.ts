import type { Compare } from './find-operator.ts';
import type { Comparison, ConditionNode, Group } from './parse-conditions.ts';
import type { ReadFact } from './read-fact.ts';

/**
 * A condition in the form in which it is run, without names and priorities. The parts of `and` and `or` run
 * in order until one decides.
 */
export type TestNode = ConstantTest | CompareTest | JoinTest | NotTest | StrictTest;

interface ConstantTest {
  kind: 'constant';
  value: boolean;
}

export interface CompareTest {
  kind: 'compare';
  fact: string;
  path?: string;
  read: ReadFact;
  /** Full name of the operator. */
  operator: string;
  compare: Compare;
  /** The other side, if it is a value of the rule. */
  value?: unknown;
  /** The other side, if it is a fact. */
  other?: { fact: string; path?: string; read: ReadFact };
  mayThrow: boolean;
}

interface JoinTest {
  kind: 'and' | 'or';
  parts: readonly TestNode[];
  mayThrow: boolean;
}

interface NotTest {
  kind: 'not';
  part: TestNode;
  mayThrow: boolean;
}

/**
 * Parts that can throw, next to parts that could decide. json-rules-engine evaluates all of them, so a
 * decided result must not hide that one throws.
 */
interface StrictTest {
  kind: 'strict';
  join: 'and' | 'or';
  /** All of them always run. */
  throwers: readonly TestNode[];
  /** Runs if the throwers do not decide. */
  rest: TestNode;
}

export const TRUE: TestNode = { kind: 'constant', value: true };
export const FALSE: TestNode = { kind: 'constant', value: false };

/** Whether a test can throw for some facts. */
function mayThrow(test: TestNode): boolean {
  return test.kind === 'strict' || (test.kind !== 'constant' && test.mayThrow);
}

function constant(value: boolean): TestNode {
  return value ? TRUE : FALSE;
}

/** Joins tests and leaves out parts that cannot matter. Parts that may throw always stay. */
export function joinTests(join: 'and' | 'or', parts: readonly TestNode[]): TestNode {
  const deciding = join === 'or';
  const kept: TestNode[] = [];
  for (const part of parts) {
    if (part.kind === 'constant') {
      if (part.value !== deciding) {
        continue;
      }
      if (!kept.some(mayThrow)) {
        return part;
      }
      kept.push(part);
      break;
    }
    if (part.kind === join) {
      kept.push(...part.parts);
    } else {
      kept.push(part);
    }
  }
  if (kept.length < 2) {
    return kept[0] ?? constant(!deciding);
  }
  return { kind: join, parts: kept, mayThrow: kept.some(mayThrow) };
}

/** Joins tests of one priority of which some may throw. */
export function joinStrictly(
  join: 'and' | 'or',
  throwers: readonly TestNode[],
  rest: TestNode,
): TestNode {
  const running = throwers.filter(mayThrow);
  const harmless = throwers.filter((part) => !mayThrow(part));
  const others = joinTests(join, [...harmless, rest]);
  if (running.length === 0) {
    return others;
  }
  const [only] = running;
  if (running.length === 1 && only) {
    return joinTests(join, [only, others]);
  }
  return { kind: 'strict', join, throwers: running, rest: others };
}

/** Negates a test. */
export function negateTest(part: TestNode): TestNode {
  if (part.kind === 'constant') {
    return constant(!part.value);
  }
  return part.kind === 'not' ? part.part : { kind: 'not', part, mayThrow: mayThrow(part) };
}

function isPrimitive(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}

function lowerComparison(node: Comparison): TestNode {
  const { fact, path, read, operator, other } = node;
  if (other.kind === 'value' && !isPrimitive(other.value)) {
    // An object of the rule is never identical to an object of a fact.
    if (operator.name === 'equal') {
      return FALSE;
    }
    if (operator.name === 'notEqual') {
      return TRUE;
    }
  }
  return {
    kind: 'compare',
    fact,
    path,
    read,
    operator: operator.name,
    compare: operator.compare,
    ...(other.kind === 'value' ? { value: other.value } : { other }),
    mayThrow: node.mayThrow,
  };
}

function lowerGroup({ join, children, sets }: Group): TestNode {
  if (children.length === 0) {
    return TRUE;
  }
  const parts = children.map(lowerConditions);
  if (join === 'not') {
    return negateTest(parts[0] as TestNode);
  }
  const kind = join === 'all' ? 'and' : 'or';
  return joinTests(
    kind,
    sets.map((set) => {
      const ofSet = set.map((place) => parts[place] as TestNode);
      const throwers = ofSet.filter(mayThrow);
      const rest = joinTests(
        kind,
        ofSet.filter((part) => !mayThrow(part)),
      );
      return joinStrictly(kind, throwers, rest);
    }),
  );
}

/** Converts checked conditions into the test that is run. */
export function lowerConditions(node: ConditionNode): TestNode {
  return node.kind === 'group' ? lowerGroup(node) : lowerComparison(node);
}
