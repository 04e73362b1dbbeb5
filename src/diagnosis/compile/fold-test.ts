import {
  type CompareTest,
  FALSE,
  joinStrictly,
  joinTests,
  negateTest,
  type TestNode,
  TRUE,
} from './test-node.ts';

/** What an index knows of one fact in one of its buckets. */
export type Knowledge =
  /** It has this very value, which is no object. */
  | { fact: string; value: unknown }
  /** It has none of these values, or is missing. */
  | { fact: string; noneOf: ReadonlySet<unknown> };

function isPrimitive(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}

/** The values of which a comparison demands one; undefined when it demands none in particular. */
function demandedBy(test: CompareTest): readonly unknown[] | undefined {
  if (test.other || test.path !== undefined) {
    return undefined;
  }
  if (test.operator === 'equal') {
    return [test.value];
  }
  // Objects in the list are the rule's own and equal to no fact.
  return test.operator === 'in' ? (test.value as unknown[]).filter(isPrimitive) : undefined;
}

/**
 * The values that a fact must have for a test to be true; undefined when there is no such limit.
 * all: those in all limits; any: those of each part; not: no limit.
 */
export function valuesOf(test: TestNode, fact: string): ReadonlySet<unknown> | undefined {
  switch (test.kind) {
    case 'constant':
      return test.value ? undefined : new Set();
    case 'not':
      return undefined;
    case 'compare': {
      const demanded = test.fact === fact ? demandedBy(test) : undefined;
      return demanded && new Set(demanded);
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

/** The facts that could serve as an index of a test. */
export function factsWithValues(test: TestNode, into: Set<string> = new Set()): Set<string> {
  switch (test.kind) {
    case 'constant':
    case 'not':
      break;
    case 'compare':
      if (demandedBy(test)) {
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

/** Tells whether a test looks at a fact itself, so that knowing it may help. */
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

function foldComparison(test: CompareTest, knowledge: Knowledge): TestNode {
  if (test.fact !== knowledge.fact || test.other) {
    return test;
  }
  if ('value' in knowledge) {
    try {
      // A path is ignored where the value is no object.
      return test.compare(knowledge.value, test.value) ? TRUE : FALSE;
    } catch {
      // It has to throw when it is run, not now.
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

/** Decides in advance what is known of a test; it comes back as it is when that is nothing. */
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

/** Tells whether a test can come out true at all; it may throw instead. */
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
