import type { Diagnoser } from '../../diagnosis/run/index.ts';
import { type FlatDiagnosis, flattenDiagnosis } from '../../model/flatten-diagnosis.ts';
import type { AnswerError } from '../../model/query.ts';
import type { Language } from '../../model/vocabulary.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import { readEvent } from './read-event.ts';

/** The answer to one line: a diagnosis, or the error of the line. */
export type DiagnosedLine = FlatDiagnosis | { error: AnswerError; line: number };

/**
 * Diagnoses one event in a JSON line. Never throws: a bad line gets its error as the answer, so that each
 * line has one answer.
 *
 * @param line - line number for the error, from 1
 */
export async function diagnoseLine(
  text: string,
  line: number,
  diagnoser: Diagnoser,
  language: Language,
): Promise<DiagnosedLine> {
  try {
    const { facts, match } = readEvent(parseJson(text));
    return flattenDiagnosis(await diagnoser.diagnose(facts, match), language);
  } catch (thrown) {
    return { error: asBreakwatchError(thrown).toAnswer(), line };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw maskedError('BAD_JSON', { problem: (thrown as Error).message });
  }
}
