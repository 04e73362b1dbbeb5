import { OWN_OPERATORS, ownOperator } from '../operators/own-operators.ts';

/** Compares a fact with a value. Throws if json-rules-engine throws. */
export type Compare = (fact: unknown, value: unknown) => boolean;

type Decorate = (next: Compare) => Compare;

/** The check of the order operators: anything that starts with a number. */
function isNumeric(fact: unknown): boolean {
  return typeof fact === 'number'
    ? !Number.isNaN(fact)
    : fact !== undefined && !Number.isNaN(Number.parseFloat(fact as string));
}

function indexIn(list: unknown, one: unknown): number {
  // Not checked on purpose: a missing list throws here, as in json-rules-engine.
  return (list as unknown[]).indexOf(one);
}

const operators = new Map<string, Compare>([
  ['equal', (fact, value) => fact === value],
  ['notEqual', (fact, value) => fact !== value],
  ['in', (fact, value) => indexIn(value, fact) > -1],
  ['notIn', (fact, value) => indexIn(value, fact) === -1],
  ['contains', (fact, value) => Array.isArray(fact) && fact.indexOf(value) > -1],
  ['doesNotContain', (fact, value) => Array.isArray(fact) && fact.indexOf(value) === -1],
  ['lessThan', (fact, value) => isNumeric(fact) && (fact as number) < (value as number)],
  ['lessThanInclusive', (fact, value) => isNumeric(fact) && (fact as number) <= (value as number)],
  ['greaterThan', (fact, value) => isNumeric(fact) && (fact as number) > (value as number)],
  [
    'greaterThanInclusive',
    (fact, value) => isNumeric(fact) && (fact as number) >= (value as number),
  ],
  ...OWN_OPERATORS.map(({ name, compare }): [string, Compare] => [name, compare]),
]);

const decorators = new Map<string, Decorate>([
  [
    'someFact',
    (next) => (fact, value) => Array.isArray(fact) && fact.some((one) => next(one, value)),
  ],
  [
    'everyFact',
    (next) => (fact, value) => Array.isArray(fact) && fact.every((one) => next(one, value)),
  ],
  ['someValue', (next) => (fact, value) => (value as unknown[]).some((one) => next(fact, one))],
  ['everyValue', (next) => (fact, value) => (value as unknown[]).every((one) => next(fact, one))],
  ['swap', (next) => (fact, value) => next(value, fact)],
  ['not', (next) => (fact, value) => !next(fact, value)],
]);

/** Names of the plain operators and of the decorators, for property tests. */
export const OPERATOR_NAMES: readonly string[] = [...operators.keys()];
export const DECORATOR_NAMES: readonly string[] = [...decorators.keys()];

/** Maximum number of decorators before one operator. More is a mistake, or an attempt to overflow the stack. */
const MAX_DECORATORS = 16;

/** An operator with the decorators before it, the outermost first. */
export interface Operator {
  name: string;
  decorators: readonly string[];
  /** The plain operator at the end. */
  base: string;
  compare: Compare;
}

const known = new Map<string, Operator>();

/**
 * Finds an operator of json-rules-engine or of Breakwatch by its full name, such as `not:someValue:lessThan`.
 *
 * @returns undefined when there is none, or when it has too many decorators
 */
export function findOperator(name: string): Operator | undefined {
  const before = known.get(name);
  if (before) {
    return before;
  }
  const parts = name.split(':');
  const base = parts.pop() as string;
  const plain = operators.get(base);
  const wraps = parts.map((part) => decorators.get(part));
  if (!plain || parts.length > MAX_DECORATORS || wraps.includes(undefined)) {
    return undefined;
  }
  const compare = wraps.reduceRight((next, wrap) => (wrap as Decorate)(next), plain);
  const found = { name, decorators: parts, base, compare };
  known.set(name, found);
  return found;
}

/** One side of a comparison, as far as it is known before any event. */
export type Side = { known: true; value: unknown } | { known: false };

/**
 * When a comparison throws: `never`, for `some` facts, or `always` when it is evaluated, with the reason.
 * Objects that cannot be converted to a number are not considered. A value that an operator of Breakwatch does
 * not accept counts as `always`, because such a comparison could only be false.
 */
export type Throws = { when: 'never' | 'some' } | { when: 'always'; message: string };

const NEVER: Throws = { when: 'never' };
const SOME: Throws = { when: 'some' };

function judgeThrows(steps: readonly string[], base: string, fact: Side, value: Side): Throws {
  const [step, ...rest] = steps;
  if (step === undefined) {
    const problem = value.known ? ownOperator(base)?.problemOf(value.value) : undefined;
    if (problem !== undefined) {
      return { when: 'always', message: problem };
    }
    if (base !== 'in' && base !== 'notIn') {
      return NEVER;
    }
    if (!value.known) {
      return SOME;
    }
    if (typeof value.value === 'string') {
      return {
        when: 'always',
        message: `"${base}" needs a list; in a string it would search for a substring`,
      };
    }
    return Array.isArray(value.value)
      ? NEVER
      : { when: 'always', message: `"${base}" needs a list` };
  }
  switch (step) {
    case 'swap':
      return judgeThrows(rest, base, value, fact);
    case 'someFact':
    case 'everyFact':
      return judgeElements(rest, base, fact, (one) => [one, value]);
    case 'someValue':
    case 'everyValue':
      if (value.known && !Array.isArray(value.value)) {
        return { when: 'always', message: `"${step}:" needs a list of values` };
      }
      return value.known ? judgeElements(rest, base, value, (one) => [fact, one]) : SOME;
    default:
      return judgeThrows(rest, base, fact, value);
  }
}

/** Checks each element of a known list. The elements of an unknown list are unknown. */
function judgeElements(
  rest: readonly string[],
  base: string,
  list: Side,
  sides: (one: Side) => [Side, Side],
): Throws {
  if (!list.known) {
    return judgeThrows(rest, base, ...sides({ known: false }));
  }
  if (!Array.isArray(list.value)) {
    return NEVER;
  }
  const all = list.value.map((value) => judgeThrows(rest, base, ...sides({ known: true, value })));
  return (
    all.find(({ when }) => when === 'always') ?? all.find(({ when }) => when === 'some') ?? NEVER
  );
}

/** Tells when a comparison throws, from its operator and its value if that is known. */
export function throwsOf(operator: Operator, value: Side): Throws {
  return judgeThrows(operator.decorators, operator.base, { known: false }, value);
}
