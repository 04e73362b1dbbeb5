import { type CardTexts, writeCard } from '../../incidents/card.ts';
import { cardToMarkdown } from '../../incidents/render-card.ts';
import type { AlertInstance } from '../../model/alert.ts';
import type { BreakRecord } from '../../model/break-record.ts';
import type { RuleTexts } from '../../model/diagnosis.ts';
import type { Incident } from '../../model/incident.ts';
import { pickText } from '../../model/localized-text.ts';
import { renderDiagnosis } from '../../model/render-diagnosis.ts';
import { LANGUAGES, type Language } from '../../model/vocabulary.ts';
import type { CauseWords } from './incident-messages.ts';

/**
 * Writes the words of an incident's alert in every language.
 *
 * @param words - its causes with all their facts, and the words of their rules
 * @param now - epoch ms UTC
 * @param mute - name of the maintenance or schedule that keeps the alert quiet; null when none does
 */
export function writeAlertTexts(
  incident: Incident,
  words: CauseWords,
  now: number,
  mute: string | null = null,
): AlertInstance['texts'] {
  const { cause, firstCause, texts, seen } = words;
  const whole = { ...incident, cause, firstCause };
  return Object.fromEntries(
    LANGUAGES.map((language) => {
      const own = textsOf(cause, texts, language);
      const card = writeCard({
        incident: whole,
        language,
        texts: own,
        firstCause: firstCause && textsOf(firstCause, texts, language),
        status: null,
        seen,
        now,
        mute,
      });
      const title = card.find(({ part }) => part === 'what')?.texts[0] ?? own.cause;
      return [
        language,
        { title, cause: own.cause, doNow: own.fix[0] ?? '', card: cardToMarkdown(card) },
      ];
    }),
  );
}

function textsOf(
  { event, verdict }: BreakRecord,
  texts: readonly RuleTexts[],
  language: Language,
): CardTexts {
  const words = texts.find(({ ruleHash }) => ruleHash === verdict.rule.hash);
  const { cause, fix } = renderDiagnosis(verdict, words, event.facts);
  return {
    cause: pickText(cause, language),
    fix: fix.map((step) => pickText(step, language)),
  };
}
