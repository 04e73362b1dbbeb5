import { causeTexts, writeCard } from '../../incidents/write-card.ts';
import type { BreakRecord } from '../../model/break.ts';
import type { Card } from '../../model/card/card.ts';
import type { Incident } from '../../model/incident.ts';
import { titleOfReason } from '../../reasons/reason-catalogue.ts';
import type { CauseWords } from './incident-messages.ts';

/**
 * Writes the card of an incident's alert.
 *
 * @param words - its causes with all their facts, and the texts of their rules
 * @param now - epoch ms UTC
 * @param mute - name of the mute interval that keeps the alert from notifying; null when none does
 */
export function writeAlertCard(
  incident: Incident,
  words: CauseWords,
  now: number,
  mute: string | null = null,
): Card {
  const { cause, firstCause, texts, seen } = words;
  const textsOf = (record: BreakRecord) =>
    causeTexts(
      record,
      texts.find(({ ruleHash }) => ruleHash === record.verdict.rule.hash),
      incident,
    );
  return writeCard({
    incident: { ...incident, cause, firstCause },
    texts: textsOf(cause),
    firstCause: firstCause && textsOf(firstCause),
    status: null,
    seen,
    now,
    mute,
    titleOfReason,
    causeOfRule: (hash) => texts.find(({ ruleHash }) => ruleHash === hash)?.cause,
  });
}
