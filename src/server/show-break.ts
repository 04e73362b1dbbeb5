import type { BreakEvent } from '../model/break-event.ts';
import type { BreakRecord } from '../model/break-record.ts';
import type { RuleTexts } from '../model/diagnosis.ts';
import { type FlatDiagnosis, flattenDiagnosis } from '../model/flatten-diagnosis.ts';
import { renderDiagnosis } from '../model/render-diagnosis.ts';
import type { Language } from '../model/vocabulary.ts';

/** A break as the HTTP API answers it: the event with its diagnosis in one language. */
export type ShownBreak = BreakEvent & { diagnosis: FlatDiagnosis };

/**
 * Puts a record into the API's shape.
 *
 * @param texts - words of rules by content hash
 */
export function showBreak(
  { event, verdict }: BreakRecord,
  texts: ReadonlyMap<string, RuleTexts>,
  language: Language,
): ShownBreak {
  const diagnosis = renderDiagnosis(verdict, texts.get(verdict.rule.hash), event.facts);
  return { ...event, diagnosis: flattenDiagnosis(diagnosis, language) };
}
