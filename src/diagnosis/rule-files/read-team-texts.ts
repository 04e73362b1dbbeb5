import { BreakwatchError, type ErrorDetails, nearestName } from '../../model/errors.ts';
import { isSameText, shippedReasonsOf, type TeamText } from '../../reasons/match-reason.ts';
import { ALL_REASONS, reasonById } from '../../reasons/reason-catalogue.ts';
import type { RuleProblem } from '../rule.ts';
import { JsonSyntaxError, type LocatedJson, parseJson } from './parse-json.ts';

/** A text of a catalogue file, and where it is. */
export interface PlacedText extends TeamText {
  file: string;
  line: number;
}

/** The usable texts of a file, and the problems of the others. */
interface TeamTexts {
  texts: PlacedText[];
  problems: RuleProblem[];
}

/** Languages of reason texts. */
const LANGUAGES = ['en', 'zh', 'ja', 'ko', 'id'];
/** Maximum length of a text, in characters. The shipped ones have about 100. */
const MAX_LENGTH = 500;

type CatalogueCode = 'CATALOGUE_BAD_ENTRY' | 'CATALOGUE_CONTRADICTS' | 'CATALOGUE_AMBIGUOUS';

/**
 * Reads a catalogue file of a team: `{"texts": [{"reason": "network", "language": "en", "text": "…"}]}`. A row
 * that is wrong, or that contradicts the shipped catalogue or an earlier row, is reported; the others are
 * used.
 *
 * @param content - content of the file
 * @param file - path of the file, for problems
 * @param earlier - texts of files that were read before
 */
export function readTeamTexts(
  content: string,
  file: string,
  earlier: readonly PlacedText[],
): TeamTexts {
  const texts: PlacedText[] = [];
  const problems: RuleProblem[] = [];
  let json: LocatedJson;
  try {
    json = parseJson(content.replace(/^\ufeff/, ''));
  } catch (thrown) {
    if (thrown instanceof JsonSyntaxError) {
      return { texts, problems: [{ file, ...thrown.place, message: thrown.message }] };
    }
    throw thrown;
  }
  const report = (pointer: string, code: CatalogueCode, details: ErrorDetails) => {
    const { message, remedy } = new BreakwatchError(code, details);
    problems.push({ file, ...json.placeOf(pointer), message: `${code}: ${message} ${remedy}` });
  };
  const root = isObject(json.value) ? json.value : {};
  for (const name of Object.keys(root).filter((one) => one !== '$schema' && one !== 'texts')) {
    report(`/${name}`, 'CATALOGUE_BAD_ENTRY', { problem: `the key "${name}" is not supported` });
  }
  if (!Array.isArray(root.texts)) {
    report('', 'CATALOGUE_BAD_ENTRY', { problem: 'the file must have a list "texts"' });
    return { texts, problems };
  }
  for (const [index, row] of (root.texts as unknown[]).entries()) {
    const pointer = `/texts/${index}`;
    const problem = problemOf(row);
    if (problem !== null) {
      report(pointer, 'CATALOGUE_BAD_ENTRY', { problem });
      continue;
    }
    const { reason, language, text } = row as TeamText;
    const shipped = shippedReasonsOf(text);
    if (shipped.length > 0) {
      if (!shipped.includes(reason)) {
        report(pointer, 'CATALOGUE_CONTRADICTS', { text, reason, shipped: shipped.join(', ') });
      }
      continue;
    }
    const same = [...earlier, ...texts].find((one) => isSameText(one.text, text));
    if (!same) {
      texts.push({ reason, language, text, file, line: json.placeOf(pointer).line });
    } else if (same.reason !== reason) {
      const first = `${same.reason} (${same.file}:${same.line})`;
      report(pointer, 'CATALOGUE_AMBIGUOUS', { text, reason, first });
    }
  }
  return { texts, problems };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @returns what is wrong with a row; null when nothing is */
function problemOf(row: unknown): string | null {
  if (!isObject(row)) {
    return 'an entry must be an object with reason, language and text';
  }
  const { reason, language, text } = row;
  if (typeof reason !== 'string' || !reasonById(reason)) {
    const ids = ALL_REASONS.map(({ id }) => id);
    const meant = nearestName(String(reason), ids);
    return `there is no reason "${String(reason)}"${meant ? `; did you mean "${meant}"?` : ''}`;
  }
  if (typeof language !== 'string' || !LANGUAGES.includes(language)) {
    return `language must be one of ${LANGUAGES.join(', ')}`;
  }
  return typeof text === 'string' && text.trim() !== '' && text.length <= MAX_LENGTH
    ? null
    : `text must be a string of 1 to ${MAX_LENGTH} characters`;
}
