import type { BreakRecord } from './break.ts';
import type { AnswerError } from './errors.ts';
import type { Frame } from './frame.ts';
import type { EngineHealth } from './health.ts';
import type { IncidentState, StreamState } from './incident.ts';
import type { AlertState, Category, Language, Outcome, Severity, Side } from './vocabulary.ts';

/**
 * Filters of every query. Each is a list of wanted values; an empty or absent list matches everything.
 * In free texts, such as names, `*` matches any characters.
 */
export interface Filters {
  account?: string[];
  domain?: string[];
  app?: string[];
  stream?: string[];
  category?: Category[];
  severity?: Severity[];
  side?: Side[];
  /** `broken` and `refused` when absent or empty. */
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

/** Fields by which a series can be split into groups. */
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

/**
 * What a series can be grouped by: those fields, and the network of the client's address, /24 of IPv4 and /48 of IPv6.
 */
export const SERIES_GROUP_BY = [...GROUP_BY, 'clientNetwork'] as const;
export type SeriesGroupBy = (typeof SERIES_GROUP_BY)[number];

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
  'quality',
  'recovery',
  'lookup',
] as const;
export type QueryType = (typeof QUERY_TYPES)[number];

interface QueryBase {
  /** Identifies the answer when a request has several queries. */
  refId: string;
  filters?: Filters;
  /** Language of causes and fixes; English when absent. */
  language?: Language;
  /** IANA name of the time zone in which texts of incidents and alerts show times; UTC when absent. */
  timeZone?: string;
}

interface TableQuery extends QueryBase {
  /** Wanted columns in their order, by name; all when absent or empty. Columns that their links need are hidden. */
  columns?: string[];
  /** What a table says in a row of its own when nothing was found and collection works; no row when absent. */
  whenEmpty?: string;
}

/** A table of breaks with cause and fix, newest first. */
export interface BreaksQuery extends TableQuery {
  queryType: 'breaks';
  /** Leaves out breaks that match one of these filters. */
  exclude?: Filters;
  /** Returns lines of a log, for Grafana's Explore, instead of a table. */
  logs?: boolean;
  /**
   * Only breaks that were stored after this place, for those who follow them as they arrive: also late ones, and however
   * late they ended, but none from before the range. 0 begins. The frame's `meta.custom.place` is the place to ask from next.
   */
  newerThan?: number;
  /** Maximum number of rows; 1,000 when absent, up to 100,000. */
  limit?: number;
}

/** Counts over time, one frame for each group, named in the language. */
export interface SeriesQuery extends QueryBase {
  queryType: 'series';
  measure?: SeriesMeasure;
  groupBy?: SeriesGroupBy[];
  /** Length of a step in ms; when absent it depends on the range and maxDataPoints. */
  stepMs?: number;
  /** Maximum number of groups, largest first; 50 when absent, up to 1,000. */
  limit?: number;
}

/** Regions of incidents, from the first break to the last recovery, to draw over other panels. */
export interface AnnotationsQuery extends QueryBase {
  queryType: 'annotations';
  /** Maximum number of regions; 60 when absent, up to 2,000. More regions are merged. */
  limit?: number;
  /** Returns single breaks instead of incidents. */
  breaks?: boolean;
  /** Returns the gaps in collection instead of incidents. */
  gaps?: boolean;
}

/** What a table about one incident tells: its streams with their states; or what happened and what people said. */
export const INCIDENT_PARTS = ['streams', 'story'] as const;
export type IncidentPart = (typeof INCIDENT_PARTS)[number];

/** A table of incidents that overlap the range, newest first, in their state at its end. */
export interface IncidentsQuery extends TableQuery {
  queryType: 'incidents';
  /** Id of the only incident wanted, whatever range and filters say; no rows when empty. */
  incident?: string;
  /** Answers about the incident of that id: its streams, or its story. A table of incidents when absent. */
  part?: IncidentPart;
  /** Wanted states; all when absent or empty. */
  state?: IncidentState[];
  /** Maximum number of rows; 100 when absent, up to 1,000. */
  limit?: number;
  /** Adds the field `cardLines`: each card as typed lines, for clients that render it themselves. */
  cardLines?: boolean;
}

