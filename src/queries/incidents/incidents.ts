import { INCIDENTS_LIMIT } from '../../contract/limits.ts';
import type { RichText } from '../../model/card/card.ts';
import { printPhrase, printScope, toMarkdown, toPlainText } from '../../model/card/render-card.ts';
import type { Reader } from '../../model/card/segments.ts';
import type { Frame } from '../../model/frame.ts';
import type { IncidentsQuery } from '../../model/query.ts';
import { formatMinutes } from '../../model/time.ts';
import type { TimeRange } from '../../store/store.ts';
import type { QueryContext, StopSignal } from '../query-context.ts';
import { buildTable, type Column, WIDE_TEXT } from '../table.ts';
import { answerPart } from './incident-parts.ts';
import { type IncidentRow, readIncident, readIncidents } from './read-incidents.ts';

/**
 * Answers an incidents query with one table, newest first, of all incidents that overlap the range.
 * {@link readIncidents} says which ones, and in which state.
 *
 * @throws `STORE_FAILED`, `UNKNOWN_INCIDENT` when `incident` names none
 */
export async function answerIncidents(
  query: IncidentsQuery,
  range: TimeRange,
  context: QueryContext,
  signal?: StopSignal,
): Promise<Frame[]> {
  const limit = query.limit ?? INCIDENTS_LIMIT.defaultValue;
  const { language = 'en', timeZone, incident, part } = query;
  if (part !== undefined) {
    return [await answerPart(part, query, context, signal)];
  }
  const reader: Reader = { language, timeZone };
  const { rows, isCut, notices } =
    incident === undefined
      ? await readIncidents({ ...query, range, limit, language, countsSeen: true }, context, signal)
      : {
          rows: incident === '' ? [] : [await readIncident(incident, language, context)],
          isCut: false,
          notices: [],
        };
  if (isCut) {
    notices.push({
      severity: 'warning',
      text: `Only the newest ${limit} incidents are shown. Narrow the time range or the filters, or raise the limit.`,
    });
  }
  const columns = query.cardLines ? [...COLUMNS, CARD_LINES] : COLUMNS;
  return [
    buildTable('incidents', columns, rows, {
      context: reader,
      language,
      pageUrl: context.pageUrl,
      columns: query.columns,
      notices,
    }),
  ];
}

const COLUMNS: readonly Column<IncidentRow, Reader>[] = [
  { name: 'time', type: 'time', cell: ({ incident }) => incident.startedAt },
  { name: 'timeEnd', type: 'time', cell: ({ incident }) => incident.endedAt },
  { name: 'state', type: 'string', cell: ({ incident }) => incident.state },
  {
    name: 'scope',
    type: 'string',
    cell: ({ incident }, { language }) => printScope(incident.scope, language),
  },
  { name: 'scopeKind', type: 'string', cell: ({ incident }) => incident.scope.kind },
  { name: 'scopeValue', type: 'string', cell: ({ incident }) => incident.scope.value },
  { name: 'account', type: 'string', cell: ({ incident }) => incident.scope.account },
  { name: 'category', type: 'string', cell: ({ incident }) => incident.cause.verdict.category },
  { name: 'severity', type: 'string', cell: ({ incident }) => incident.cause.verdict.severity },
  { name: 'side', type: 'string', cell: ({ incident }) => incident.cause.verdict.side },
  {
    name: 'cause',
    type: 'string',
    config: WIDE_TEXT,
    cell: ({ texts }, reader) => print(texts.cause, reader),
  },
  {
    name: 'doNow',
    type: 'string',
    config: {
      ...WIDE_TEXT,
      description: 'The first step of the fix of what keeps the incident going.',
    },
    cell: ({ texts }, reader) => (texts.fix[0] ? print(texts.fix[0], reader) : null),
  },
  {
    name: 'firstCause',
    type: 'string',
    config: {
      description: 'What ended the pushes, when something else keeps them from recovering.',
    },
    cell: ({ firstCause }, reader) => (firstCause ? print(firstCause.cause, reader) : null),
  },
  { name: 'confidence', type: 'string', cell: ({ incident }) => incident.cause.verdict.confidence },
  { name: 'streams', type: 'number', cell: ({ incident }) => incident.streams },
  { name: 'streamsDown', type: 'number', cell: ({ incident }) => incident.streamsDown },
  {
    name: 'breaks',
    type: 'number',
    cell: ({ breaks }) => breaks,
  },
  {
    name: 'lostMinutes',
    type: 'number',
    config: {
      description:
        'Minutes without a push, summed over streams; overlapping outages of one stream count once.',
    },
    cell: ({ incident }) => Number(formatMinutes(incident.lostMs)),
  },
  { name: 'updated', type: 'time', cell: ({ incident }) => incident.updatedAt },
  {
    name: 'card',
    type: 'string',
    hasLines: true,
    cell: ({ card }, reader) => toMarkdown(card, reader),
  },
  {
    name: 'cardText',
    type: 'string',
    hasLines: true,
    cell: ({ card }, reader) => toPlainText(card, reader),
  },
  { name: 'rule', type: 'string', cell: ({ incident }) => incident.cause.verdict.rule.id },
  { name: 'runbook', type: 'string', cell: ({ incident }) => incident.cause.verdict.runbook },
  { name: 'id', type: 'string', cell: ({ incident, stored }) => stored?.id ?? incident.id },
  {
    name: 'page',
    type: 'string',
    config: { description: 'The incident on the page of Breakwatch, where people take it.' },
    cell: ({ incident, stored }) => stored?.id ?? incident.id,
  },
  {
    name: 'acknowledgedBy',
    type: 'string',
    config: { description: 'Who works on it.' },
    cell: ({ stored }) => stored?.acknowledgedBy ?? null,
  },
];

/** The typed card, for clients that render it themselves. */
const CARD_LINES: Column<IncidentRow, Reader> = {
  name: 'cardLines',
  type: 'json',
  cell: ({ card }) => card,
};

function print(text: RichText, reader: Reader): string {
  return printPhrase({ id: 'ruleText', text }, reader);
}
