import type { BreakRecord } from '../model/break-record.ts';
import type { RuleTexts } from '../model/diagnosis.ts';
import { pickText } from '../model/localized-text.ts';
import { renderDiagnosis } from '../model/render-diagnosis.ts';
import type { Language } from '../model/vocabulary.ts';
import type { RuleTextCache } from './rule-text-cache.ts';

/** Cause and fix of one break in one language. */
export interface Wording {
  cause: string;
  /** Steps, the first one first; empty when the rule's words are gone. */
  fix: string[];
}

/**
 * Loads the words of the rules of some breaks.
 *
 * @returns gives each of these breaks its words in the language; only that language is filled in,
 *   as a table of 100,000 rows would otherwise be written four times
 * @throws `STORE_FAILED`
 */
export async function createWording(
  records: readonly BreakRecord[],
  texts: RuleTextCache,
  language: Language,
): Promise<(record: BreakRecord) => Wording> {
  const found = await texts.get(records.map((record) => record.verdict.rule.hash));
  const single = new Map(
    [...found].map(([hash, words]) => [hash, inOneLanguage(words, language)] as const),
  );
  return ({ event, verdict }) => {
    const diagnosis = renderDiagnosis(verdict, single.get(verdict.rule.hash), event.facts);
    return { cause: diagnosis.cause.en, fix: diagnosis.fix.map((step) => step.en) };
  };
}

/** The words of one language, standing where every reader falls back to. */
function inOneLanguage(texts: RuleTexts, language: Language): Pick<RuleTexts, 'cause' | 'fix'> {
  return {
    cause: { en: pickText(texts.cause, language) },
    fix: texts.fix.map((step) => ({ en: pickText(step, language) })),
  };
}
