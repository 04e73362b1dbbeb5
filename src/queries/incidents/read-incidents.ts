import { statusOfOutages } from '../../incidents/judge-stream.ts';
import { type CauseTexts, causeTexts, writeCard } from '../../incidents/write-card.ts';
import type { BreakRecord } from '../../model/break.ts';
import type { Card } from '../../model/card/card.ts';
import { ruleHashesOf } from '../../model/diagnosis.ts';
import type { Notice } from '../../model/frame.ts';
import type {
  DisplayedIncident,
  Incident,
  StoredIncident,
  StoredRemarks,
} from '../../model/incident.ts';
import type { IncidentsQuery } from '../../model/query.ts';
import type { Category, Language } from '../../model/vocabulary.ts';
import { titleOfReason } from '../../reasons/reason-catalogue.ts';
import type { Store, TimeRange } from '../../store/store.ts';
import { splitFilters } from '../parse-request.ts';
import type { QueryContext, StopSignal } from '../query-context.ts';
import { countSeenOfAll } from './count-seen.ts';
import { groupHistory, readHistory, TRUNCATED_NOTICE } from './history.ts';
import { type FoundIncident, findStored, findStoredById, loadCauses } from './stored-incidents.ts';

/** One incident with its texts and its card. */
export interface IncidentRow {
  incident: Incident | DisplayedIncident;
  breaks: number;
  texts: CauseTexts;
  firstCause: CauseTexts | null;
  card: Card;
  stored: StoredIncidentRef | undefined;
}

/** Which incidents to read. */
export interface IncidentSearch extends Pick<IncidentsQuery, 'filters' | 'state'> {
  range: TimeRange;
  /** Maximum number of incidents. */
  limit: number;
  /** Language of the texts. */
  language: Language;
  /** Whether the cards say how often the cause was seen before, which takes a search for each incident. */
  countsSeen: boolean;
}

/** What tells where an incident is and how large. */
export interface IncidentOutline
  extends Pick<StoredIncident, 'id' | 'startedAt' | 'endedAt' | 'streams'> {
  category: Category;
}

/** Incidents, newest first. */
export interface FoundIncidents {
  outlines: IncidentOutline[];
  /** There are more than the limit. */
  isCut: boolean;
  notices: Notice[];
  /**
   * Reads some of them with their texts and cards.
   *
   * @returns in the order of the ids
   * @throws `STORE_FAILED`
   */
  read(ids: readonly string[]): Promise<IncidentRow[]>;
}

/**
 * Finds all incidents that overlap a range, newest first. Filters of the cause (category, severity, side, outcome,
 * reason, rule) apply to the break that represents the cause, the others to any break.
 *
 * Where the incidents of the range are stored, it reads these, each as it is now, as its alert and its page do.
 * Elsewhere, and with filters of places, it groups all breaks of an account and gives the state at the end of
 * the range.
 *
 * @throws `STORE_FAILED`
 */
export async function findIncidents(
  search: IncidentSearch,
  context: QueryContext,
  signal?: StopSignal,
): Promise<FoundIncidents> {
  const { range, limit, language, countsSeen } = search;
  const stored = await findStored(search, range, limit + 1, context, signal);
  if (stored) {
    const byId = new Map(stored.slice(0, limit).map((one) => [one.id, one]));
    return {
      outlines: [...byId.values()].map((one) => outlineOf(one, one.cause.category)),
      isCut: stored.length > limit,
      notices: [],
      async read(ids) {
        const wanted = ids.flatMap((id) => byId.get(id) ?? []);
        const known = await readAcknowledgements(
          wanted.map(({ id }) => [id, id]),
          context.store,
        );
        const incidents = await Promise.all(wanted.map((one) => loadCauses(one, context)));
        return withTexts(incidents, known, { language, countsSeen, now: context.now() }, context);
      },
    };
  }
  const now = Math.min(context.now(), range.to);
  const { found, complete } = await groupWanted(search, limit + 1, context, signal);
  const byId = new Map(found.slice(0, limit).map((one) => [one.id, one]));
  return {
    outlines: [...byId.values()].map((one) => outlineOf(one, one.cause.verdict.category)),
    isCut: found.length > limit,
    notices: complete ? [] : [TRUNCATED_NOTICE],
    async read(ids) {
      const wanted = ids.flatMap((id) => byId.get(id) ?? []);
      const known = await findStoredIncidents(wanted, context.store);
      const incidents = await Promise.all(
        wanted.map(async (incident) => ({
          incident: await withFullCauses(incident, context),
          breaks: incident.chains.reduce((sum, { breaks }) => sum + breaks.length, 0),
          status: incident.streams === 1 ? (statusOfOutages(incident.chains, now) ?? null) : null,
        })),
      );
      return withTexts(incidents, known, { language, countsSeen, now }, context);
    },
  };
}

