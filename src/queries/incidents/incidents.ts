import { INCIDENTS_LIMIT } from '../../contract/limits.ts';
import { statusOfOutages } from '../../incidents/judge-stream.ts';
import { type CauseTexts, causeTexts, writeCard } from '../../incidents/write-card.ts';
import type { BreakRecord } from '../../model/break.ts';
import type { Card, RichText } from '../../model/card/card.ts';
import { printPhrase, printScope, toMarkdown } from '../../model/card/render-card.ts';
import type { Reader } from '../../model/card/segments.ts';
import type { Frame, Notice } from '../../model/frame.ts';
import type {
  DisplayedIncident,
  Incident,
  StoredIncident,
  StoredRemarks,
} from '../../model/incident.ts';
import type { IncidentsQuery } from '../../model/query.ts';
import { formatMinutes } from '../../model/time.ts';
import { titleOfReason } from '../../reasons/reason-catalogue.ts';
import type { Store, TimeRange } from '../../store/store.ts';
import { splitFilters } from '../parse-request.ts';
import type { QueryContext, StopSignal } from '../query-context.ts';
import { buildTable, type Column, WIDE_TEXT } from '../table.ts';
import { countSeen } from './count-seen.ts';
import { groupHistory, readHistory, TRUNCATED_NOTICE } from './history.ts';
import { type FoundIncident, findStored } from './stored-incidents.ts';

/** One incident with its texts. */
interface Row {
  incident: Incident | DisplayedIncident;
  breaks: number;
  texts: CauseTexts;
  firstCause: CauseTexts | null;
  card: Card;
  stored: StoredIncidentRef | undefined;
}

/**
 * Answers an incidents query with one table, newest first, of all incidents that overlap the range. Filters of
 * the cause (category, severity, side, outcome, reason, rule) apply to the break that represents the cause,
 * the others to any break.
 *
 * Where the incidents of the range are stored, it shows these, each as it is now, as its alert and its page do.
 * Elsewhere, and with filters of places, it groups all breaks of an account and shows the state at the end of
 * the range.
 *
 * @throws `STORE_FAILED`
 */
export async function answerIncidents(
  query: IncidentsQuery,
  range: TimeRange,
  context: QueryContext,
  signal?: StopSignal,
): Promise<Frame[]> {
  const limit = query.limit ?? INCIDENTS_LIMIT.defaultValue;
  const reader: Reader = { language: query.language ?? 'en', timeZone: query.timeZone };
  const stored = await findStored(query, range, limit + 1, context, signal);
  const now = stored ? context.now() : Math.min(context.now(), range.to);
  const { found, complete } = stored
    ? { found: stored, complete: true }
    : await groupWanted(query, range, limit + 1, context, signal);
  const incidents = found.slice(0, limit);
  const causes = incidents.flatMap(({ incident: { cause, firstCause } }) =>
    firstCause ? [cause, firstCause] : [cause],
  );
  const known = stored
    ? await readAcknowledgements(
        incidents.map(({ incident }) => [incident.id, incident.id]),
        context.store,
      )
    : await findStoredIncidents(
        incidents.map(({ incident }) => incident as Incident),
        context.store,
      );
  const rules = await context.texts.get(causes.map(({ verdict }) => verdict.rule.hash));
  const textsOf = (record: BreakRecord, incident: DisplayedIncident | Incident) =>
    causeTexts(record, rules.get(record.verdict.rule.hash), incident, [reader.language]);
  const rows = await Promise.all(
    incidents.map(async ({ incident, breaks, status }): Promise<Row> => {
      const texts = textsOf(incident.cause, incident);
      const firstCause = incident.firstCause && textsOf(incident.firstCause, incident);
      const card = writeCard({
        incident,
        texts,
        firstCause,
        status: incident.state === 'resolved' ? null : status,
        seen: await countSeen(incident, context.store, now),
        now,
        titleOfReason,
      });
      return { incident, breaks, texts, firstCause, card, stored: known.get(incident.id) };
    }),
  );
  const notices: Notice[] = complete ? [] : [TRUNCATED_NOTICE];
  if (found.length > limit) {
    notices.push({
      severity: 'warning',
      text: `Only the newest ${limit} incidents are shown. Narrow the time range or the filters, or raise the limit.`,
    });
  }
  const columns = query.cardLines ? [...COLUMNS, CARD_LINES] : COLUMNS;
  return [buildTable('incidents', columns, rows, reader, notices)];
}

/** An incident with what a row shows beside it. */
type FoundRow = Omit<FoundIncident, 'incident'> & { incident: Incident };

