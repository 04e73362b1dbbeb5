import type { BreakEvent } from '../../model/break-event.ts';
import type { FlatDiagnosis } from '../../model/flatten-diagnosis.ts';
import type { BreakEvidence } from '../../model/push-evidence.ts';
import type { EngineHealth, Filters, QueryRequest, QueryResponse } from '../../model/query.ts';
import type { StreamLabel } from '../../model/stream-label.ts';
import type { Language } from '../../model/vocabulary.ts';

/** A server that takes longer than this is told of as one that does not answer; ms. */
const PATIENCE_MS = 20_000;

/** A break as `/api/v1/breaks` answers it: the event with its diagnosis in one language. */
export type ShownBreak = BreakEvent & { label: StreamLabel | null; diagnosis: FlatDiagnosis };

/** One page of breaks, newest first. */
export interface BreaksPage {
  breaks: ShownBreak[];
  next: string | null;
  truncated: boolean;
}

/** The server answered, and what it said is an error. */
export class AnswerFailed extends Error {}

async function ask<T>(path: string, signal: AbortSignal | undefined, init?: RequestInit) {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const response = await fetch(path, {
    ...init,
    signal: signal ? AbortSignal.any([signal, patience]) : patience,
  });
  // What stands between page and server answers in HTML when the server is gone.
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
 * @throws `AnswerFailed`, or another error when no answer came
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

/** Answers queries; every refId of the request is in the answer. */
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

/** An incident as it is kept: what finds its card again after it is over. Times are epoch ms UTC. */
export interface StoredIncident {
  id: string;
  startedAt: number;
  endedAt: number | null;
  scope: { account: string };
}

/**
 * Fetches an incident by its id; one that became part of another answers as that one.
 *
 * @throws `AnswerFailed` when nobody knows it
 */
export function fetchStoredIncident(id: string, signal?: AbortSignal): Promise<StoredIncident> {
  return ask(`/api/v1/incidents/${encodeURIComponent(id)}`, signal);
}

/** Asks CSS, through the server, what it measured before a break. */
export function fetchEvidence(
  breakId: string,
  language: Language,
  signal?: AbortSignal,
): Promise<BreakEvidence> {
  return ask(`/api/v1/breaks/${encodeURIComponent(breakId)}/evidence?lang=${language}`, signal);
}

/** Fetches what the server says of itself and of each account. */
export function fetchHealth(signal?: AbortSignal): Promise<EngineHealth> {
  return ask('/api/v1/health', signal);
}
