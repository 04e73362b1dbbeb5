/**
 * The entry to diagnosis: runs a rule set over facts.
 *
 * @module
 */
export { createDiagnoser, type Diagnoser, textsOf } from './create-diagnoser.ts';
export { FALLBACK_ID } from './fallback-rule.ts';
export { judgeRuleTests, readTestInput } from './rule-tests.ts';
export { PreparedRules } from './run-rules.ts';
export { createIsTouched, rememberTested, type TestedRules } from './touched-tests.ts';
