/**
 * Operators that rules may use: those of json-rules-engine 7.3.1 that can tell something about
 * facts which are plain values. Left out, because they would be false for every event or throw
 * when a fact is missing: `contains`, `doesNotContain`, `someFact:`, `everyFact:`, `swap:in`.
 *
 * @module
 */

const ORDER = ['lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive'];
const EQUALITY = ['equal', 'notEqual'];
const MEMBERSHIP = ['in', 'notIn'];

function withDecorators(decorators: string[], operators: string[]): string[] {
  return decorators.flatMap((decorator) => operators.map((name) => `${decorator}:${name}`));
}

/** Compare with one number (or another fact). */
export const ORDER_OPERATORS = [...ORDER, ...withDecorators(['not', 'swap'], ORDER)];
/** Compare with one value (or another fact). */
export const EQUALITY_OPERATORS = [...EQUALITY, ...withDecorators(['not', 'swap'], EQUALITY)];
/** Compare with a list of values. */
export const LIST_OPERATORS = [
  ...MEMBERSHIP,
  ...withDecorators(['not'], MEMBERSHIP),
  ...withDecorators(['someValue', 'everyValue'], EQUALITY),
];
/** Compare with a list of numbers. */
export const ORDER_LIST_OPERATORS = withDecorators(['someValue', 'everyValue'], ORDER);

/** All that a rule may use, the plain ones first. */
export const OPERATORS: readonly string[] = [
  ...EQUALITY,
  ...MEMBERSHIP,
  ...ORDER,
  ...[...EQUALITY_OPERATORS, ...LIST_OPERATORS, ...ORDER_OPERATORS, ...ORDER_LIST_OPERATORS].filter(
    (name) => name.includes(':'),
  ),
];

/** Operators that are true for a fact that nobody knows, so that a match proves nothing of it. */
const TRUE_WHEN_MISSING = new Set([
  'notEqual',
  'notIn',
  'not:equal',
  'not:in',
  'swap:notEqual',
  'everyValue:notEqual',
  'someValue:notEqual',
  ...withDecorators(['not'], ORDER),
]);

/** Tells whether a comparison with this operator can be true although the fact is missing. */
export function matchesMissingFact(operator: string): boolean {
  return TRUE_WHEN_MISSING.has(operator);
}
