import type { BreakEvent } from '../model/break-event.ts';
import type { BreakRecord } from '../model/break-record.ts';
import type { RuleTexts } from '../model/diagnosis.ts';
import { type FlatDiagnosis, flattenDiagnosis } from '../model/flatten-diagnosis.ts';
import { renderDiagnosis } from '../model/render-diagnosis.ts';
import { type StreamLabel, streamLabel } from '../model/stream-label.ts';
import type { Language } from '../model/vocabulary.ts';

/** A break as the HTTP API answers it: the event with its diagnosis in one language. */
export type ShownBreak = BreakEvent & {
  /** Whose stream it is; null when nobody named it. */
  label: StreamLabel | null;
  diagnosis: FlatDiagnosis;
};

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
  return {
    ...event,
    label: streamLabel(event.facts),
    diagnosis: flattenDiagnosis(diagnosis, language),
  };
}
