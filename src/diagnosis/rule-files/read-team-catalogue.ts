import { printReasonCode, type ReasonCode } from '../../model/break.ts';
import { BreakwatchError, type ErrorDetails, nearestName } from '../../model/errors.ts';
import { isObject } from '../../model/is-object.ts';
import {
  CATEGORIES,
  isOneOf,
  LANGUAGES,
  OUTCOMES,
  SEVERITIES,
  SIDES,
} from '../../model/vocabulary.ts';
import {
  isSameText,
  shippedReasonOfCode,
  shippedReasonsOf,
  type TeamText,
} from '../../reasons/match-reason.ts';
import { ALL_REASONS, type TeamReason } from '../../reasons/reason-catalogue.ts';
import type { RuleProblem } from '../rule.ts';
import { TEAM_REASON } from './condition-schema.ts';
import { JsonSyntaxError, type LocatedJson, parseJson } from './parse-json.ts';

/** Where an entry of a catalogue file is. */
interface Placed {
  file: string;
  line: number;
}

/** The usable entries of catalogue files, and the problems of the others. */
export interface PlacedCatalogue {
  reasons: (TeamReason & Placed)[];
  texts: (TeamText & Placed)[];
  problems: RuleProblem[];
}

/** A catalogue file as it was read. */
export interface CatalogueFile {
  /** Path of the file, for problems. */
  file: string;
  content: string;
}

/** Languages of reason texts. */
const TEXT_LANGUAGES = [...LANGUAGES, 'id'] as const;
/** Maximum length of a text, in characters. The shipped ones have about 100. */
const MAX_LENGTH = 500;
const REASON_KEYS = [
  'id',
  'category',
  'side',
  'title',
  'texts',
  'outcome',
  'severity',
  'retry',
  'cause',
  'fix',
  'codes',
];

type CatalogueCode = 'CATALOGUE_BAD_ENTRY' | 'CATALOGUE_CONTRADICTS' | 'CATALOGUE_AMBIGUOUS';
type Report = (pointer: string, code: CatalogueCode, details: ErrorDetails) => void;

/**
 * Reads the catalogue files of a team: its own reasons, and texts that it adds to reasons:
 * `{"reasons": [{"id": "team_relay", "category": "network", "side": "us", "title": {"en": "…"}, "texts": {"en": ["…"]}}],
 * "texts": [{"reason": "network", "language": "en", "text": "…"}]}`. An entry that is wrong, or that contradicts
 * the shipped catalogue or an earlier entry, is reported; the others are used.
 *
 * @param earlier - entries of folders that were read before
 */
export function readTeamCatalogue(
  files: readonly CatalogueFile[],
  earlier: PlacedCatalogue,
): PlacedCatalogue {
  const found: PlacedCatalogue = { reasons: [], texts: [], problems: [] };
  const documents = files.flatMap(({ file, content }) => {
    try {
      return [{ file, json: parseJson(content.replace(/^\ufeff/, '')) }];
    } catch (thrown) {
      if (thrown instanceof JsonSyntaxError) {
        found.problems.push({ file, ...thrown.place, message: thrown.message });
        return [];
      }
      throw thrown;
    }
  });
  // All reasons first, because a text may be in another file than its reason.
  for (const { file, json } of documents) {
    readReasons(file, json, found, earlier, reporter(file, json, found.problems));
  }
  for (const { file, json } of documents) {
    readTexts(file, json, found, earlier, reporter(file, json, found.problems));
  }
  const byPlace = (a: RuleProblem, b: RuleProblem) =>
    a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1;
  found.problems.sort(byPlace);
  return found;
}

function reporter(file: string, json: LocatedJson, problems: RuleProblem[]): Report {
  return (pointer, code, details) => {
    const { message, remedy } = new BreakwatchError(code, details);
    problems.push({ file, ...json.placeOf(pointer), message: `${code}: ${message} ${remedy}` });
  };
}

