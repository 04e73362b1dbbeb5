import { judgeStream } from '../../incidents/judge-stream.ts';
import { NEARBY_FACTS } from '../../incidents/strip-record.ts';
import { type BreakRecord, streamText } from '../../model/break.ts';
import type {
  DisplayedIncident,
  StoredCause,
  StoredIncident,
  StreamStatus,
} from '../../model/incident.ts';
import type { Filters, IncidentsQuery } from '../../model/query.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import type { TimeRange } from '../../store/store.ts';
import { splitFilters } from '../parse-request.ts';
import type { QueryContext, StopSignal } from '../query-context.ts';
import { isStored, STORED_RANGE, type StoredRange } from './stored-range.ts';

/** Documents that are read at once. */
const PAGE = 250;

/** An incident is merged into another one at most so often in a row. */
const MAX_MERGES = 20;

/** Filters that only the breaks of an incident can answer. */
const PLACE_FILTERS = ['domain', 'app', 'stream', 'clientIp', 'node'] as const;

/** An incident as it is stored, with the number of its breaks. */
export interface FoundIncident {
  incident: DisplayedIncident;
  breaks: number;
  /** State of its only stream while it is not over; null when it has several. */
  status: StreamStatus | null;
}

/** The state of a stream is judged by its breaks of this time, ms, of which at most so many are read. */
const JUDGED = { ms: 6 * 3_600_000, breaks: 500 };

/**
 * Reads stored incidents that overlap a range, each as it is now, without the breaks of their causes.
 *
 * @param limit - maximum number of incidents
 * @returns newest first; undefined when the stored incidents cannot answer the query: not all incidents of the
 *   range are stored, or it asks for places, which only breaks have
 * @throws `STORE_FAILED`
 */
export async function findStored(
  { filters = {}, state }: Pick<IncidentsQuery, 'filters' | 'state'>,
  range: TimeRange,
  limit: number,
  context: Pick<QueryContext, 'store' | 'now'>,
  signal?: StopSignal,
): Promise<StoredIncident[] | undefined> {
  const { store } = context;
  if (PLACE_FILTERS.some((name) => filters[name]?.length)) {
    return undefined;
  }
  const stored = (await store.getState(STORED_RANGE)) as StoredRange | undefined;
  if (!stored || !isStored(stored, range, filters.account)) {
    return undefined;
  }
  const now = context.now();
  const isWanted = wantedBy(filters, state);
  const found: StoredIncident[] = [];
  const seen = new Set<string>();
  for (let to = range.to; ; ) {
    signal?.throwIfAborted();
    const overlaps = { from: range.from, to };
    // Documents of one moment may be on two pages.
    const page = await store.findDocuments({ kind: 'incident', overlaps, limit: PAGE + seen.size });
    const fresh = page.filter(({ id }) => !seen.has(id));
    for (const { body } of fresh) {
      const incident = asOf(body as StoredIncident, now);
      if (isWanted(incident)) {
        found.push(incident);
      }
    }
    const last = page.at(-1);
    if (found.length >= limit || !last || fresh.length < PAGE) {
      break;
    }
    to = last.at + 1;
    seen.clear();
    for (const { id, at } of page) {
      if (at === last.at) {
        seen.add(id);
      }
    }
  }
  return found.slice(0, limit);
}

/**
 * Reads a stored incident by its id, also by that of one that was merged into it, as it is now.
 *
 * @throws `UNKNOWN_INCIDENT`, `STORE_FAILED`
 */
export async function findStoredById(
  id: string,
  { store, now }: Pick<QueryContext, 'store' | 'now'>,
): Promise<StoredIncident> {
  let wanted = id;
  for (let merges = 0; merges <= MAX_MERGES; merges++) {
    const [found] = await store.findDocuments({ kind: 'incident', ids: [wanted], limit: 1 });
    const kept = found?.body as StoredIncident | undefined;
    if (!kept) {
      break;
    }
    if (kept.mergedInto === null) {
      return asOf(kept, now());
    }
    wanted = kept.mergedInto;
  }
  throw maskedError('UNKNOWN_INCIDENT', { id });
}

