import type { Command } from 'commander';
import type { LoadedRule } from '../../../diagnosis/rule.ts';
import { loadPack } from '../../../diagnosis/rule-files/index.ts';
import {
  type ChangedRule,
  describeCondition,
  diffRules,
  type RuleChange,
  type RuleSetDiff,
} from '../../../diagnosis/workbench/index.ts';
import { pickText } from '../../../model/localized-text.ts';
import type { Language } from '../../../model/vocabulary.ts';
import { languageOption } from '../../input/options.ts';
import { counted, escapeMarkdown } from './print-findings.ts';
import {
  addFormatOptions,
  type FormatOptions,
  formatOf,
  ruleFolders,
  runCheck,
} from './rules-command.ts';

interface DiffCommandOptions extends FormatOptions {
  lang: Language;
  exitCode?: boolean;
}

async function load(folders: string[], below: string[] = []) {
  const { ruleSet, problems } = await loadPack(folders, below);
  for (const { file, line, column, message } of problems) {
    process.stderr.write(`${file}:${line}:${column}: ${message}\n`);
  }
  return ruleSet;
}

/** Loads a folder on top of the shipped rules, which its patches may change. */
async function loadNamed(folder: string) {
  const { own, below } = ruleFolders([folder]);
  return load(own, below);
}

/** Adds `breakwatch rules diff A [B]`, which compares two rules folders. */
export function addDiff(rules: Command): void {
  const command = rules
    .command('diff')
    .description('Describe what changed from one rules folder to another.')
    .argument('<a>', 'the old folder; or your folder, to compare it with the shipped rules')
    .argument('[b]', 'the new folder')
    .option('--exit-code', 'exit with code 1 if there is a difference')
    .addOption(languageOption());
  addFormatOptions(command, ['text', 'markdown', 'json']).action(
    (a: string, b: string | undefined, options: DiffCommandOptions) =>
      runCheck(async () => {
        const { own, below } = ruleFolders([a]);
        const [before, after] =
          b === undefined
            ? [await load(below), await load(own, below)]
            : [await load(own, below), await loadNamed(b)];
        const diff = diffRules(before, after, options.lang);
        const format = formatOf(options);
        process.stdout.write(
          format === 'json'
            ? `${JSON.stringify(diff)}\n`
            : printDiff(diff, options.lang, format === 'markdown' ? 'markdown' : 'text'),
        );
        const differing = diff.added.length + diff.removed.length + diff.changed.length;
        return !options.exitCode || differing === 0;
      }),
  );
}

/** How a diff formats its parts: for a terminal, or for a pull request. */
interface Marks {
  title(words: string): string;
  rule(id: string, name: string): string;
  item(words: string): string;
  /** Escapes a text from a rule file. */
  words(text: string): string;
}

const TEXT: Marks = {
  title: (words) => `\n${words}`,
  rule: (id, name) => `  ${id}: ${name}`,
  item: (words) => `    ${words}`,
  words: (text) => text,
};

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

/** Formats the difference of two rule sets, for a terminal or as Markdown for a pull request. */
function printDiff(diff: RuleSetDiff, language: Language, format: 'text' | 'markdown'): string {
  const marks = format === 'markdown' ? MARKDOWN : TEXT;
  const { added, removed, changed, same } = diff;
  const section = (title: string, parts: string[][]) =>
    parts.length === 0 ? [] : [marks.title(title), ...parts.flat()];
  const whole = (rule: LoadedRule) => wholeRule(rule, language, marks);
  const lines = [
    `${counted(added.length, 'rule')} added, ${removed.length} removed, ${changed.length} changed, ${same} unchanged`,
    ...section('Added', added.map(whole)),
    ...section('Removed', removed.map(whole)),
    ...section(
      'Changed',
      changed.map((rule) => changedRule(rule, marks)),
    ),
  ];
  return `${lines.join('\n')}\n`;
}
