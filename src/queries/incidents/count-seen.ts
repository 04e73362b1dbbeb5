import type { BreakRecord } from '../../model/break.ts';
import { type Scope, type StoredRemarks, scopeText } from '../../model/incident.ts';
import type { Filters } from '../../model/query.ts';
import type { Store } from '../../store/store.ts';

const DAY_MS = 86_400_000;
const SEEN_DAYS = 30;
/** How many remarks are searched for the last fix, and how far back. */
const REMARK_SEARCH = { days: 400, max: 500 };

/** The incident to count for: a grouped one, or a stored one with the break of its cause. */
export interface SeenRequest {
  id: string;
  startedAt: number;
  scope: Scope;
  cause: BreakRecord;
}

/** What is known about earlier breaks. */
export interface Seen {
  /** Number of earlier breaks of this reason in this scope. */
  breaks: number;
  /** Number of days with such breaks. */
  days: number;
  /** The latest note that says what fixed it; null when there is none. */
  lastFixed: { at: number; by: string; text: string } | null;
}

/**
 * Counts earlier breaks of an incident's reason in its scope, and finds what fixed it last time. It counts
 * by reason and not by rule, because several rules may have diagnosed one reason.
 *
 * @param now - epoch ms UTC
 * @throws `STORE_FAILED`
 */
export async function countSeen(
  incident: SeenRequest,
  store: Pick<Store, 'series' | 'findDocuments'>,
  now: number,
): Promise<Seen> {
  const to = incident.startedAt;
  const [groups, lastFixed] = await Promise.all([
    store.series({
      range: { from: to - SEEN_DAYS * DAY_MS, to },
      filters: {
        ...scopeFilters(incident),
        reason: [incident.cause.verdict.reason],
        outcome: ['broken', 'refused'],
      },
      groupBy: [],
      stepMs: DAY_MS,
      measure: 'count',
      limit: 1,
      now,
    }),
    findLastFixed(incident, store),
  ]);
  const points = [...(groups[0]?.points ?? [])];
  return {
    breaks: points.reduce((sum, count) => sum + count, 0),
    days: Math.min(SEEN_DAYS, points.filter((count) => count > 0).length),
    lastFixed,
  };
}

async function findLastFixed(
  { id, scope, cause, startedAt }: SeenRequest,
  store: Pick<Store, 'findDocuments'>,
): Promise<Seen['lastFixed']> {
  const found = await store.findDocuments({
    kind: 'remarks',
    account: [scope.account],
    range: { from: startedAt - REMARK_SEARCH.days * DAY_MS, to: startedAt + 1 },
    limit: REMARK_SEARCH.max,
  });
  const notes = found
    .map(({ body }) => body as StoredRemarks)
    .filter(
      (remarks) =>
        remarks.incident !== id &&
        remarks.reason === cause.verdict.reason &&
        scopeText(remarks.scope) === scopeText(scope),
    )
    .flatMap((remarks) => remarks.notes.filter(({ fixed }) => fixed))
    .sort((a, b) => b.at - a.at);
  const [last] = notes;
  return last ? { at: last.at, by: last.by, text: last.text } : null;
}

function scopeFilters({ scope, cause }: SeenRequest): Filters {
  const { domain, app, stream } = cause.event;
  const account = [scope.account];
  switch (scope.kind) {
    case 'account':
      return { account };
    case 'domain':
      return { account, domain: [domain] };
    case 'app':
      return { account, domain: [domain], app: [app] };
    case 'node':
      return { account, node: [scope.value] };
    case 'clientNetwork':
      return { account, clientIp: [scope.value.replace(/(?:0\/24|:\/48)$/, '*')] };
    case 'stream':
      return { account, domain: [domain], app: [app], stream: [stream] };
  }
}