function readReasons(
  file: string,
  json: LocatedJson,
  found: PlacedCatalogue,
  earlier: PlacedCatalogue,
  report: Report,
): void {
  const root = isObject(json.value) ? json.value : {};
  const bad = (pointer: string, problem: string) =>
    report(pointer, 'CATALOGUE_BAD_ENTRY', { problem });
  for (const name of Object.keys(root)) {
    if (!['$schema', 'reasons', 'texts'].includes(name)) {
      bad(`/${name}`, `the key "${name}" is not supported`);
    }
  }
  for (const name of ['reasons', 'texts']) {
    if (root[name] !== undefined && !Array.isArray(root[name])) {
      bad(`/${name}`, `"${name}" must be a list`);
    }
  }
  if (root.reasons === undefined && root.texts === undefined) {
    bad('', 'the file must have a list "reasons" or a list "texts"');
  }
  for (const [index, row] of listOf(root.reasons).entries()) {
    const pointer = `/reasons/${index}`;
    const mistake = mistakeOfReason(row);
    if (mistake) {
      bad(`${pointer}${mistake.pointer}`, mistake.problem);
      continue;
    }
    const { texts: _texts, ...reason } = row as unknown as TeamReason & { texts?: unknown };
    const all = [...earlier.reasons, ...found.reasons];
    const same = all.find(({ id }) => id === reason.id);
    if (same) {
      bad(`${pointer}/id`, `the reason ${reason.id} is already at ${same.file}:${same.line}`);
      continue;
    }
    const codes = (reason.codes ?? []).filter((code, place) =>
      isFreeCode(code, reason.id, all, (error, details) =>
        report(`${pointer}/codes/${place}`, error, details),
      ),
    );
    const { line } = json.placeOf(pointer);
    found.reasons.push({ ...reason, ...(reason.codes ? { codes } : {}), file, line });
  }
}

/** Whether a code is in no other reason. */
function isFreeCode(
  code: ReasonCode,
  reason: string,
  all: readonly (TeamReason & Placed)[],
  report: (code: CatalogueCode, details: ErrorDetails) => void,
): boolean {
  const text = printReasonCode(code);
  const shipped = shippedReasonOfCode(code);
  if (shipped !== undefined) {
    report('CATALOGUE_CONTRADICTS', { text, reason, shipped });
    return false;
  }
  const same = all.find((one) => one.codes?.some((other) => printReasonCode(other) === text));
  if (same) {
    report('CATALOGUE_AMBIGUOUS', {
      text,
      reason,
      first: `${same.id} (${same.file}:${same.line})`,
    });
  }
  return !same;
}

