import { join, relative } from 'node:path';
import type { TeamCatalogue } from '../../reasons/match-reason.ts';
import { leavesOf } from '../conditions.ts';
import { kindOfOperator } from '../operators/own-operators.ts';
import { zoneDataVersion } from '../operators/zone-clock.ts';
import {
  hashJson,
  type LoadedRule,
  type LoadResult,
  type RuleProblem,
  type RuleSet,
} from '../rule.ts';
import { applyPatches, type PackedRule, type PlacedPatch } from './apply-patches.ts';
import { checkRuleText } from './check-rule.ts';
import { type Place, parseJson } from './parse-json.ts';
import { findCatalogueFiles, findRuleFiles, readFiles, readRuleTexts } from './read-rule-files.ts';
import {
  type CatalogueFile,
  type PlacedCatalogue,
  readTeamCatalogue,
} from './read-team-catalogue.ts';
import { ruleOfReason } from './rule-of-reason.ts';
import { readSharedConditions } from './shared-conditions.ts';

/** Whether a rule compares local times, so that its results depend on the time zone data. */
function readsClock({ conditions }: LoadedRule): boolean {
  return leavesOf(conditions).some(({ operator }) => kindOfOperator(operator) === 'time');
}

/**
 * Creates a rule set, sorted by id, with a hash of its content, and of the version of the time zone data when
 * a rule compares local times.
 *
 * @param catalogue - reasons and texts of the team
 */
export function makeRuleSet(
  rules: readonly LoadedRule[],
  catalogue: TeamCatalogue = { reasons: [], texts: [] },
): RuleSet {
  const sorted = [...rules].sort((a, b) => (a.id < b.id ? -1 : 1));
  const hashes: unknown[] = sorted.map(({ id, hash }) => [id, hash]);
  if (sorted.some(readsClock)) {
    hashes.push(['time zones', zoneDataVersion()]);
  }
  const { reasons, texts } = catalogue;
  return reasons.length + texts.length === 0
    ? { hash: hashJson(hashes), rules: sorted }
    : { hash: hashJson([...hashes, reasons, texts]), rules: sorted, catalogue };
}

/** The entries of catalogues without their places. */
function plainCatalogue({ reasons, texts }: PlacedCatalogue): TeamCatalogue {
  return {
    reasons: reasons.map(({ file: _file, line: _line, ...reason }) => reason),
    texts: texts.map(({ reason, language, text }) => ({ reason, language, text })),
  };
}

/** The catalogues of several folders; `byFolder` has those of each. */
interface LoadedCatalogues extends PlacedCatalogue {
  byFolder: Map<string, PlacedCatalogue>;
}

/** Reads the catalogue files of folders. A later folder may use the reasons of an earlier one. */
export async function loadCatalogues(folders: readonly string[]): Promise<LoadedCatalogues> {
  const all: LoadedCatalogues = { reasons: [], texts: [], problems: [], byFolder: new Map() };
  for (const folder of folders) {
    const sources = await readFiles(await findCatalogueFiles(folder));
    const readable = sources.flatMap((source): CatalogueFile[] =>
      'text' in source ? [{ file: source.path, content: source.text }] : [],
    );
    const read = readTeamCatalogue(readable, all);
    read.problems.unshift(...sources.flatMap((source) => ('text' in source ? [] : source.problem)));
    all.reasons.push(...read.reasons);
    all.texts.push(...read.texts);
    all.problems.push(...read.problems);
    all.byFolder.set(folder, read);
  }
  return all;
}

/**
 * Loads the rules of several folders. A rule of a later folder replaces the rule with the same id, so a
 * team can override shipped rules, and a patch of a later folder changes parts of one. A bad file is skipped and
 * reported with line and column. The other files are loaded, and a rule that the bad file would have replaced stays
 * active.
 *
 * @param folders - a later folder overrides an earlier one
 * @throws BreakwatchError RULES_FOLDER_MISSING when a folder cannot be read
 */
export async function loadRules(folders: readonly string[]): Promise<LoadResult> {
  return loadPack(folders);
}

/**
 * Loads the rules of a folder: those of its reasons, and those of its files.
 *
 * @param catalogues - of this folder, and of others whose reasons the rules may use
 */
