import type { Frame } from '../model/frame.ts';
import type { IncidentState, ScopeKind } from '../model/incident.ts';
import type { QueryResponse } from '../model/query.ts';
import type { Category, Confidence, Language, Severity, Side } from '../model/vocabulary.ts';

/** An incident as a row of the incidents query, in one language. Times are epoch ms UTC. */
export interface ShownIncident {
  id: string;
  time: number;
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
  /** The whole card as Markdown. */
  card: string;
  runbook: string;
  /** Who takes care of it; null while nobody does. */
  acknowledgedBy: string | null;
}

/** Enough for clocks that disagree: an incident that is open is found in any range up to now. */
const RANGE_MS = 10 * 60_000;

/**
 * Fetches the incidents that are open now.
 *
 * @throws when the server does not answer or answers an error
 */
export async function fetchOpenIncidents(
  language: Language,
  signal?: AbortSignal,
): Promise<ShownIncident[]> {
  const response = await fetch('/api/v1/query', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      from: Date.now() - RANGE_MS,
      queries: [{ refId: 'open', queryType: 'incidents', state: ['open'], language }],
    }),
    signal: signal ?? null,
  });
  if (!response.ok) {
    throw new Error(`HTTP ${response.status}`);
  }
  const { results } = (await response.json()) as QueryResponse;
  const answer = results.open;
  if (!answer || 'error' in answer) {
    throw new Error(answer?.error.message ?? 'no answer');
  }
  return rowsOf(answer.frames[0]);
}

/** A frame's rows as objects, the field's name as key. */
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
