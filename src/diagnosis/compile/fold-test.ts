import {
  type CompareTest,
  FALSE,
  joinStrictly,
  joinTests,
  negateTest,
  type TestNode,
  TRUE,
} from './test-node.ts';

/** What is known about one fact in a bucket of the index. */
export type Knowledge =
  /** It has this value, which is not an object. */
  | { fact: string; value: unknown }
  /** It has none of these values, or it is missing. */
  | { fact: string; noneOf: ReadonlySet<unknown> };

function isPrimitive(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}

/** The values of which a comparison requires one; undefined when it requires no specific value. */
function requiredBy(test: CompareTest): readonly unknown[] | undefined {
  if (test.other || test.path !== undefined) {
    return undefined;
  }
  if (test.operator === 'equal') {
    return [test.value];
  }
  // Objects in the list belong to the rule, so no fact equals them.
  return test.operator === 'in' ? (test.value as unknown[]).filter(isPrimitive) : undefined;
}

/**
 * The values with which a test can be true; undefined when there is no limit. For `and` the intersection
 * of its parts, for `or` the union. `not` has no limit.
 */
export function valuesOf(test: TestNode, fact: string): ReadonlySet<unknown> | undefined {
  switch (test.kind) {
    case 'constant':
      return test.value ? undefined : new Set();
    case 'not':
      return undefined;
    case 'compare': {
      const required = test.fact === fact ? requiredBy(test) : undefined;
      return required && new Set(required);
    }
    default: {
      const parts = test.kind === 'strict' ? [...test.throwers, test.rest] : test.parts;
      const limits = parts.map((part) => valuesOf(part, fact));
      if ((test.kind === 'strict' ? test.join : test.kind) === 'or') {
        return limits.includes(undefined)
          ? undefined
          : new Set(limits.flatMap((limit) => [...(limit as ReadonlySet<unknown>)]));
      }
      const known = limits.filter((limit) => limit !== undefined);
      return known.length === 0 ? undefined : known.reduce((a, b) => a.intersection(b));
    }
  }
}

/** The facts of which a test requires specific values, so that they can be indexed. */
export function factsWithValues(test: TestNode, into: Set<string> = new Set()): Set<string> {
  switch (test.kind) {
    case 'constant':
    case 'not':
      break;
    case 'compare':
      if (requiredBy(test)) {
        into.add(test.fact);
      }
      break;
    default:
      for (const part of test.kind === 'strict' ? [...test.throwers, test.rest] : test.parts) {
        factsWithValues(part, into);
      }
  }
  return into;
}

/** Whether a test reads a fact directly, so that knowing the fact may simplify it. */
function mentions(test: TestNode, fact: string): boolean {
  switch (test.kind) {
    case 'constant':
      return false;
    case 'compare':
      return test.fact === fact && !test.other;
    case 'not':
      return mentions(test.part, fact);
    case 'strict':
      return mentions(test.rest, fact) || test.throwers.some((part) => mentions(part, fact));
    default:
      return test.parts.some((part) => mentions(part, fact));
  }
}

/** @param test - mentions the fact that is known */
function foldComparison(test: CompareTest, knowledge: Knowledge): TestNode {
  if ('value' in knowledge) {
    try {
      // A path is ignored if the value is not an object.
      return test.compare(knowledge.value, test.value) ? TRUE : FALSE;
    } catch {
      // It must throw when it is run, not now.
      return test;
    }
  }
  const { noneOf } = knowledge;
  if (test.path !== undefined) {
    return test;
  }
  switch (test.operator) {
    case 'equal':
    case 'notEqual':
      return noneOf.has(test.value) ? (test.operator === 'equal' ? FALSE : TRUE) : test;
    case 'in':
    case 'notIn':
      return (test.value as unknown[]).every((one) => !isPrimitive(one) || noneOf.has(one))
        ? test.operator === 'in'
          ? FALSE
          : TRUE
        : test;
    default:
      return test;
  }
}

/** Simplifies a test with what is known about a fact. Returns the same test when that changes nothing. */
export function foldTest(test: TestNode, knowledge: Knowledge): TestNode {
  if (!mentions(test, knowledge.fact)) {
    return test;
  }
  switch (test.kind) {
    case 'constant':
      return test;
    case 'compare':
      return foldComparison(test, knowledge);
    case 'not':
      return negateTest(foldTest(test.part, knowledge));
    case 'strict':
      return joinStrictly(
        test.join,
        test.throwers.map((part) => foldTest(part, knowledge)),
        foldTest(test.rest, knowledge),
      );
    default:
      return joinTests(
        test.kind,
        test.parts.map((part) => foldTest(part, knowledge)),
      );
  }
}

/** Whether a test can be true. It may also throw. */
export function canBeTrue(test: TestNode): boolean {
  switch (test.kind) {
    case 'constant':
      return test.value;
    case 'and':
      return test.parts.every(canBeTrue);
    case 'or':
      return test.parts.some(canBeTrue);
    case 'strict':
      return test.join === 'or' || (canBeTrue(test.rest) && test.throwers.every(canBeTrue));
    default:
      return true;
  }
}
