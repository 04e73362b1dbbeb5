import type { BreakRecord } from './break.ts';
import type { AnswerError } from './errors.ts';
import type { Frame } from './frame.ts';
import type { EngineHealth } from './health.ts';
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

/** The answer to one query: frames, or an error. */
export type QueryAnswer = { frames: Frame[] } | { error: AnswerError };

/** Answers by refId; every refId of the request is there. */
export interface QueryResponse {
  results: Record<string, QueryAnswer>;
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

/** Tells whether a record matches filters, by the same rules as the store. */
export function matchFilters({ event, verdict }: BreakRecord, filters: Filters): boolean {
  const values: Record<FilterName, string | null> = {
    account: event.account,
    domain: event.domain,
    app: event.app,
    stream: event.stream,
    category: verdict.category,
    severity: verdict.severity,
    side: verdict.side,
    outcome: verdict.outcome,
    reason: verdict.reason,
    rule: verdict.rule.id,
    clientIp: event.clientIp,
    node: event.node,
  };
  return FILTER_NAMES.every((name) => {
    const wanted: string[] | undefined = filters[name];
    const value = values[name];
    return (
      !wanted?.length ||
      (value !== null && wanted.some((pattern) => matchesPattern(pattern, value)))
    );
  });
}

/**
 * Tells whether a value matches a pattern in which `*` stands for any number of characters.
 *
 * Each part between stars is searched once, from left to right, so there is no backtracking: a
 * pattern of many stars from a query cannot block the thread.
 */
export function matchesPattern(pattern: string, value: string): boolean {
  if (!pattern.includes('*')) {
    return pattern === value;
  }
  const parts = pattern.split('*');
  const first = parts[0] as string;
  const last = parts.at(-1) as string;
  if (value.length < first.length + last.length || !value.startsWith(first)) {
    return false;
  }
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = value.indexOf(part, at);
    if (found < 0) {
      return false;
    }
    at = found + part.length;
  }
  return value.endsWith(last) && at <= value.length - last.length;
}
