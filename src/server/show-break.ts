import type { ShownBreak } from '../contract/breaks.ts';
import type { BreakRecord } from '../model/break.ts';
import { flattenDiagnosis, type RuleTexts } from '../model/diagnosis.ts';
import { streamLabel } from '../model/push.ts';
import { renderDiagnosis } from '../model/render-template.ts';
import type { Language } from '../model/vocabulary.ts';
import { nameDiagnosis } from '../queries/name-diagnosis.ts';

/**
 * Makes the API's form of a break: the event with its diagnosis in one language.
 *
 * @param texts - texts of rules by content hash, those of other causes too
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
    diagnosis: {
      ...flattenDiagnosis(diagnosis, language),
      ...nameDiagnosis(verdict, texts, language),
    },
  };
}
