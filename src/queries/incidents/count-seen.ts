import type { BreakRecord } from '../../model/break.ts';
import { type Scope, type StoredRemarks, scopeText } from '../../model/incident.ts';
import type { Filters } from '../../model/query.ts';
import type { Store, StoredDocument } from '../../store/store.ts';

const DAY_MS = 86_400_000;
const SEEN_DAYS = 30;
/** How many remarks are searched for the last fix, and how far back. */
const REMARK_SEARCH = { days: 400, max: 500 };
const REMARK_SEARCH_MS = REMARK_SEARCH.days * DAY_MS;

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

type SeenStore = Pick<Store, 'series' | 'findDocuments'>;

/**
 * Counts earlier breaks of an incident's reason in its scope, and finds what fixed it last time. It counts
 * by reason and not by rule, because several rules may have diagnosed one reason.
 *
 * @param now - epoch ms UTC
 * @throws `STORE_FAILED`
 */
export async function countSeen(
  incident: SeenRequest,
  store: SeenStore,
  now: number,
): Promise<Seen> {
  const [seen] = await countSeenOfAll([incident], store, now);
  return seen as Seen;
}

/**
 * Counts as {@link countSeen} does, for many incidents, and reads the remarks of an account once.
 *
 * @returns in the order of the incidents
 * @throws `STORE_FAILED`
 */
export async function countSeenOfAll(
  incidents: readonly SeenRequest[],
  store: SeenStore,
  now: number,
): Promise<Seen[]> {
  const remarks = new Map<string, Promise<readonly StoredDocument[] | null>>();
  for (const [account, own] of Map.groupBy(incidents, ({ scope }) => scope.account)) {
    remarks.set(account, remarksBefore(own, store));
  }
  return Promise.all(
    incidents.map(async (one) => {
      // With more than one search may find, each incident has its own latest ones.
      const shared = await remarks.get(one.scope.account);
      return countOne(one, shared ?? (await searchRemarks([one], store)), store, now);
    }),
  );
}

/** The remarks on all incidents up to the latest of some of one account; null when there are too many. */
async function remarksBefore(
  incidents: readonly SeenRequest[],
  store: SeenStore,
): Promise<readonly StoredDocument[] | null> {
  const found = await searchRemarks(incidents, store);
  return found.length < REMARK_SEARCH.max || incidents.length === 1 ? found : null;
}

function searchRemarks(
  incidents: readonly SeenRequest[],
  store: SeenStore,
): Promise<StoredDocument[]> {
  const starts = incidents.map(({ startedAt }) => startedAt);
  return store.findDocuments({
    kind: 'remarks',
    account: incidents.slice(0, 1).map(({ scope }) => scope.account),
    range: { from: Math.min(...starts) - REMARK_SEARCH_MS, to: Math.max(...starts) + 1 },
    limit: REMARK_SEARCH.max,
  });
}

async function countOne(
  incident: SeenRequest,
  remarks: readonly StoredDocument[],
  store: SeenStore,
  now: number,
): Promise<Seen> {
  const to = incident.startedAt;
  const groups = await store.series({
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
  });
  const points = [...(groups[0]?.points ?? [])];
  return {
    breaks: points.reduce((sum, count) => sum + count, 0),
    days: Math.min(SEEN_DAYS, points.filter((count) => count > 0).length),
    lastFixed: lastFixed(incident, remarks),
  };
}

function lastFixed(
  { id, scope, cause, startedAt }: SeenRequest,
  found: readonly StoredDocument[],
): Seen['lastFixed'] {
  const notes = found
    .filter(({ at }) => at >= startedAt - REMARK_SEARCH_MS && at <= startedAt)
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