/**
 * Finds incidents as {@link findIncidents} does, and reads them all.
 *
 * @throws `STORE_FAILED`
 */
export async function readIncidents(
  search: IncidentSearch,
  context: QueryContext,
  signal?: StopSignal,
): Promise<Pick<FoundIncidents, 'isCut' | 'notices'> & { rows: IncidentRow[] }> {
  const { outlines, isCut, notices, read } = await findIncidents(search, context, signal);
  return { rows: await read(outlines.map(({ id }) => id)), isCut, notices };
}

function outlineOf(
  { id, startedAt, endedAt, streams }: Omit<IncidentOutline, 'category'>,
  category: Category,
): IncidentOutline {
  return { id, startedAt, endedAt, streams, category };
}

/**
 * Reads one stored incident with its texts.
 *
 * @throws `UNKNOWN_INCIDENT`, `STORE_FAILED`
 */
export async function readIncident(
  id: string,
  language: Language,
  context: QueryContext,
): Promise<IncidentRow> {
  const found = await loadCauses(await findStoredById(id, context), context);
  const known = await readAcknowledgements([[found.incident.id, found.incident.id]], context.store);
  const options = { language, countsSeen: true, now: context.now() };
  const [row] = await withTexts([found], known, options, context);
  return row as IncidentRow;
}

/** Adds texts and cards to incidents. @param known - what is stored about each, by its own id */
async function withTexts(
  incidents: readonly (FoundIncident | FoundRow)[],
  known: ReadonlyMap<string, StoredIncidentRef>,
  options: Pick<IncidentSearch, 'language' | 'countsSeen'> & { now: number },
  context: QueryContext,
): Promise<IncidentRow[]> {
  const { language, countsSeen, now } = options;
  const causes = incidents.flatMap(({ incident: { cause, firstCause } }) =>
    firstCause ? [cause, firstCause] : [cause],
  );
  const rules = await context.texts.get(causes.flatMap(({ verdict }) => ruleHashesOf(verdict)));
  const textsOf = (record: BreakRecord, incident: DisplayedIncident | Incident) =>
    causeTexts(record, rules.get(record.verdict.rule.hash), incident, [language]);
  const seen = countsSeen
    ? await countSeenOfAll(
        incidents.map(({ incident }) => incident),
        context.store,
        now,
      )
    : [];
  return incidents.map(({ incident, breaks, status }, index): IncidentRow => {
    const texts = textsOf(incident.cause, incident);
    const firstCause = incident.firstCause && textsOf(incident.firstCause, incident);
    const card = writeCard({
      incident,
      texts,
      firstCause,
      status: incident.state === 'resolved' ? null : status,
      seen: seen[index] ?? null,
      now,
      titleOfReason,
      causeOfRule: (hash) => rules.get(hash)?.cause,
    });
    return { incident, breaks, texts, firstCause, card, stored: known.get(incident.id) };
  });
}

/** An incident with what a row shows beside it. */
type FoundRow = Omit<FoundIncident, 'incident'> & { incident: Incident };

/** Groups the breaks of a range and keeps the newest incidents that a query asks for. */
async function groupWanted(
  search: IncidentSearch,
  limit: number,
  context: QueryContext,
  signal?: StopSignal,
): Promise<{ found: Incident[]; complete: boolean }> {
  const { range } = search;
  const now = Math.min(context.now(), range.to);
  const { records, complete } = await readHistory(
    range,
    search.filters?.account,
    ['broken', 'refused'],
    context,
    signal,
  );
  const { matchesCause, matchesStream } = splitFilters(search.filters);
  const isWanted = ({ state, endedAt, cause, chains }: Incident) =>
    (endedAt === null || endedAt >= range.from) &&
    (!search.state?.length || search.state.includes(state)) &&
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
  return { found: wanted, complete };
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
