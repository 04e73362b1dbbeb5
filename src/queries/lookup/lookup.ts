import type { Field, Frame, FrameMeta } from '../../model/frame.ts';
import { pickText } from '../../model/localized-text.ts';
import type { LookupQuery } from '../../model/query.ts';
import { printSteps } from '../breaks/print-steps.ts';
import type { QueryContext } from '../query-context.ts';
import { type ExplainedEntry, explainEntries } from './explain-entries.ts';

/**
 * Answers a lookup query: one row for each meaning of the code or text. An empty text (a dashboard's
 * empty text box) and an unknown one give no row and a notice.
 */
export async function answerLookup(
  query: LookupQuery,
  context: Pick<QueryContext, 'lookup'>,
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
