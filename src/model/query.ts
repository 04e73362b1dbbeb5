import type { CoverageGap } from './coverage-gap.ts';
import type { Frame } from './frame.ts';
import type { IncidentState, StreamState } from './incident.ts';
import type { Category, Language, Outcome, Severity, Side } from './vocabulary.ts';

/**
 * Filters of every query. Each is a list of wanted values; an empty or absent list lets all pass.
 * In texts (all but the closed lists) `*` stands for any run of characters.
 */
export interface Filters {
  account?: string[];
  domain?: string[];
  app?: string[];
  stream?: string[];
  category?: Category[];
  severity?: Severity[];
  side?: Side[];
  /** Default for every query type but breaks without a choice: broken and refused. */
  outcome?: Outcome[];
  reason?: string[];
  rule?: string[];
  clientIp?: string[];
  node?: string[];
}

/** Names of the filters, in the order in which editors show them. */
export const FILTER_NAMES = [
  'account',
  'domain',
  'app',
  'stream',
  'category',
  'severity',
  'side',
  'outcome',
  'reason',
  'rule',
  'clientIp',
  'node',
] as const satisfies readonly (keyof Filters)[];
export type FilterName = (typeof FILTER_NAMES)[number];

/** By what a series may be split into groups. */
export const GROUP_BY = [
  'category',
  'severity',
  'side',
  'outcome',
  'reason',
  'rule',
  'account',
  'domain',
  'app',
  'stream',
  'clientIp',
  'node',
] as const;
export type GroupBy = (typeof GROUP_BY)[number];

/** What a series measures: breaks per step, breaks per minute, or minutes down per step. */
export const SERIES_MEASURES = ['count', 'rate', 'lostMinutes'] as const;
export type SeriesMeasure = (typeof SERIES_MEASURES)[number];

/** The query types. */
export const QUERY_TYPES = [
  'breaks',
  'series',
  'annotations',
  'incidents',
  'streams',
  'alerts',
  'lookup',
] as const;
export type QueryType = (typeof QUERY_TYPES)[number];

interface QueryBase {
  /** Names the answer when several queries travel together. */
  refId: string;
  filters?: Filters;
  /** Language of causes and fixes; English when absent. */
  language?: Language;
  /** IANA name of the time zone in which texts of incidents and alerts show times; UTC when absent. */
  timeZone?: string;
}

/** A table of breaks with cause and fix, newest first. */
export interface BreaksQuery extends QueryBase {
  queryType: 'breaks';
  /** Rows at most; 1,000 when absent, cut to 100,000. */
  limit?: number;
}

/** Counts over time, one frame a group. */
export interface SeriesQuery extends QueryBase {
  queryType: 'series';
  measure?: SeriesMeasure;
  groupBy?: GroupBy[];
  /** Width of a step in ms; when absent it is chosen from the range and maxDataPoints. */
  stepMs?: number;
  /** At most this many groups, the biggest first; 50 when absent. */
  limit?: number;
}

/** Regions from break to recovery, for drawing over other panels. */
export interface AnnotationsQuery extends QueryBase {
  queryType: 'annotations';
  /** Regions at most; 200 when absent. Overlapping ones of the same stream and cause are merged. */
  limit?: number;
  /** True for the times in which no data was collected, instead of breaks. */
  gaps?: boolean;
}

/** A table of incidents that touch the range, newest first, as they stand at its end. */
export interface IncidentsQuery extends QueryBase {
  queryType: 'incidents';
  /** Wanted states; all when absent or empty. */
  state?: IncidentState[];
  /** Rows at most; 100 when absent, cut to 1,000. */
  limit?: number;
  /** Adds the field `cardLines`: each card as typed lines, for clients that render it themselves. */
  cardLines?: boolean;
}

/** A table of the streams that broke or ended in the range, and what each is doing at its end. */
export interface StreamsQuery extends QueryBase {
  queryType: 'streams';
  /** Wanted states; all when absent or empty. */
  state?: StreamState[];
  /** Rows at most; 1,000 when absent, cut to 10,000. */
  limit?: number;
}

/**
 * One number of every alert: `state` is 1 while it is told and lasts, else 0; the others are what
 * changes meanwhile.
 */
export const ALERT_VALUES = ['state', 'minutes', 'streams', 'streamsDown', 'share'] as const;
export type AlertValue = (typeof ALERT_VALUES)[number];

/**
 * Alerts as they stand now, whatever the range. With a value it is what alert rules want: one number
 * an alert, with labels that stay the same, and for each account a number that is 1 while nothing can
 * be seen of it. Without one it is a table for people, of alerts that are kept quiet as well.
 */
export interface AlertsQuery extends QueryBase {
  queryType: 'alerts';
  value?: AlertValue;
  /** Alerts at most; 1,000 when absent, cut to 10,000. */
  limit?: number;
}

/** What does this code or text mean? */
export interface LookupQuery extends QueryBase {
  queryType: 'lookup';
  /** A code (`18/501`, `6012`), an API error (`ResourceNotFound.StopService`) or a reason text. */
  text: string;
}