/** What a streams query can tell of the past: states over time, for a state timeline; or pushes, newest first. */
export const STREAM_HISTORIES = ['timeline', 'pushes'] as const;
export type StreamHistory = (typeof STREAM_HISTORIES)[number];

/** A table of streams with a break or a normal end in the range, in their state at its end. */
export interface StreamsQuery extends TableQuery {
  queryType: 'streams';
  /** Tells the history of the streams instead of their states. Filters of the cause do not apply then. */
  history?: StreamHistory;
  /** Wanted states; all when absent or empty. */
  state?: StreamState[];
  /** Maximum number of rows; 1,000 when absent, up to 10,000. */
  limit?: number;
}

/** One number for each alert: `state` is 1 while it fires, else 0; for the others see `AlertValues`. */
export const ALERT_VALUES = ['state', 'minutes', 'streams', 'streamsDown', 'share'] as const;
export type AlertValue = (typeof ALERT_VALUES)[number];

/**
 * The alerts as they are now; the range is ignored. With `value`, the answer suits alert rules: one number
 * for each alert that notified, with labels that do not change, and one number for each account, which is 1
 * while the account is blind. Without `value` it is a table for people, with muted alerts too.
 */
export interface AlertsQuery extends TableQuery {
  queryType: 'alerts';
  value?: AlertValue;
  /** Wanted states; all when absent or empty. */
  state?: AlertState[];
  /** Only alerts that do not notify, or only those that do; both when absent. */
  muted?: boolean;
  /** Maximum number of alerts; 1,000 when absent, up to 10,000. */
  limit?: number;
}

/** What a quality query shows: one row for all; pages over time; one row for each rule; one for each page. */
export const QUALITY_VIEWS = ['total', 'time', 'rules', 'pages'] as const;
export type QualityView = (typeof QUALITY_VIEWS)[number];

/** How good the alerts of the range were: pages, those that healed by themselves, feedback right and wrong. */
export interface QualityQuery extends TableQuery {
  queryType: 'quality';
  /** `total` when absent. */
  show?: QualityView;
  /** Maximum number of rows; 100 when absent, up to 10,000. */
  limit?: number;
}

/** How long streams took to recover, by the cause of their first break, beside a week earlier. */
export interface RecoveryQuery extends TableQuery {
  queryType: 'recovery';
  /** Maximum number of rows; 100 when absent, up to 1,000. */
  limit?: number;
}

/** Asks what a code or text means. */
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
  | QualityQuery
  | RecoveryQuery
  | LookupQuery;

/** Queries that share a time range. */
export interface QueryRequest {
  /** Start of the range, epoch ms UTC, inclusive. */
  from: number;
  /** End of the range, epoch ms UTC, exclusive. */
  to: number;
  /** How many points the caller can draw; limits the number of steps of a series. */
  maxDataPoints?: number;
  /** Address of Breakwatch in the browser, for links to runbooks; unknown when absent. */
  pageUrl?: string;
  /** Names of fields that nobody knows, which were left out; a notice of each answer says so. */
  unknownFields?: string[];
  queries: Query[];
}

/** The answer to one query: frames, or an error. */
export type QueryAnswer = { frames: Frame[] } | { error: AnswerError };

/** Answers by refId, one for every query. */
export interface QueryResponse {
  results: Record<string, QueryAnswer>;
}

/** Answers queries. A local engine and the client of a remote server both implement it. */
export interface QueryService {
  /** Answers all queries. A query that fails has an error under its refId; the others are answered. */
  query(request: QueryRequest, signal?: AbortSignal): Promise<QueryResponse>;
  /**
   * Lists the values of a filter, for pickers and variables, most frequent first, at most 1,000.
   *
   * @param search - only values that contain this text, in any case
   */
  values(name: FilterName, range: { from: number; to: number }, search?: string): Promise<string[]>;
  health(): Promise<EngineHealth>;
}

/** Whether a break matches filters, by the same rules as in the store. */
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
 * Whether a value matches a pattern, in which `*` matches any number of characters.
 *
 * It searches each part between stars once, from left to right, without backtracking. So a pattern with
 * many stars cannot block the thread.
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

/** Whether one of the patterns matches a value, as {@link matchesPattern} does. None, or no list, match everything. */
export function matchesSome(patterns: readonly string[] | undefined, value: string): boolean {
  return !patterns?.length || patterns.some((pattern) => matchesPattern(pattern, value));
}
