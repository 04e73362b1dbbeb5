/**
 * The entry to rule files: finds, reads, checks and loads them.
 *
 * @module
 */
export { checkFolders } from './check-folders.ts';
export { checkRuleText } from './check-rule.ts';
export {
  type Finding,
  loadPack,
  loadRules,
  makeRuleSet,
  problemsAsFindings,
} from './load-rules.ts';
export { JsonSyntaxError, parseJson } from './parse-json.ts';
export {
  findConditionFiles,
  findPatchFiles,
  findReadFiles,
  findRuleFiles,
  type RuleFile,
  readFiles,
} from './read-rule-files.ts';
export { schemaPath } from './schema-path.ts';