export type Query =
  | BreaksQuery
  | SeriesQuery
  | AnnotationsQuery
  | IncidentsQuery
  | StreamsQuery
  | AlertsQuery
  | LookupQuery;

/** Queries that travel together and share a time range. */
export interface QueryRequest {
  /** Start of the range, epoch ms UTC, inclusive. */
  from: number;
  /** End of the range, epoch ms UTC, exclusive. */
  to: number;
  /** How many points a caller can draw; bounds the steps of a series. */
  maxDataPoints?: number;
  queries: Query[];
}

/** An error as answers carry it. */
export interface AnswerError {
  code: string;
  message: string;
  remedy: string;
}

/** The answer to one query: frames, or an error. */
export type QueryAnswer = { frames: Frame[] } | { error: AnswerError };

/** Answers by refId; every refId of the request is there. */
export interface QueryResponse {
  results: Record<string, QueryAnswer>;
}

/** How far reading of the past has come; it goes from the newest to the oldest. Epoch ms UTC. */
export interface BackfillProgress {
  /** The range that is being read, or was read last. */
  from: number;
  to: number;
  /** From here to `to` all has been read. */
  doneUntil: number;
  /** How much of the range is still to be read, ms. */
  remainingMs: number;
  /** How long that will take if it goes on as it does, ms; null while nobody can say. */
  etaMs: number | null;
  done: boolean;
}

/** How looking up missed callbacks in CSS's records goes; counts since the start. */
export interface RecoveryHealth {
  /** Breaks that still have to be looked up, or looked up again. */
  waiting: number;
  /** Callbacks that were found. */
  found: number;
  /** Breaks that CSS has no callback of. */
  notFound: number;
  /** Why the last question was not answered; null when it was. */
  error: AnswerError | null;
}

/** State of collection of one account, as health and panels show it. */
export interface AccountHealth {
  account: string;
  /** `ok`, `unverified` (callbacks alone), `blind` (no successful poll for 60 s), `starting`. */
  state: 'ok' | 'unverified' | 'blind' | 'starting';
  /** Epoch ms UTC; null when it never happened. */
  lastPollAt: number | null;
  lastCallbackAt: number | null;
  /**
   * Pushes that ended in the last hour as polling found at least 2 minutes ago, and no callback told
   * of; refusals do not count. Null where breaks do not come both ways; absent from an older server.
   */
  missedCallbacks?: number | null;
  /** Looking up callbacks that never came; null where breaks do not come both ways. */
  recovery?: RecoveryHealth | null;
  /** When breaks could not be seen as they happened, oldest first; absent from an older server. */
  gaps?: CoverageGap[];
  /** Null before the first poll and where nothing is polled; absent from an older server. */
  backfill?: BackfillProgress | null;
  /** The last poll's error, when the last poll failed. */
  error: AnswerError | null;
}

/** Maintenance windows and expected schedules, as health shows them. */
export interface MuteHealth {
  /** How many are in force. */
  entries: number;
  /** Maintenance going on now, and when it ends, epoch ms UTC. */
  now: { name: string; until: number | null }[];
  /** Why what their file holds is not in force; null when it is. */
  error: AnswerError | null;
}

/** What is kept and for how long, as health shows it. Times are epoch ms UTC. */
export interface RetentionHealth {
  /** Days that are kept; 0 for ever. */
  keepDays: number;
  /** What happened before is taken away and not taken any more; null where all is kept. */
  keptFrom: number | null;
  /** When the oldest break ended; null when there is none. */
  oldest: number | null;
  /** Whether something is being taken away right now. */
  running: boolean;
  /** When all that was old had been taken away; null before the first time of this run. */
  purgedAt: number | null;
  /** Rows taken away since the start. */
  purged: { breaks: number; pushes: number; documents: number; journal: number };
  /** Arrivals left out since the start, because they tell of a time that is not kept. */
  refused: number;
  /** Why the last purge failed; null when it did not. */
  error: AnswerError | null;
}

/** What an engine says of itself. */
export interface EngineHealth {
  ok: boolean;
  version: string;
  accounts: AccountHealth[];
  rules: { set: string; count: number; loadedAt: number; error: AnswerError | null };
  store: { kind: string; breaks: number; journal: number };
  /** How breaks are made of what the journal holds. Absent from an older server. */
  deriving?: { behind: number; error: AnswerError | null };
  /** Absent from an older server. */
  retention?: RetentionHealth;
  /** Absent from an older server, and where nobody wrote any. */
  mute?: MuteHealth;
}

/**
 * What every view talks to: a local engine or a remote `breakwatch serve` answer alike.
 */
export interface QueryService {
  /** Answers all queries; a failing query yields an error under its refId and never rejects the others. */
  query(request: QueryRequest, signal?: AbortSignal): Promise<QueryResponse>;
  /** Distinct values of a filter, for pickers and variables, most frequent first. */
  values(name: FilterName, range: { from: number; to: number }): Promise<string[]>;
  health(): Promise<EngineHealth>;
}
