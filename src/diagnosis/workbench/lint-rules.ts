import { join, resolve } from 'node:path';
import { withMeant } from '../../model/errors.ts';
import { matchesPattern } from '../../model/query.ts';
import { LANGUAGES, type Language } from '../../model/vocabulary.ts';
import { compileRules } from '../compile/compile-rules.ts';
import type { LoadedRule, Rule } from '../rule.ts';
import { checkRuleText, type LocatedMistake } from '../rule-files/check-rule.ts';
import { explainComparisons } from '../rule-files/explain-comparison.ts';
import {
  compareFindings,
  type Finding,
  loadCatalogues,
  loadPack,
  type RulePack,
} from '../rule-files/load-rules.ts';
import type { LocatedJson } from '../rule-files/parse-json.ts';
import { findPatchFiles, findRuleFiles, readFiles } from '../rule-files/read-rule-files.ts';
import { readSharedConditions } from '../rule-files/shared-conditions.ts';
import { shippedRulesFolder, shippedRunbooksFolder } from '../rule-files/shipped-rules-folder.ts';
import { askLanguageService } from './ask-language-service.ts';
import { applyWaiver, checkUpkeep, type UpkeepOptions } from './check-upkeep.ts';
import { lintRunbooks, namesOfRunbooks } from './lint-runbooks.ts';

/** Options of lint. */
export interface LintOptions {
  /** `YYYY-MM-DD`, UTC, to find expired waivers. */
  today: string;
  /** Languages that every text must have; all when absent. */
  languages?: readonly Language[];
  /** Folders that the linted ones override; tests may refer to their rules. */
  below?: readonly string[];
  /** The rules of all these folders, if they are loaded already; patches are checked against them. */
  pack?: RulePack;
}

/** The result of lint. */
export interface LintResult {
  /** Sorted by file and position. */
  findings: Finding[];
  /** Paths of the files that were read as rules. */
  paths: string[];
}

interface LintedRule {
  path: string;
  rule: LoadedRule;
  document: LocatedJson;
}

/** Maximum number of bad files for the language service. For others the loader's mistake is reported. */
const MAX_QUESTIONS = 1_000;
/** Maximum length of a text that the language service checks. No hand-written rule is longer. */
const MAX_ASKED_LENGTH = 100_000;
/** Maximum number of reported mistakes in one file. */
const MAX_REPORTED = 20;

/** The runbooks that rules of a folder may name: the shipped ones, and those in its folder `runbooks`. */
async function runbooksFor(
  folder: string,
): Promise<Pick<UpkeepOptions, 'runbooks' | 'runbooksRequired'> & { runbooksFolder: string }> {
  const shipped = shippedRunbooksFolder();
  const isShipped = resolve(folder) === resolve(shippedRulesFolder());
  const runbooksFolder = isShipped ? shipped : join(folder, 'runbooks');
  const names = [...(await namesOfRunbooks(shipped)), ...(await namesOfRunbooks(runbooksFolder))];
  return { runbooks: new Set(names), runbooksRequired: isShipped, runbooksFolder };
}

/** The mistakes that an editor would mark, or else those that the loader found. */
async function explainMistakes(
  text: string,
  mistakes: LocatedMistake[],
  document: LocatedJson | undefined,
): Promise<LocatedMistake[]> {
  const [first] = mistakes;
  // Of a text that is not JSON, the parser says what is wrong first.
  if (first?.check !== 'schema' || text.length > MAX_ASKED_LENGTH) {
    return mistakes;
  }
  const marked = await askLanguageService(text, document).catch((thrown: unknown) => {
    // It recurses as deep as the text is nested.
    if (thrown instanceof RangeError) {
      return [];
    }
    throw thrown;
  });
  if (marked.length === 0) {
    return mistakes;
  }
  // Of comparisons, our words say what is possible for the fact.
  const compared = document ? explainComparisons(document) : [];
  const isSame = (one: LocatedMistake) =>
    compared.some(({ line, column }) => line === one.line && column === one.column);
  return [
    ...compared.map((mistake) => ({ ...mistake, check: 'schema' })),
    ...marked.filter((one) => !isSame(one)),
  ].slice(0, MAX_REPORTED);
}

