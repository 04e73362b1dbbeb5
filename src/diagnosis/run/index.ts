/**
 * The door to diagnosis: run a rule set over facts.
 *
 * @module
 */
export { createDiagnoser, type Diagnoser } from './create-diagnoser.ts';
export { readTestInput } from './read-test-input.ts';
export { judgeRuleTests } from './run-rule-tests.ts';
