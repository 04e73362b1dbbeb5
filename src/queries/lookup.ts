import type { Diagnosis } from '../model/diagnosis.ts';
import type { Field, Frame, FrameMeta } from '../model/frame.ts';
import { type LocalizedText, pickText } from '../model/localized-text.ts';
import type { LookupQuery } from '../model/query.ts';
import { type LookupEntry, lookUp } from '../reasons/lookup-code.ts';
import { maskSecrets } from '../secrets/mask-secrets.ts';
import { columnConfig } from './column-config.ts';
import { printSteps } from './table.ts';

/**
 * Answers a lookup query with one row for each meaning of the code or text. An empty text, as from an empty
 * text box of a dashboard, and an unknown text give a notice and no rows.
 */
export async function answerLookup(
  query: LookupQuery,
  context: { lookup: LookupSource },
): Promise<Frame[]> {
  const language = query.language ?? 'en';
  const text = query.text.trim();
  const entries = text === '' ? [] : await explainEntries(text, context.lookup);
  const column = (name: string, cell: (entry: ExplainedEntry) => string | null): Field => ({
    name,
    type: 'string',
    values: entries.map(cell),
    config: columnConfig('lookup', name, { language }),
  });
  const meta: FrameMeta = { preferredVisualisationType: 'table' };
  if (entries.length === 0) {
    meta.notices = [
      {
        severity: 'info',
        text:
          text === ''
            ? 'Give a code such as 18/501 or 6012, an API error, or a reason text.'
            : `Nothing is known about "${text.slice(0, 100)}".`,
      },
    ];
  }
  return [
    {
      name: 'lookup',
      meta,
      fields: [
        column('code', (entry) => entry.code),
        column('kind', (entry) => entry.kind),
        column('reason', (entry) => entry.reason),
        column('title', (entry) => pickText(entry.title, language)),
        column('category', (entry) => entry.category),
        column('severity', (entry) => entry.severity ?? null),
        column('side', (entry) => entry.side ?? null),
        column('cause', (entry) => pickText(entry.cause, language)),
        column('fix', (entry) => printSteps(entry.fix.map((step) => pickText(step, language)))),
        column('retry', (entry) => entry.retry ?? null),
        column('rule', (entry) => entry.rule),
        column('runbook', (entry) => entry.runbook),
      ],
    },
  ];
}

/** Gives lookups the cause and fix of CSS reasons, from the rules in force. */
export interface LookupSource {
  /**
   * Diagnoses an event with no known fact but its reason.
   *
   * @param reason - reason id of the catalogue
   * @returns undefined when the id is not in the catalogue
   */
  diagnoseReason(reason: string): Promise<Diagnosis | undefined>;
  /** Finds the meanings of a text where the team's catalogue is known; here when absent. */
  entriesOf?(text: string): Promise<LookupEntry[]>;
}

/** A lookup entry with its cause and fix and the rule that they come from. */
export interface ExplainedEntry extends LookupEntry {
  cause: LocalizedText;
  /** Steps in order. */
  fix: LocalizedText[];
  /** Rule id; null when cause and fix come from a catalogue. */
  rule: string | null;
  /** Name of the runbook; null when cause and fix come from a catalogue. */
  runbook: string | null;
}

/**
 * Explains a code, an API error or a reason text. Cause, fix, severity, side and retry of CSS reasons come
 * from the rules in force, which teams can edit; those of bypass codes and API errors come from catalogues.
 *
 * @param text - e.g. `18/501`, `6012`, `ResourceNotFound.StopService` or a reason text
 * @returns all meanings; empty when the text is unknown
 */
export async function explainEntries(
  text: string,
  source: LookupSource,
): Promise<ExplainedEntry[]> {
  // A pasted error of the API may hold a secret, and its message becomes part of the cause.
  const masked = maskSecrets(text);
  const entries = source.entriesOf ? await source.entriesOf(masked) : lookUp(masked);
  return Promise.all(entries.map((entry) => explain(entry, source)));
}

async function explain(entry: LookupEntry, source: LookupSource): Promise<ExplainedEntry> {
  if (entry.cause && entry.fix && entry.fix.length > 0) {
    return { ...entry, cause: entry.cause, fix: entry.fix, rule: null, runbook: null };
  }
  const diagnosis = entry.reason === null ? undefined : await source.diagnoseReason(entry.reason);
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