/** Finds tests that expect a rule that does not exist. */
function checkExpectations({ rule, document }: LintedRule, known: ReadonlySet<string>) {
  return rule.tests.flatMap(({ expect }, index) =>
    expect.includes('/') && !known.has(expect)
      ? [
          {
            ...document.placeOf(`/tests/${index}/expect`),
            level: 'error' as const,
            check: 'expect',
            message: withMeant(`the rule ${expect} does not exist`, expect, known),
          },
        ]
      : [],
  );
}

/** Finds patterns in `inhibits` that match no rule, most likely after a rule was renamed. */
function checkInhibits({ rule, document }: LintedRule, known: ReadonlySet<string>) {
  return (rule.event.params.alert?.inhibits ?? []).flatMap((pattern, index) =>
    [...known].some((id) => id !== rule.id && matchesPattern(pattern, id))
      ? []
      : [
          {
            ...document.placeOf(`/event/params/alert/inhibits/${index}`),
            level: 'error' as const,
            check: 'inhibits',
            message: withMeant(`no other rule matches ${pattern}`, pattern, known),
          },
        ],
  );
}

/** Finds mistakes in patches, and those whose rule has changed since they were written. */
async function lintPatches(
  folders: readonly string[],
  below: readonly string[],
  loaded: RulePack | undefined,
): Promise<Finding[]> {
  const files = (await Promise.all(folders.map(findPatchFiles))).flat();
  if (files.length === 0) {
    return [];
  }
  const own = new Set(files.map(({ path }) => path));
  const { patches, problems } = loaded ?? (await loadPack(folders, below));
  return [
    ...problems
      .filter(({ file }) => own.has(file))
      .map((problem) => ({ level: 'error' as const, check: 'patch', ...problem })),
    ...patches
      .filter(({ file, against, base }) => own.has(file) && against !== base)
      .map(({ file, line, column, rule, against, base }) => ({
        level: 'warning' as const,
        check: 'patch-base',
        file,
        line,
        column,
        message: `${rule} has changed since this patch was written against ${against}; read it, then write ${base} here`,
      })),
  ];
}

/**
 * Lints the rule files of folders. First it checks JSON and schema, with the messages of VS Code, then it runs
 * the checks of the loader, then the checks of `checkUpkeep`, which a rule can disable. Every finding has a
 * position. No file content makes it throw.
 *
 * @throws BreakwatchError RULES_FOLDER_MISSING when a folder cannot be read
 */
export async function lintRules(
  folders: readonly string[],
  options: LintOptions,
): Promise<LintResult> {
  const { today, languages = LANGUAGES, below = [], pack } = options;
  const findings: Finding[] = [];
  const linted: LintedRule[] = [];
  const paths: string[] = [];
  let asked = 0;
  const catalogues = await loadCatalogues([...below, ...folders]);
  const reasons = new Set(catalogues.reasons.map(({ id }) => id));
  for (const folder of folders) {
    const { problems = [] } = catalogues.byFolder.get(folder) ?? {};
    findings.push(
      ...problems.map((problem) => ({ level: 'error' as const, check: 'catalogue', ...problem })),
    );
    const { runbooksFolder, ...runbooks } = await runbooksFor(folder);
    findings.push(...(await lintRunbooks(runbooksFolder, languages, runbooks.runbooksRequired)));
    const upkeep = { languages, ...runbooks };
    const { shared, problems: ofShared } = await readSharedConditions(folder);
    findings.push(
      ...ofShared.map((problem) => ({ level: 'error' as const, check: 'condition', ...problem })),
    );
    for (const source of await readFiles(await findRuleFiles(folder))) {
      const { path, file } = source;
      if ('problem' in source) {
        findings.push({ level: 'error', check: 'file', ...source.problem });
        continue;
      }
      const checked = checkRuleText(source.text, file, reasons, shared);
      if (checked.kind === 'other') {
        continue;
      }
      paths.push(path);
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
  findings.push(...(await lintPatches(folders, below, pack)));
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
  // The schema prevents most errors of the compiler. Report the others here, not in production.
  const bare = linted.map(({ rule: { id, priority, conditions, event } }) => {
    return { id, priority, conditions, event: { type: event.type } };
  });
  for (const { index, pointer, message } of compileRules(bare).problems) {
    const { path, document } = linted[index] as LintedRule;
    findings.push({
      level: 'error',
      check: 'compile',
      file: path,
      ...document.placeOf(pointer),
      message,
    });
  }
  return { findings: findings.sort(compareFindings), paths };
}