function readTexts(
  file: string,
  json: LocatedJson,
  found: PlacedCatalogue,
  earlier: PlacedCatalogue,
  report: Report,
): void {
  const root = isObject(json.value) ? json.value : {};
  const ids = [...ALL_REASONS, ...earlier.reasons, ...found.reasons].map(({ id }) => id);
  const add = (pointer: string, row: unknown) => {
    const problem = problemOfText(row, ids);
    if (problem !== null) {
      report(pointer, 'CATALOGUE_BAD_ENTRY', { problem });
      return;
    }
    const { reason, language, text } = row as TeamText;
    const shipped = shippedReasonsOf(text);
    if (shipped.length > 0) {
      if (!shipped.includes(reason)) {
        report(pointer, 'CATALOGUE_CONTRADICTS', { text, reason, shipped: shipped.join(', ') });
      }
      return;
    }
    const same = [...earlier.texts, ...found.texts].find((one) => isSameText(one.text, text));
    if (!same) {
      found.texts.push({ reason, language, text, file, line: json.placeOf(pointer).line });
    } else if (same.reason !== reason) {
      const first = `${same.reason} (${same.file}:${same.line})`;
      report(pointer, 'CATALOGUE_AMBIGUOUS', { text, reason, first });
    }
  };
  for (const [index, row] of listOf(root.reasons).entries()) {
    // The texts of a reason that is wrong are not reported as well.
    const { line } = json.placeOf(`/reasons/${index}`);
    const fields = isObject(row) ? row : {};
    const reason = found.reasons.find(
      (one) => one.id === fields.id && one.file === file && one.line === line,
    )?.id;
    const texts = isObject(fields.texts) && reason !== undefined ? fields.texts : {};
    for (const [language, list] of Object.entries(texts)) {
      for (const [place, text] of listOf(list).entries()) {
        add(`/reasons/${index}/texts/${language}/${place}`, { reason, language, text });
      }
    }
  }
  for (const [index, row] of listOf(root.texts).entries()) {
    add(`/texts/${index}`, row);
  }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Finds the first mistake of a reason; null when there is none. */
function mistakeOfReason(row: unknown): { pointer: string; problem: string } | null {
  if (!isObject(row)) {
    return { pointer: '', problem: 'a reason must be an object with id, category, side and title' };
  }
  const at = (pointer: string, problem: string) => ({ pointer, problem });
  const unknown = Object.keys(row).find((name) => !REASON_KEYS.includes(name));
  if (unknown !== undefined) {
    const meant = nearestName(unknown, REASON_KEYS);
    const hint = meant ? `; did you mean "${meant}"?` : '';
    return at(`/${unknown}`, `the key "${unknown}" is not supported${hint}`);
  }
  const { id, title, cause, fix, retry, texts, codes } = row;
  if (typeof id !== 'string' || !new RegExp(TEAM_REASON).test(id)) {
    return at(
      id === undefined ? '' : '/id',
      'id must begin with team_ and have only a-z, 0-9 and _, for example team_relay_restart',
    );
  }
  const lists = { category: CATEGORIES, side: SIDES, outcome: OUTCOMES, severity: SEVERITIES };
  for (const [name, list] of Object.entries(lists)) {
    const value = row[name];
    const isRequired = name === 'category' || name === 'side';
    if ((value !== undefined || isRequired) && !isOneOf(list, value)) {
      return at(value === undefined ? '' : `/${name}`, `${name} must be one of ${list.join(', ')}`);
    }
  }
  if (!isLocalized(title)) {
    return at(title === undefined ? '' : '/title', 'title must have a text for "en"');
  }
  if (cause !== undefined && !isLocalized(cause)) {
    return at('/cause', 'cause must have a text for "en"');
  }
  if (fix !== undefined && !(Array.isArray(fix) && fix.length > 0 && fix.every(isLocalized))) {
    return at('/fix', 'fix must be a list of texts, each with "en"');
  }
  if (retry !== undefined && !/^(?:none|after-fix|[1-9]\d*s)$/.test(String(retry))) {
    return at('/retry', 'retry must be none, after-fix, or a wait such as 30s');
  }
  if (texts !== undefined && !(isObject(texts) && Object.values(texts).every(Array.isArray))) {
    return at('/texts', 'texts must have a list for each language, for example {"en": ["…"]}');
  }
  if (codes !== undefined && !(Array.isArray(codes) && codes.every(isCode))) {
    return at('/codes', 'codes must be a list such as [{"errcode": 40, "subErrcode": null}]');
  }
  return null;
}

/** Whether a value is a text in some languages, with English, and without facts. */
function isLocalized(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value.en === 'string' &&
    Object.entries(value).every(
      ([language, text]) =>
        isOneOf(LANGUAGES, language) &&
        typeof text === 'string' &&
        text.trim() !== '' &&
        !/\{\{|\[\[/.test(text),
    )
  );
}

function isCode(value: unknown): boolean {
  return (
    isObject(value) &&
    Number.isSafeInteger(value.errcode) &&
    (value.subErrcode === null || Number.isSafeInteger(value.subErrcode))
  );
}

/** @returns what is wrong with a text; null when nothing is */
function problemOfText(row: unknown, ids: readonly string[]): string | null {
  if (!isObject(row)) {
    return 'an entry must be an object with reason, language and text';
  }
  const { reason, language, text } = row;
  if (typeof reason !== 'string' || !ids.includes(reason)) {
    const meant = nearestName(String(reason), [...ids]);
    return `there is no reason "${String(reason)}"${meant ? `; did you mean "${meant}"?` : ''}`;
  }
  if (!isOneOf(TEXT_LANGUAGES, language)) {
    return `language must be one of ${TEXT_LANGUAGES.join(', ')}`;
  }
  return typeof text === 'string' && text.trim() !== '' && text.length <= MAX_LENGTH
    ? null
    : `text must be a string of 1 to ${MAX_LENGTH} characters`;
}
