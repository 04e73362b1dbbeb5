import type { Card } from '../../model/card/card.ts';
import type { Frame } from '../../model/frame.ts';
import type { IncidentState, ScopeKind } from '../../model/incident.ts';
import type { IncidentsQuery } from '../../model/query.ts';
import type { Category, Confidence, Language, Severity, Side } from '../../model/vocabulary.ts';
import { fetchStoredIncident, postQuery } from './api.ts';
import type { PageFilters } from './break-list.ts';

/** An incident as a row of the incidents query, in one language. Times are epoch ms UTC. */
export interface ShownIncident {
  id: string;
  time: number;
  /** When it ended; null while it is open. */
  timeEnd: number | null;
  account: string;
  state: IncidentState;
  scope: string;
  scopeKind: ScopeKind;
  category: Category;
  severity: Severity;
  side: Side;
  cause: string;
  doNow: string | null;
  firstCause: string | null;
  confidence: Confidence;
  streams: number;
  streamsDown: number;
  lostMinutes: number;
  /** The card as Markdown. */
  card: string;
  cardLines: Card;
  runbook: string;
  /** Who acknowledged it; null when not acknowledged. */
  acknowledgedBy: string | null;
}

/** Max open incidents; the server returns the newest ones. */
export const MAX_OPEN = 500;
/** Length of the range for open incidents, ms: allows for clock differences. */
const RANGE_MS = 10 * 60_000;
/** Added to the end of an incident, so that the range includes it, ms. */
const AFTER_MS = 60_000;

/**
 * Fetches the incidents that are open now.
 *
 * @throws Error when the server does not answer or returns an error
 */
export function fetchOpenIncidents(
  language: Language,
  signal?: AbortSignal,
): Promise<ShownIncident[]> {
  const from = Date.now() - RANGE_MS;
  return fetchIncidents({ from }, { state: ['open'], language, limit: MAX_OPEN }, signal);
}

/**
 * Fetches one incident, open or ended: people open links of alerts long afterwards.
 *
 * @throws AnswerFailed when it does not exist, Error when the server does not answer
 */
export async function fetchIncident(
  wanted: string,
  language: Language,
  signal?: AbortSignal,
): Promise<ShownIncident | null> {
  const { id, startedAt, endedAt, scope } = await fetchStoredIncident(wanted, signal);
  const range = {
    from: startedAt,
    ...(endedAt === null ? {} : { to: Math.min(Date.now(), endedAt + AFTER_MS) }),
  };
  const filters = { account: [scope.account] };
  const found = await fetchIncidents(range, { filters, language, limit: 1_000 }, signal);
  return found.find((incident) => incident.id === id) ?? null;
}

/** States of incidents that are over. */
export const PAST_STATES = ['recovered', 'resolved', 'silent'] as const;
export type PastState = (typeof PAST_STATES)[number];

/** Max incidents of the history; the server returns the newest ones. */
export const MAX_PAST = 200;

/**
 * Fetches the incidents of a time range that are over, newest first.
 *
 * @throws Error when the server does not answer or returns an error
 */
export function fetchPastIncidents(
  wanted: { hours: number; states: readonly PastState[] } & Pick<
    PageFilters,
    'account' | 'categories'
  >,
  language: Language,
  signal?: AbortSignal,
): Promise<ShownIncident[]> {
  const { hours, states, account, categories } = wanted;
  const filters = {
    ...(account === '' ? {} : { account: [account] }),
    ...(categories.length === 0 ? {} : { category: [...categories] }),
  };
  const from = Date.now() - hours * 3_600_000;
  const query = { state: [...states], filters, language, limit: MAX_PAST };
  return fetchIncidents({ from }, query, signal);
}

/**
 * Fetches the newest incidents whose breaks a rule won, in any state.
 *
 * @param from - epoch ms UTC
 * @throws Error when the server does not answer or returns an error
 */
export function fetchLatestIncidents(
  rule: string,
  from: number,
  language: Language,
  limit: number,
  signal?: AbortSignal,
): Promise<ShownIncident[]> {
  return fetchIncidents({ from }, { filters: { rule: [rule] }, language, limit }, signal);
}

async function fetchIncidents(
  range: { from: number; to?: number },
  query: Pick<IncidentsQuery, 'state' | 'filters' | 'language' | 'limit'>,
  signal: AbortSignal | undefined,
): Promise<ShownIncident[]> {
  const { results } = await postQuery(
    {
      ...range,
      queries: [{ refId: 'incidents', queryType: 'incidents', cardLines: true, ...query }],
    },
    signal,
  );
  const answer = results.incidents;
  if (!answer || 'error' in answer) {
    throw new Error(answer?.error.message ?? 'no answer');
  }
  return rowsOf(answer.frames[0]);
}

/** Turns the rows of a frame into objects with the field names as keys. */
export function rowsOf(frame: Frame | undefined): ShownIncident[] {
  const fields = frame?.fields ?? [];
  return Array.from(
    { length: fields[0]?.values.length ?? 0 },
    (_unused, row) =>
      Object.fromEntries(
        fields.map(({ name, values }) => [name, values[row]]),
      ) as unknown as ShownIncident,
  );
}
