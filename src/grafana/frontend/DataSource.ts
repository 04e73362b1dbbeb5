import {
  type AnnotationQuery,
  CoreApp,
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceGetTagValuesOptions,
  type DataSourceInstanceSettings,
  type DataSourceWithLogsContextSupport,
  type DataSourceWithSupplementaryQueriesSupport,
  dateTime,
  LoadingState,
  type LogRowContextOptions,
  LogRowContextQueryDirection,
  type LogRowModel,
  type MetricFindValue,
  type QueryFixAction,
  type ScopedVars,
  type SupplementaryQueryOptions,
  SupplementaryQueryType,
  type TimeRange,
} from '@grafana/data';
import { config, DataSourceWithBackend, getTemplateSrv } from '@grafana/runtime';
import { fromEvent, lastValueFrom, map, type Observable, of, startWith } from 'rxjs';
import { FILTER_NAMES, type FilterName } from '../../model/query.ts';
import { isOneOf } from '../../model/vocabulary.ts';
import { toAnnotationEvents } from './annotation-events.ts';
import { describeQuery } from './describe-query.ts';
import { contextQuery, framesForExplore, tailQuery, tailRange, volumeQuery } from './explore.ts';
import { addCondition, CLOSED, toggleValue } from './filter-query.ts';
import { interpolateQuery } from './interpolate-query.ts';
import { MAX_LINES } from './keep-newest.ts';
import { LABELS } from './labels.ts';
import { liveTail, POLL_MS } from './live-tail.ts';
import type { BreakwatchOptions, BreakwatchQuery } from './types.ts';
import { BreakwatchVariables } from './variables.ts';

const INCIDENT_MARGIN_MS = 600_000;

