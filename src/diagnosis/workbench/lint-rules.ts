import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { matchesPattern } from '../../model/query.ts';
import { LANGUAGES, type Language } from '../../model/vocabulary.ts';
import { compileRules } from '../compile/compile-rules.ts';
import type { LoadedRule, Rule } from '../rule.ts';
import { checkRuleText, type LocatedMistake } from '../rule-files/check-rule.ts';
import { compareFindings, type Finding } from '../rule-files/load-rules.ts';
import type { LocatedJson } from '../rule-files/parse-json.ts';
import { findRuleFiles, type RuleText, readRuleTexts } from '../rule-files/read-rule-files.ts';
import { shippedRulesFolder } from '../rule-files/shipped-rules-folder.ts';
import { askLanguageService } from './ask-language-service.ts';
import { applyWaiver, checkUpkeep, type UpkeepOptions } from './check-upkeep.ts';

/** What lint is asked. */
export interface LintOptions {
  /** `YYYY-MM-DD`, UTC; for waivers that end. */
  today: string;
  /** Languages that every text must have; all four when absent. */
  languages?: readonly Language[];
  /** Folders whose rules the linted ones lie over; tests may name their ids. */
  below?: readonly string[];
}

/** What lint found. */
export interface LintResult {
  /** By file and place. */
  findings: Finding[];
  /** Files that were read as rules. */
  files: number;
}

interface LintedRule {
  path: string;
  rule: LoadedRule;
  document: LocatedJson;
}

/** Beyond this many bad files only the first mistake of each is told, which takes no editor. */
const MAX_QUESTIONS = 1_000;
/** A longer text is no rule that someone writes in an editor, and may be meant to keep us busy. */
const MAX_ASKED_LENGTH = 100_000;
/** More mistakes in one file tell nothing new. */
const MAX_REPORTED = 20;

async function namesOfRunbooks(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch(() => []);
  return files.filter((file) => file.endsWith('.md')).map((file) => file.slice(0, -3));
}

/** The runbooks that rules of a folder may name: the shipped ones, and its own below `runbooks`. */
async function runbooksFor(
  folder: string,
): Promise<Pick<UpkeepOptions, 'runbooks' | 'runbooksRequired'>> {
  const shipped = shippedRulesFolder();
  const isShipped = resolve(folder) === resolve(shipped);
  const names = await namesOfRunbooks(join(dirname(shipped), 'docs', 'runbooks'));
  const own = isShipped ? [] : await namesOfRunbooks(join(folder, 'runbooks'));
  return { runbooks: new Set([...names, ...own]), runbooksRequired: isShipped };
}

/** What an editor would mark; where it sees nothing wrong, what our own check found. */
async function explainMistakes(
  text: string,
  mistakes: LocatedMistake[],
  document: LocatedJson | undefined,
): Promise<(LocatedMistake & { hint?: string })[]> {
  const [first] = mistakes;
  const forEditors = first?.check === 'syntax' || first?.check === 'schema';
  if (!first || !forEditors || text.length > MAX_ASKED_LENGTH) {
    return mistakes;
  }
  const marked = await askLanguageService(text, document).catch((thrown: unknown) => {
    // It goes down as deep as the text does, however deep that is.
    if (thrown instanceof RangeError) {
      return [];
    }
    throw thrown;
  });
  if (first.check === 'syntax' && !marked.some(({ check }) => check === 'syntax')) {
    return mistakes;
  }
  return marked.length > 0 ? marked.slice(0, MAX_REPORTED) : mistakes;
}

/** A line of tests that expects a rule which nobody has. */
function checkExpectations({ rule, document }: LintedRule, known: ReadonlySet<string>) {
  return rule.tests.flatMap(({ expect }, index) =>
    expect.includes('/') && !known.has(expect)
      ? [
          {
            ...document.placeOf(`/tests/${index}/expect`),
            level: 'error' as const,
            check: 'expect',
            message: `the rule ${expect} does not exist`,
          },
        ]
      : [],
  );
}

/** What a rule keeps quiet without there being such a rule, most likely after a renaming. */
function checkInhibits({ rule, document }: LintedRule, known: ReadonlySet<string>) {
  return (rule.event.params.alert?.inhibits ?? []).flatMap((pattern, index) =>
    [...known].some((id) => id !== rule.id && matchesPattern(pattern, id))
      ? []
      : [
          {
            ...document.placeOf(`/event/params/alert/inhibits/${index}`),
            level: 'error' as const,
            check: 'inhibits',
            message: `no other rule matches ${pattern}`,
          },
        ],
  );
}

/**
 * Lints the rule files of folders. A file with bad JSON or against the schema is told as VS Code
 * tells it; then come the checks of the loader, then what makes a rule hard to live with, which a
 * rule may waive. Every finding has a place; no file can make it throw.
 *
 * @throws BreakwatchError RULES_FOLDER_MISSING when a folder can not be read
 */
export async function lintRules(
  folders: readonly string[],
  options: LintOptions,
): Promise<LintResult> {
  const { today, languages = LANGUAGES, below = [] } = options;
  const findings: Finding[] = [];
  const linted: LintedRule[] = [];
  let files = 0;
  let asked = 0;
  for (const folder of folders) {
    const upkeep = { languages, ...(await runbooksFor(folder)) };
    const found = await findRuleFiles(folder);
    const texts = await readRuleTexts(found.map(({ path }) => path));
    for (const [index, { path, file }] of found.entries()) {
      const source = texts[index] as RuleText;
      if ('unreadable' in source) {
        const message = `cannot read the file: ${source.unreadable}`;
        findings.push({ level: 'error', check: 'file', file: path, line: 1, column: 1, message });
        continue;
      }
      const checked = checkRuleText(source.text, file);
      if (checked.kind === 'other') {
        continue;
      }
      files += 1;
      if (source.text.startsWith('\ufeff')) {
        findings.push({
          level: 'warning',
          check: 'byte-order-mark',
          file: path,
          line: 1,
          column: 1,
          message: 'the file starts with a byte order mark; save it as UTF-8 without one',
        });
      }
      if (checked.kind === 'mistakes') {
        asked += 1;
        const mistakes =
          asked > MAX_QUESTIONS
            ? checked.mistakes
            : await explainMistakes(
                source.text.replace(/^\ufeff/, ''),
                checked.mistakes,
                checked.document,
              );
        findings.push(
          ...mistakes.map((mistake) => ({ level: 'error' as const, file: path, ...mistake })),
        );
        continue;
      }
      const { rule, document } = checked;
      linted.push({ path, rule, document });
      const { lint } = document.value as Rule;
      for (const { pointer, ...mistake } of applyWaiver(checkUpkeep(rule, upkeep), lint, today)) {
        findings.push({ file: path, ...document.placeOf(pointer), ...mistake });
      }
    }
  }
  const known = new Set(linted.map(({ rule }) => rule.id));
  for (const folder of below) {
    for (const { file } of await findRuleFiles(folder)) {
      known.add(file.replace(/\.json$/, ''));
    }
  }
  for (const one of linted) {
    const mistakes = [...checkExpectations(one, known), ...checkInhibits(one, known)];
    findings.push(...mistakes.map((mistake) => ({ file: one.path, ...mistake })));
  }
  // The schema leaves little that compiling refuses; what is left must not come to light in service.
  for (const { index, pointer, message } of compileRules(linted.map(({ rule }) => rule)).problems) {
    const { path, document } = linted[index] as LintedRule;
    findings.push({
      level: 'error',
      check: 'compile',
      file: path,
      ...document.placeOf(pointer),
      message,
    });
  }
  return { findings: findings.sort(compareFindings), files };
}
