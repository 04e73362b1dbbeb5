import type { BreaksPage } from '../../contract/breaks.ts';
import type { Incident, ShownAlert } from '../../contract/incidents.ts';
import type { EngineHealth } from '../../model/health.ts';
import type { BreakEvidence } from '../../model/push.ts';
import type { Filters, QueryRequest, QueryResponse } from '../../model/query.ts';
import type { Language } from '../../model/vocabulary.ts';

/** Timeout of a request, ms. */
const TIMEOUT_MS = 20_000;

export type { ShownBreak } from '../../contract/breaks.ts';

/** The server answered with an error. */
export class AnswerFailed extends Error {}

/**
 * Asks the server.
 *
 * @throws AnswerFailed when the server returns an error, Error when it does not answer
 */
export async function ask<T>(path: string, signal?: AbortSignal, init?: RequestInit): Promise<T> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(path, {
    ...init,
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  });
  // A proxy answers in HTML when the server is down.
  const body = (await response.json().catch(() => null)) as
    | (T & { error?: { message: string; remedy: string } })
    | null;
  if (response.ok && body !== null) {
    return body as T;
  }
  if (body?.error) {
    throw new AnswerFailed(`${body.error.message} ${body.error.remedy}`);
  }
  throw new Error(`HTTP ${response.status}`);
}

/**
 * Fetches breaks of a time range.
 *
 * @param from - epoch ms UTC
 * @throws AnswerFailed when the server returns an error, Error when it does not answer
 */
export function fetchBreaks(
  request: { from: number; language: Language; limit: number; filters: Filters },
  signal?: AbortSignal,
): Promise<BreaksPage> {
  const { from, language, limit, filters } = request;
  const search = new URLSearchParams({ from: String(from), lang: language, limit: String(limit) });
  for (const [name, values] of Object.entries(filters) as [string, string[]][]) {
    for (const value of values) {
      search.append(name, value);
    }
  }
  return ask(`/api/v1/breaks?${search}`, signal);
}

/** Sends queries; the answer has a result for every refId. */
export function postQuery(
  request: Omit<QueryRequest, 'to'> & { to?: number },
  signal?: AbortSignal,
): Promise<QueryResponse> {
  return ask('/api/v1/query', signal, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
}

/**
 * Fetches an incident by its id. For a merged incident the server returns the one that it was merged into.
 *
 * @throws AnswerFailed when it does not exist
 */
export function fetchStoredIncident(id: string, signal?: AbortSignal): Promise<Incident> {
  return ask(`/api/v1/incidents/${encodeURIComponent(id)}`, signal);
}

/**
 * Fetches alerts.
 *
 * @param filter - the firing ones, or those of an incident in any state
 */
export async function fetchAlerts(
  filter: { state: 'firing' } | { incident: string },
  language: Language,
  signal?: AbortSignal,
): Promise<ShownAlert[]> {
  const search = new URLSearchParams({ ...filter, lang: language });
  return (await ask<{ alerts: ShownAlert[] }>(`/api/v1/alerts?${search}`, signal)).alerts;
}

/** Fetches what CSS measured before a break. */
export function fetchEvidence(
  breakId: string,
  language: Language,
  signal?: AbortSignal,
): Promise<BreakEvidence> {
  return ask(`/api/v1/breaks/${encodeURIComponent(breakId)}/evidence?lang=${language}`, signal);
}

/** Fetches the state of the server and of each account. */
export function fetchHealth(signal?: AbortSignal): Promise<EngineHealth> {
  return ask('/api/v1/health', signal);
}
