import type { LoadedRule } from '../../../diagnosis/rule.ts';
import {
  type ChangedRule,
  describeCondition,
  type RuleChange,
  type RuleSetDiff,
} from '../../../diagnosis/workbench/index.ts';
import { pickText } from '../../../model/localized-text.ts';
import type { Language } from '../../../model/vocabulary.ts';
import { counted } from './print-findings.ts';

/** How a diff marks its parts: for a terminal, or for a pull request. */
interface Marks {
  title(words: string): string;
  rule(id: string, name: string): string;
  item(words: string): string;
  /** Words that come from a rule file. */
  words(text: string): string;
}

const TEXT: Marks = {
  title: (words) => `\n${words}`,
  rule: (id, name) => `  ${id}: ${name}`,
  item: (words) => `    ${words}`,
  words: (text) => text,
};

/** Words of a rule must not become marks of the page. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|~@]/g, '\\$&').replace(/\s+/g, ' ');
}

const MARKDOWN: Marks = {
  title: (words) => `\n### ${words}\n`,
  rule: (id, name) => `- \`${id}\` ${escapeMarkdown(name)}`,
  item: (words) => `  - ${words}`,
  words: escapeMarkdown,
};

function changeLine({ what, before, after }: RuleChange, { item, words }: Marks): string {
  const subject = words(what);
  if (before === null && after === null) {
    return item(subject);
  }
  if (before === null) {
    return item(`${subject} added: ${words(after ?? '')}`);
  }
  return after === null
    ? item(`${subject} removed: ${words(before)}`)
    : item(`${subject}: ${words(before)} → ${words(after)}`);
}

function wholeRule(rule: LoadedRule, language: Language, marks: Marks): string[] {
  const { id, name, priority, conditions, event } = rule;
  const { severity, side, cause } = event.params;
  return [
    marks.rule(id, name),
    marks.item(marks.words(`priority ${priority}, ${severity}, side ${side}`)),
    marks.item(`when ${marks.words(describeCondition(conditions, language))}`),
    marks.item(`cause: ${marks.words(pickText(cause, language))}`),
  ];
}

function changedRule({ id, name, changes }: ChangedRule, marks: Marks): string[] {
  return [marks.rule(id, name), ...changes.map((change) => changeLine(change, marks))];
}

/** Prints a difference of rule sets in words, for a terminal or as Markdown for a pull request. */
export function printDiff(
  diff: RuleSetDiff,
  language: Language,
  format: 'text' | 'markdown',
): string {
  const marks = format === 'markdown' ? MARKDOWN : TEXT;
  const { added, removed, changed, same } = diff;
  const section = (title: string, parts: string[][]) =>
    parts.length === 0 ? [] : [marks.title(title), ...parts.flat()];
  const whole = (rule: LoadedRule) => wholeRule(rule, language, marks);
  const lines = [
    `${counted(added.length, 'rule')} added, ${removed.length} removed, ${changed.length} changed, ${same} the same`,
    ...section('Added', added.map(whole)),
    ...section('Removed', removed.map(whole)),
    ...section(
      'Changed',
      changed.map((rule) => changedRule(rule, marks)),
    ),
  ];
  return `${lines.join('\n')}\n`;
}
