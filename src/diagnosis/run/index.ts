/**
 * The entry to diagnosis: runs a rule set over facts.
 *
 * @module
 */
export { createDiagnoser, type Diagnoser } from './create-diagnoser.ts';
export { judgeRuleTests, readTestInput } from './rule-tests.ts';