/**
 * Reads the breaks that represent the causes of a stored incident.
 *
 * @throws `STORE_FAILED`
 */
export async function loadCauses(
  { breaks, ...rest }: StoredIncident,
  { store, now }: Pick<QueryContext, 'store' | 'now'>,
): Promise<FoundIncident> {
  const incident: DisplayedIncident = {
    ...rest,
    state: rest.state as DisplayedIncident['state'],
    cause: await recordOf(rest.cause, rest, store),
    firstCause: rest.firstCause && (await recordOf(rest.firstCause, rest, store)),
  };
  return { incident, breaks, status: await statusOf(incident, store, now()) };
}

async function statusOf(
  { scope, state, startedAt, cause }: DisplayedIncident,
  store: QueryContext['store'],
  now: number,
): Promise<StreamStatus | null> {
  const { account, domain, app, stream } = cause.event;
  if (scope.kind !== 'stream' || (state !== 'open' && state !== 'recovered') || stream === '') {
    return null;
  }
  const found = await store.findBreaks({
    range: { from: Math.max(startedAt, now - JUDGED.ms), to: now + 1 },
    filters: { account: [account], domain: [domain], app: [app], stream: [stream] },
    briefFacts: NEARBY_FACTS,
    limit: JUDGED.breaks,
  });
  // A filter may be a pattern.
  const own = found.filter(({ event }) => streamText(event) === streamText(cause.event));
  return judgeStream(own, [], now)?.status ?? null;
}

function wantedBy(filters: Filters, states: IncidentsQuery['state']) {
  const { account, ...others } = filters;
  const { matchesCause } = splitFilters(others);
  const { matchesStream: matchesAccount } = splitFilters(account ? { account } : {});
  return (incident: StoredIncident) => {
    const { state, cause } = incident;
    const record = withoutFacts(cause, incident);
    return (
      state !== 'gone' &&
      (!states?.length || states.includes(state)) &&
      matchesCause(record) &&
      matchesAccount(record)
    );
  };
}

/** Counts on from when an incident was stored; what a new break or recovery would change stays. */
function asOf(incident: StoredIncident, now: number): StoredIncident {
  const { state, holdUntil, lostMs, streamsDown, display } = incident;
  if (state === 'recovered' && holdUntil !== null && holdUntil <= now) {
    return { ...incident, state: 'resolved' };
  }
  return state === 'open'
    ? { ...incident, lostMs: lostMs + streamsDown * Math.max(0, now - display.countedAt) }
    : incident;
}

async function recordOf(
  cause: StoredCause,
  incident: Pick<StoredIncident, 'scope' | 'startedAt'>,
  store: QueryContext['store'],
): Promise<BreakRecord> {
  const record = await store.breakById(cause.breakId);
  if (record?.verdict.rule.hash === cause.rule.hash) {
    return record;
  }
  // The incident shows the cause that its alert named, though the break was diagnosed again.
  const known = withoutFacts(cause, incident);
  return record ? { ...known, event: record.event } : known;
}

/** The break of a cause as far as it is stored with the incident. */
function withoutFacts(
  { breakId, rule, ...cause }: StoredCause,
  { scope, startedAt }: Pick<StoredIncident, 'scope' | 'startedAt'>,
): BreakRecord {
  const { outcome, reason } = cause;
  return {
    event: {
      id: breakId,
      account: scope.account,
      domain: '',
      app: '',
      stream: '',
      clientIp: null,
      node: null,
      startedAt: null,
      endedAt: startedAt,
      durationMs: null,
      recoveredAt: null,
      outcome,
      reason,
      code: null,
      bypassCode: null,
      reasonText: null,
      resolution: null,
      sequence: null,
      sources: [],
      facts: {},
    },
    verdict: {
      ...cause,
      rule: { ...rule, file: '', name: rule.id },
      ground: 'evidence',
      retry: 'none',
      ruleSet: '',
      evidence: [],
      notChecked: [],
      alternates: [],
    },
  };
}
