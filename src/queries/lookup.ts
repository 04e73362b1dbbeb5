import type { Diagnosis } from '../model/diagnosis.ts';
import type { Field, Frame, FrameMeta } from '../model/frame.ts';
import { type LocalizedText, pickText } from '../model/localized-text.ts';
import type { LookupQuery } from '../model/query.ts';
import { type LookupEntry, lookUp } from '../reasons/lookup-code.ts';
import { printSteps } from './table.ts';

/**
 * Answers a lookup query: one row for each meaning of the code or text. An empty text (a dashboard's
 * empty text box) and an unknown one give no row and a notice.
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
  });
  const meta: FrameMeta = { preferredVisualisationType: 'table' };
  if (entries.length === 0) {
    meta.notices = [
      {
        severity: 'info',
        text:
          text === ''
            ? 'Give a code such as 18/501 or 6012, an API error, or a reason text.'
            : `Nothing is known of "${text.slice(0, 100)}".`,
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

/**
 * Where a lookup gets the cause and fix of a CSS reason: from the rules in force, which queries do
 * not know themselves.
 */
export interface LookupSource {
  /**
   * The diagnosis of an event of which nothing but the reason is known.
   *
   * @param reason - reason id of the catalogue
   * @returns undefined when the id is not in the catalogue
   */
  diagnoseReason(reason: string): Promise<Diagnosis | undefined>;
}

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