/** Groups the breaks of a range and keeps the newest incidents that a query asks for. */
async function groupWanted(
  query: IncidentsQuery,
  range: TimeRange,
  limit: number,
  context: QueryContext,
  signal?: StopSignal,
): Promise<{ found: FoundRow[]; complete: boolean }> {
  const now = Math.min(context.now(), range.to);
  const { records, complete } = await readHistory(
    range,
    query.filters?.account,
    ['broken', 'refused'],
    context,
    signal,
  );
  const { matchesCause, matchesStream } = splitFilters(query.filters);
  const isWanted = ({ state, endedAt, cause, chains }: Incident) =>
    (endedAt === null || endedAt >= range.from) &&
    (!query.state?.length || query.state.includes(state)) &&
    matchesCause(cause) &&
    chains.some(({ breaks }) => breaks.some(matchesStream));
  const wanted: Incident[] = [];
  // The others are not summarized.
  for (const grouped of (await groupHistory(records, now, context, signal)).reverse()) {
    const incident = grouped.summarize();
    if (isWanted(incident) && wanted.push(incident) === limit) {
      break;
    }
  }
  const found = await Promise.all(
    wanted.map(async (incident) => ({
      incident: await withFullCauses(incident, context),
      breaks: incident.chains.reduce((sum, { breaks }) => sum + breaks.length, 0),
      status: incident.streams === 1 ? (statusOfOutages(incident.chains, now) ?? null) : null,
    })),
  );
  return { found, complete };
}

const COLUMNS: readonly Column<Row, Reader>[] = [
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
  { name: 'rule', type: 'string', cell: ({ incident }) => incident.cause.verdict.rule.id },
  { name: 'runbook', type: 'string', cell: ({ incident }) => incident.cause.verdict.runbook },
  { name: 'id', type: 'string', cell: ({ incident, stored }) => stored?.id ?? incident.id },
  {
    name: 'acknowledgedBy',
    type: 'string',
    config: { description: 'Who works on it.' },
    cell: ({ stored }) => stored?.acknowledgedBy ?? null,
  },
];

/** The typed card, for clients that render it themselves. */
const CARD_LINES: Column<Row, Reader> = {
  name: 'cardLines',
  type: 'json',
  cell: ({ card }) => card,
};

function print(text: RichText, reader: Reader): string {
  return printPhrase({ id: 'ruleText', text }, reader);
}

/** Reads the causes again, with the facts that `readHistory` left out and that texts need. */
async function withFullCauses(
  incident: Incident,
  { store }: Pick<QueryContext, 'store'>,
): Promise<Incident> {
  const loadFullRecord = async (record: BreakRecord) =>
    (await store.breakById(record.event.id)) ?? record;
  const [cause, firstCause] = await Promise.all([
    loadFullRecord(incident.cause),
    incident.firstCause && loadFullRecord(incident.firstCause),
  ]);
  return { ...incident, cause, firstCause };
}

/** The id of a stored incident comes from one of this many of its first breaks. */
const MAX_IDS_PER_INCIDENT = 200;

/** Maximum number of ids in one search. */
const MAX_IDS_PER_SEARCH = 20_000;

/** What is stored about an incident that a query grouped again. */
export interface StoredIncidentRef {
  /** The id that people use. */
  id: string;
  acknowledgedBy: string | null;
}

/**
 * Finds the stored incidents of incidents that a query grouped again. A stored incident keeps its id when
 * an earlier break arrives later, so its id may come from any of its breaks.
 *
 * @returns by the incident's own id; an incident that is not stored is absent
 * @throws `STORE_FAILED`
 */
export async function findStoredIncidents(
  incidents: readonly Incident[],
  store: Pick<Store, 'findDocuments'>,
): Promise<Map<string, StoredIncidentRef>> {
  const find = async (ids: readonly string[]) => {
    const found = await store.findDocuments({ kind: 'incident', ids, limit: ids.length });
    return found.map(({ id, body }) => [id, body as StoredIncident] as const);
  };
  const byId = new Map(await find(incidents.map(({ id }) => id)));
  const isStored = (incident: Incident) => (byId.get(incident.id)?.state ?? 'gone') !== 'gone';
  const otherIds = incidents.filter((incident) => !isStored(incident)).flatMap(possibleIds);
  for (const [id, stored] of await find(otherIds.slice(0, MAX_IDS_PER_SEARCH))) {
    byId.set(id, stored);
  }
  const storedIds = new Map<string, string>();
  for (const incident of incidents) {
    const known = possibleIds(incident).flatMap((name) => byId.get(name) ?? []);
    const stored = known.find(({ state }) => state !== 'gone') ?? known[0];
    if (stored) {
      storedIds.set(incident.id, stored.mergedInto ?? stored.id);
    }
  }
  return readAcknowledgements([...storedIds], store);
}

/** Reads who works on incidents. @param ids - own id and stored id of each */
async function readAcknowledgements(
  incidents: readonly (readonly [own: string, stored: string])[],
  store: Pick<Store, 'findDocuments'>,
): Promise<Map<string, StoredIncidentRef>> {
  const ids = incidents.map(([, id]) => id);
  const found = await store.findDocuments({ kind: 'remarks', ids, limit: ids.length });
  const remarks = new Map(found.map(({ id, body }) => [id, body as StoredRemarks]));
  return new Map(
    incidents.map(([incident, id]) => [
      incident,
      { id, acknowledgedBy: remarks.get(id)?.acknowledged?.by ?? null },
    ]),
  );
}

/** Lists the ids under which an incident may be stored, its own first. */
function possibleIds({ chains }: Incident): string[] {
  const ids: string[] = [];
  for (const { breaks } of chains) {
    for (const { event } of breaks.slice(0, MAX_IDS_PER_INCIDENT - ids.length)) {
      ids.push(`inc-${event.id}`);
    }
  }
  return ids;
}
