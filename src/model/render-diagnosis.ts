import type { Diagnosis, RuleTexts, Verdict } from './diagnosis.ts';
import type { Facts } from './facts.ts';
import { type LocalizedText, mapText } from './localized-text.ts';
import { renderTemplate } from './render-template.ts';

/**
 * Gives a stored verdict its words again.
 *
 * @param texts - the words of the verdict's rule, by its hash; when they are gone the rule's name
 *   stands in, so that a verdict is never without a cause
 * @param facts - the snapshot that the verdict was reached on
 */
export function renderDiagnosis(
  verdict: Verdict,
  texts: Pick<RuleTexts, 'cause' | 'fix'> | undefined,
  facts: Facts,
): Diagnosis {
  const fill = (text: LocalizedText) =>
    mapText(text, (words, language) => renderTemplate(words, facts, language));
  return {
    ...verdict,
    cause: texts ? fill(texts.cause) : { en: verdict.rule.name },
    fix: texts ? texts.fix.map(fill) : [],
  };
}