/** The data source. It fills in variables and sends queries to the backend, which answers them. */
export class DataSource
  extends DataSourceWithBackend<BreakwatchQuery, BreakwatchOptions>
  implements
    DataSourceWithSupplementaryQueriesSupport<BreakwatchQuery>,
    DataSourceWithLogsContextSupport<BreakwatchQuery>
{
  /** Enables Grafana's annotation support with the query editor of this data source. */
  override annotations = {
    getDefaultQuery: (): Partial<BreakwatchQuery> => ({ queryType: 'annotations' }),
    // Grafana shows the default query in the editor, but stores and runs an annotation without it. A new annotation
    // has no query at all.
    prepareAnnotation: (
      annotation: AnnotationQuery<BreakwatchQuery>,
    ): AnnotationQuery<BreakwatchQuery> =>
      annotation.target?.queryType
        ? annotation
        : {
            ...annotation,
            target: { refId: 'Anno', ...annotation.target, queryType: 'annotations' },
          },
    processEvents: (_annotation: AnnotationQuery, frames: DataFrame[]) =>
      of(toAnnotationEvents(frames, incidentLink)),
  };

  constructor(settings: DataSourceInstanceSettings<BreakwatchOptions>) {
    super(settings);
    this.variables = new BreakwatchVariables((filter, range, search) =>
      this.filterValues(filter, range, search),
    );
  }

  /** Returns a new query: the alerts that fire for alert rules, a table of breaks elsewhere. */
  override getDefaultQuery(
    app?: CoreApp,
  ): Partial<BreakwatchQuery> & Required<Pick<BreakwatchQuery, 'queryType'>> {
    return app === CoreApp.UnifiedAlerting || app === CoreApp.CloudAlerting
      ? { queryType: 'alerts', value: 'state' }
      : { queryType: 'breaks', ...(app === CoreApp.Explore ? { logs: true } : {}) };
  }

  /** Skips hidden queries, and lookups without a text. */
  override filterQuery(query: BreakwatchQuery): boolean {
    return !query.hide && (query.queryType !== 'lookup' || Boolean(query.text?.trim()));
  }

  /** Runs queries; skips those whose filters exclude each other with the current variables. */
  override query(request: DataQueryRequest<BreakwatchQuery>): Observable<DataQueryResponse> {
    const conditions = request.filters ?? [];
    const targets = request.targets
      .map((query) => conditions.reduce(addCondition, query))
      .filter((query) => interpolate(query, request.scopedVars));
    const isTailed = (query: BreakwatchQuery) => (query.queryType ?? 'breaks') === 'breaks';
    if (request.liveStreaming && targets.some(isTailed)) {
      return this.#tail({ ...request, targets: targets.filter(isTailed) });
    }
    const answer = super.query({ ...request, targets });
    return request.app === CoreApp.Explore ? answer.pipe(map(forExplore)) : answer;
  }

  /** Follows breaks as they arrive. Queries of other types are not followed, so Explore does not show them meanwhile. */
  #tail(request: DataQueryRequest<BreakwatchQuery>): Observable<DataQueryResponse> {
    const [from, to] = [request.range.from.valueOf(), request.range.to.valueOf()];
    const ask = (places: ReadonlyMap<string, number>) => {
      const span = tailRange({ from, to }, { now: Date.now(), isFirst: places.size === 0 });
      const raw = { from: dateTime(span.from), to: dateTime(span.to) };
      const targets = request.targets.map((query) =>
        tailQuery(query, places.get(query.refId) ?? 0),
      );
      // What differs between viewers must not make their questions differ.
      const same = { maxDataPoints: MAX_LINES, intervalMs: POLL_MS };
      return super.query({ ...request, ...same, targets, range: { ...raw, raw } });
    };
    return liveTail({ ask, visible: tabIsVisible() }).pipe(
      map(({ frames, problem }) => ({
        key: 'live',
        data: frames,
        state: LoadingState.Streaming,
        ...(problem && { error: { message: tryAgain(problem) } }),
      })),
    );
  }

  /** Returns one line that describes a query while its editor is collapsed. */
  override getQueryDisplayText(query: BreakwatchQuery): string {
    return describeQuery(query);
  }

  override applyTemplateVariables(query: BreakwatchQuery, scopedVars: ScopedVars): BreakwatchQuery {
    return interpolate(query, scopedVars) ?? { ...query, hide: true };
  }

  override interpolateVariablesInQueries(
    queries: BreakwatchQuery[],
    scopedVars: ScopedVars,
  ): BreakwatchQuery[] {
    return queries.map((query) => this.applyTemplateVariables(query, scopedVars));
  }

  /** Adds a filter from a click on a value of a log in Explore. */
  override modifyQuery(
    query: BreakwatchQuery,
    { type, options = {} }: QueryFixAction,
  ): BreakwatchQuery {
    const { key = '', value = '' } = options;
    return type === 'ADD_FILTER' || type === 'ADD_FILTER_OUT'
      ? toggleValue(query, { key, value, keep: type === 'ADD_FILTER' })
      : query;
  }

  /** The names that ad hoc filters offer. */
  override async getTagKeys(): Promise<MetricFindValue[]> {
    return FILTER_NAMES.map((value) => ({ text: value, value }));
  }

  /** The values that an ad hoc filter offers, most frequent first, at most 1,000. */
  override async getTagValues({
    key,
    timeRange,
  }: DataSourceGetTagValuesOptions<BreakwatchQuery>): Promise<MetricFindValue[]> {
    if (!isOneOf(FILTER_NAMES, key)) {
      return [];
    }
    return (
      CLOSED[key]?.map((value) => ({ text: value, value })) ?? this.filterValues(key, timeRange)
    );
  }

  getSupportedSupplementaryQueryTypes(): SupplementaryQueryType[] {
    return [SupplementaryQueryType.LogsVolume];
  }

  getSupplementaryQuery(
    { type }: SupplementaryQueryOptions,
    query: BreakwatchQuery,
  ): BreakwatchQuery | undefined {
    return type === SupplementaryQueryType.LogsVolume ? volumeQuery(query) : undefined;
  }

  getSupplementaryRequest(
    type: SupplementaryQueryType,
    request: DataQueryRequest<BreakwatchQuery>,
  ): DataQueryRequest<BreakwatchQuery> | undefined {
    const targets = request.targets.flatMap(
      (query) => this.getSupplementaryQuery({ type }, query) ?? [],
    );
    return targets.length > 0 ? { ...request, targets } : undefined;
  }

  /** Asks what happened to the stream of a line of the log before or after it. */
  getLogRowContext = (
    row: LogRowModel,
    { direction, limit = 10 }: LogRowContextOptions = {},
  ): Promise<DataQueryResponse> => {
    const isBefore = direction !== LogRowContextQueryDirection.Forward;
    const { query, from, to } = contextQuery(row, { isBefore, limit });
    const raw = { from: dateTime(from), to: dateTime(to) };
    return lastValueFrom(
      this.query({
        targets: [query],
        range: { ...raw, raw },
        app: CoreApp.Explore,
        requestId: `context-${row.uid}-${direction}`,
        interval: '1m',
        intervalMs: 60_000,
        scopedVars: {},
        timezone: 'utc',
        startTime: from,
      }),
    );
  };

  /**
   * Fetches the values of a filter for pickers and variables, most frequent first, at most 1,000.
   *
   * @param range - the last 24 h when undefined
   * @param search - what the user typed: only values that contain it, in any case
   */
  async filterValues(
    filter: FilterName,
    range: TimeRange | undefined,
    search?: string,
  ): Promise<MetricFindValue[]> {
    const to = range?.to.valueOf() ?? Date.now();
    const from = range?.from.valueOf() ?? to - 86_400_000;
    const answer: { values: string[] } = await this.getResource(`values/${filter}`, {
      from,
      to,
      ...(search ? { search } : {}),
    });
    return answer.values.map((value) => ({ text: value, value }));
  }
}

function interpolate(query: BreakwatchQuery, scopedVars: ScopedVars): BreakwatchQuery | undefined {
  return interpolateQuery(query, (text, join) => getTemplateSrv().replace(text, scopedVars, join));
}

/** The provisioned dashboard of an incident, from ten minutes before it to ten minutes after it. */
function incidentLink(id: string, { time, timeEnd }: { time: number; timeEnd: number }) {
  const [from, to] = [time - INCIDENT_MARGIN_MS, timeEnd + INCIDENT_MARGIN_MS];
  return {
    href: `${config.appSubUrl}/d/breakwatch-incident?var-incident=${encodeURIComponent(id)}&from=${from}&to=${to}`,
    words: LABELS.openIncident,
  };
}

/** Whether the browser shows this tab: now, and when it changes. */
function tabIsVisible(): Observable<boolean> {
  return fromEvent(document, 'visibilitychange').pipe(
    startWith(undefined),
    map(() => document.visibilityState !== 'hidden'),
  );
}

function tryAgain({ message, retryMs }: { message: string; retryMs: number }): string {
  return `${message} ${LABELS.live.retry} ${retryMs / 1_000} s`.trim();
}

function forExplore(response: DataQueryResponse): DataQueryResponse {
  return { ...response, data: framesForExplore(response.data) };
}
