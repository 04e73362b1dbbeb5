import type {
  ExplainedComparison,
  ExplainedCondition,
  ExplainedRule,
  Explanation,
} from '../../../diagnosis/workbench/index.ts';
import { describeEvidence } from '../../../model/describe-fact.ts';
import { GROUND_WORDS } from '../../../model/ground-words.ts';
import { pickText } from '../../../model/localized-text.ts';
import type { Language } from '../../../model/vocabulary.ts';
import { wrapText } from '../../output/wrap-text.ts';
import { counted } from './print-findings.ts';

function quoted(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

/** Describes the value of a fact and what the rule expects, with the name of the fact to edit the rule. */
function comparisonWords(comparison: ExplainedComparison, language: Language): string {
  const { fact, actual } = comparison;
  const words = describeEvidence(
    { fact, ...(actual === undefined ? {} : { value: actual }), expected: [comparison] },
    language,
  );
  return `${words} [${fact}]`;
}

function resultWords(result: boolean | null): string {
  return result === null ? 'skip' : result ? 'PASS' : 'FAIL';
}

/** Formats a tree of conditions, each with PASS, FAIL or skip and the value of the fact. */
function conditionLines(
  condition: ExplainedCondition,
  indent: string,
  language: Language,
): string[] {
  const head = `${indent}${resultWords(condition.result)}  `;
  const rest = ' '.repeat(head.length + 2);
  if (!('fact' in condition)) {
    return [
      `${head}${condition.join}`,
      ...condition.children.flatMap((child) => conditionLines(child, `${indent}  `, language)),
    ];
  }
  return wrapText(comparisonWords(condition, language), head, rest);
}

/** Formats a rule with its conditions, as part of a section. */
function ruleLines(rule: ExplainedRule, language: Language): string[] {
  const { id, priority, comparisons, missing, conditions } = rule;
  const lines = [
    ...wrapText(
      `(priority ${priority}, ${counted(comparisons, 'comparison')})`,
      `  ${id}  `,
      '    ',
    ),
    ...conditionLines(conditions, '    ', language),
  ];
  return missing.length === 0
    ? lines
    : [...lines, ...wrapText(missing.join(', '), '    could match if known: ', '      ')];
}

function wonWords({ won, winner, others }: Explanation): string {
  const count = others.length + 1;
  switch (won.by) {
    case 'fallback':
      return 'No rule matches, so the fallback rule applies.';
    case 'alone':
      return 'It is the only rule that matches.';
    case 'priority':
      return `Of ${count} rules that match, it has the highest priority (${winner?.priority}). Next is ${won.runnerUp} (${others[0]?.priority}).`;
    case 'comparisons':
      return `Of ${count} rules that match, ${won.runnerUp} has the same priority (${winner?.priority}) but fewer comparisons (${others[0]?.comparisons}, not ${winner?.comparisons}).`;
    case 'id':
      return `Of ${count} rules that match, ${won.runnerUp} has the same priority and number of comparisons, so the first id in alphabetical order wins. Give one a higher priority.`;
  }
}

function failedLines(rules: readonly ExplainedRule[], language: Language): string[] {
  return rules.flatMap((rule) => {
    const failing = firstFailing(rule.conditions, language);
    return wrapText(`${rule.id}: ${failing}`, '  ', '    ');
  });
}

function firstFailing(condition: ExplainedCondition, language: Language): string {
  if ('fact' in condition) {
    return comparisonWords(condition, language);
  }
  if (condition.join === 'not') {
    return `not (${condition.children.map((child) => firstFailing(child, language)).join(', ')})`;
  }
  const failing = condition.children.find((child) => child.result !== true);
  return failing ? firstFailing(failing, language) : condition.join;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

/** Formats an explanation for a terminal of 80 columns. */
export function printExplanation(explanation: Explanation, language: Language): string {
  const { diagnosis, match, facts, winner, others, nearMisses, failed } = explanation;
  const { rule, category, severity, side, confidence, ground, retry, runbook } = diagnosis;
  const lines = [
    ...wrapText(rule.name, `${rule.id}: `, '  '),
    ...wrapText(
      `${category}, ${severity}, side ${side}, ${confidence} (${GROUND_WORDS[ground].en})`,
      '  ',
      '  ',
    ),
    ...wrapText(pickText(diagnosis.cause, language), '  Why:   ', '         '),
    ...diagnosis.fix.flatMap((step, index) =>
      wrapText(pickText(step, language), index === 0 ? '  Do:    ' : '         ', '         '),
    ),
    `  Retry: ${retry}   Runbook: ${runbook}`,
    ...section(
      'Known facts',
      Object.entries({ ...facts, reason: match.reason }).flatMap(([name, value]) =>
        wrapText(quoted(value), `  ${name} = `, '    '),
      ),
    ),
    ...section('Why this rule', [
      ...wrapText(wonWords(explanation), '  ', '  '),
      ...(winner ? ruleLines(winner, language) : []),
    ]),
    ...section(
      'Other rules that match',
      others.map(
        ({ id, priority, comparisons }) =>
          `  ${id}  (priority ${priority}, ${counted(comparisons, 'comparison')})`,
      ),
    ),
    ...section(
      'Rules that nearly won',
      nearMisses.flatMap((rule) => ruleLines(rule, language)),
    ),
    ...section(
      'Other rules of this reason, with the first condition that fails',
      failedLines(failed, language),
    ),
  ];
  return `${lines.join('\n')}\n`;
}
