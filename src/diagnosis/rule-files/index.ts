/**
 * The door to rule files: find, read, check and load them.
 *
 * @module
 */
export { checkRuleText } from './check-rule.ts';
export { type Finding, loadPack, loadRules, problemsAsFindings } from './load-rules.ts';
export { parseJson } from './parse-json.ts';
export { findRuleFiles, readRuleTexts } from './read-rule-files.ts';
