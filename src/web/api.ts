import type { BreakEvent } from '../model/break-event.ts';
import type { FlatDiagnosis } from '../model/flatten-diagnosis.ts';
import type { BreakEvidence } from '../model/push-evidence.ts';
import type { EngineHealth } from '../model/query.ts';
import type { StreamLabel } from '../model/stream-label.ts';
import type { Language } from '../model/vocabulary.ts';

/** A break as `/api/v1/breaks` answers it: the event with its diagnosis in one language. */
export type ShownBreak = BreakEvent & { label: StreamLabel | null; diagnosis: FlatDiagnosis };

/** One page of breaks, newest first. */
export interface BreaksPage {
  breaks: ShownBreak[];
  next: string | null;
  truncated: boolean;
}

async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(path, { signal: signal ?? null });
  const body = (await response.json()) as T & { error?: { message: string; remedy: string } };
  if (!response.ok) {
    throw new Error(
      body.error ? `${body.error.message} ${body.error.remedy}` : `HTTP ${response.status}`,
    );
  }
  return body;
}

/**
 * Fetches breaks of a time range.
 *
 * @param from - epoch ms UTC
 * @param next - where an earlier page ended
 */
export function fetchBreaks(
  from: number,
  language: Language,
  limit: number,
  next?: string,
  signal?: AbortSignal,
): Promise<BreaksPage> {
  const search = new URLSearchParams({ from: String(from), lang: language, limit: String(limit) });
  if (next) {
    search.set('next', next);
  }
  return get(`/api/v1/breaks?${search}`, signal);
}

/** Asks CSS, through the server, what it measured before a break. */
export function fetchEvidence(
  breakId: string,
  language: Language,
  signal?: AbortSignal,
): Promise<BreakEvidence> {
  return get(`/api/v1/breaks/${encodeURIComponent(breakId)}/evidence?lang=${language}`, signal);
}

/** Fetches what the server says of itself and of each account. */
export function fetchHealth(signal?: AbortSignal): Promise<EngineHealth> {
  return get('/api/v1/health', signal);
}
