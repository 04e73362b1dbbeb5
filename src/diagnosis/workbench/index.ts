/**
 * The entry to the workbench: the work of the `rules` commands, without input and output.
 *
 * @module
 */
export { conditionLines } from './condition-lines.ts';
export {
  type ChangedRule,
  describeCondition,
  diffRules,
  type RuleChange,
  type RuleSetDiff,
} from './diff-rules.ts';
export {
  type ExplainedComparison,
  type ExplainedCondition,
  type ExplainedRule,
  type Explanation,
  explainEvent,
} from './explain-event.ts';
export { shadowFindings } from './find-shadows.ts';
export { formatConditions, formatPatch, formatRule } from './format-rule.ts';
export { lintRules } from './lint-rules.ts';
export { makePatch, patchFile } from './make-patch.ts';
export { type Coverage, type Covered, measureCoverage } from './measure-coverage.ts';
export { makeSkeleton, makeTeamFolder } from './rule-templates.ts';
export { compareWithEngine, testRules } from './test-rules.ts';
