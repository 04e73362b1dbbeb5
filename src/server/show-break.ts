import type { ShownBreak } from '../contract/breaks.ts';
import type { BreakRecord } from '../model/break-record.ts';
import type { RuleTexts } from '../model/diagnosis.ts';
import { flattenDiagnosis } from '../model/flatten-diagnosis.ts';
import { renderDiagnosis } from '../model/render-diagnosis.ts';
import { streamLabel } from '../model/stream-label.ts';
import type { Language } from '../model/vocabulary.ts';

/**
 * Makes the API's form of a break: the event with its diagnosis in one language.
 *
 * @param texts - texts of rules by content hash
 */
export function showBreak(
  { event, verdict }: BreakRecord,
  texts: ReadonlyMap<string, RuleTexts>,
  language: Language,
): ShownBreak {
  const diagnosis = renderDiagnosis(verdict, texts.get(verdict.rule.hash), event.facts);
  return {
    ...event,
    label: streamLabel(event.facts),
    diagnosis: flattenDiagnosis(diagnosis, language),
  };
}
