/**
 * The door to the workbench: what the `rules` commands do, without input and output.
 *
 * @module
 */
export { describeCondition } from './describe-condition.ts';
export { type ChangedRule, diffRules, type RuleChange, type RuleSetDiff } from './diff-rules.ts';
export {
  type ExplainedComparison,
  type ExplainedCondition,
  type ExplainedRule,
  type Explanation,
  explainEvent,
} from './explain-event.ts';
export { formatRule } from './format-rule.ts';
export { lintRules, listRuleFiles } from './lint-rules.ts';
export { makeSkeleton } from './make-skeleton.ts';
export { makeTeamFolder } from './make-team-folder.ts';
export { type Coverage, type Covered, measureCoverage } from './measure-coverage.ts';
export { shadowFindings } from './shadow/shadow-findings.ts';
export { testRules } from './test-rules.ts';
