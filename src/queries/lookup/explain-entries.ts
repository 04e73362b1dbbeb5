import type { LocalizedText } from '../../model/localized-text.ts';
import { type LookupEntry, lookUp } from '../../reasons/lookup-code.ts';
import type { LookupSource } from './lookup-source.ts';

/** A lookup entry that always has its cause and fix, and the rule they come from. */
export interface ExplainedEntry extends LookupEntry {
  cause: LocalizedText;
  /** Steps, the first one first. */
  fix: LocalizedText[];
  /** Rule id; null when cause and fix come from the catalogue itself. */
  rule: string | null;
  /** Name of the runbook; null when the catalogue itself answers. */
  runbook: string | null;
}

/**
 * Finds what a code, an API error or a reason text means. CSS reasons get cause, fix, severity,
 * side and retry from the rules in force, as teams edit them; bypass codes and API errors from
 * their catalogues.
 *
 * @param text - e.g. `18/501`, `6012`, `ResourceNotFound.StopService` or a reason text
 * @returns empty when nothing is known of it
 */
export async function explainEntries(
  text: string,
  source: LookupSource,
): Promise<ExplainedEntry[]> {
  return Promise.all(lookUp(text).map((entry) => explain(entry, source)));
}

async function explain(entry: LookupEntry, source: LookupSource): Promise<ExplainedEntry> {
  if (entry.cause && entry.fix && entry.fix.length > 0) {
    return { ...entry, cause: entry.cause, fix: entry.fix, rule: null, runbook: null };
  }
  const diagnosis = entry.reason === null ? undefined : await source.rulesFor(entry.reason);
  if (!diagnosis) {
    return { ...entry, cause: entry.cause ?? entry.title, fix: [], rule: null, runbook: null };
  }
  return {
    ...entry,
    category: diagnosis.category,
    severity: diagnosis.severity,
    side: diagnosis.side,
    retry: diagnosis.retry,
    cause: diagnosis.cause,
    fix: diagnosis.fix,
    rule: diagnosis.rule.id,
    runbook: diagnosis.runbook,
  };
}