async function loadFiles(
  folder: string,
  catalogues: LoadedCatalogues,
): Promise<{ rules: LoadedRule[]; problems: RuleProblem[] }> {
  const byId = new Map<string, LoadedRule>();
  const known = new Set(catalogues.reasons.map(({ id }) => id));
  const own = catalogues.byFolder.get(folder);
  const { shared, problems: ofShared } = await readSharedConditions(folder);
  const problems = [...(own?.problems ?? []), ...ofShared];
  for (const { file, line: _line, ...reason } of own?.reasons ?? []) {
    const rule = ruleOfReason(reason, relative(folder, file).replaceAll('\\', '/'));
    byId.set(rule.id, rule);
  }
  for (const source of await readFiles(await findRuleFiles(folder))) {
    const { path, file } = source;
    if ('problem' in source) {
      problems.push(source.problem);
      continue;
    }
    const checked = checkRuleText(source.text, file, known, shared);
    if (checked.kind === 'rule') {
      byId.set(checked.rule.id, checked.rule);
    } else if (checked.kind === 'mistakes') {
      for (const { line, column, message } of checked.mistakes) {
        problems.push({ file: path, line, column, message });
      }
    }
  }
  return { rules: [...byId.values()], problems };
}

/** The rules of several folders as one set that knows the folder of each rule. */
export interface RulePack {
  ruleSet: RuleSet;
  /** Problems in the own folders. */
  problems: RuleProblem[];
  /** The patches in force. */
  patches: PlacedPatch[];
  /** Whether a rule comes from an own folder. */
  isOwn(rule: Pick<LoadedRule, 'id'>): boolean;
  /** Position of the folder of a rule: a higher one overrides. -1 when there is no such rule. */
  levelOf(rule: Pick<LoadedRule, 'id'>): number;
  /** Whether a rule, by id, comes from a folder that overrides the folder of another rule. */
  liesOver(upper: string, lower: string): boolean;
  /** Path of the file of a rule, as it was opened. */
  pathOf(rule: Pick<LoadedRule, 'id' | 'file'>): string;
}

/**
 * Loads folders as `loadRules` does, and remembers the folder of each rule.
 *
 * @param own - the folders to check; a later one overrides an earlier one
 * @param below - folders that the own folders override
 * @throws BreakwatchError RULES_FOLDER_MISSING when a folder cannot be read
 */
export async function loadPack(
  own: readonly string[],
  below: readonly string[] = [],
): Promise<RulePack> {
  const byId = new Map<string, PackedRule>();
  const problems: RuleProblem[] = [];
  const patches: PlacedPatch[] = [];
  const catalogues = await loadCatalogues([...below, ...own]);
  const reasons = new Set(catalogues.reasons.map(({ id }) => id));
  for (const [level, folder] of [...below, ...own].entries()) {
    const isOwn = level >= below.length;
    const loaded = await loadFiles(folder, catalogues);
    for (const rule of loaded.rules) {
      byId.set(rule.id, { rule, folder, level });
    }
    const patched = await applyPatches({ folder, level, byId, earlier: patches, reasons });
    patches.push(...patched.patches);
    problems.push(...(isOwn ? [...loaded.problems, ...patched.problems] : []));
  }
  const levelOf: RulePack['levelOf'] = ({ id }) => byId.get(id)?.level ?? -1;
  return {
    ruleSet: makeRuleSet(
      [...byId.values()].map(({ rule }) => rule),
      plainCatalogue(catalogues),
    ),
    problems,
    patches,
    isOwn: (rule) => levelOf(rule) >= below.length,
    levelOf,
    liesOver: (upper, lower) => levelOf({ id: upper }) > levelOf({ id: lower }),
    pathOf: ({ id, file }) => join(byId.get(id)?.folder ?? '', file),
  };
}

/** Converts the problems of rule files to findings. `rules lint` reports more details. */
export function problemsAsFindings(problems: readonly RuleProblem[]): Finding[] {
  return problems.map((problem) => ({ level: 'error', check: 'load', ...problem }));
}

/** Position of a part of a rule in its file. Returns the start if the file was changed in the meantime. */
export async function placeInFile(path: string, pointer: string): Promise<Place> {
  const [source] = await readRuleTexts([path]);
  try {
    const text = source && 'text' in source ? source.text : '';
    return parseJson(text.replace(/^\ufeff/, '')).placeOf(pointer);
  } catch {
    return { line: 1, column: 1 };
  }
}

/** A finding of a workbench check in a rule file. */
export interface Finding {
  /** An error fails a build, a warning does not. */
  level: 'error' | 'warning';
  /** Name of the check, e.g. `schema` or `language`. */
  check: string;
  /** Path of the file, as it was opened. */
  file: string;
  /** Line, from 1. */
  line: number;
  /** Column, from 1, in UTF-16 units. */
  column: number;
  message: string;
}

/** Orders findings by file, then by position. */
export function compareFindings(a: Finding, b: Finding): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column;
}
