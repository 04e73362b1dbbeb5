/**
 * The door to rule files: find, read, check and load them.
 *
 * @module
 */
export { checkRuleText } from './check-rule-text.ts';
export { nearestWord } from './explain-schema-error.ts';
export type { Finding } from './finding.ts';
export { loadPack, problemsAsFindings } from './load-pack.ts';
export { findRuleFiles, loadRules } from './load-rules.ts';
export { parseJson } from './parse-json.ts';
export { readRuleTexts } from './read-rule-texts.ts';
