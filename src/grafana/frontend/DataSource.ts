import {
  type AnnotationQuery,
  CoreApp,
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceInstanceSettings,
  type MetricFindValue,
  type ScopedVars,
  type TimeRange,
} from '@grafana/data';
import { config, DataSourceWithBackend, getTemplateSrv } from '@grafana/runtime';
import { map, type Observable, of } from 'rxjs';
import type { FilterName } from '../../model/query.ts';
import { toAnnotationEvents } from './annotation-events.ts';
import { describeQuery } from './describe-query.ts';
import { interpolateQuery } from './interpolate-query.ts';
import { LABELS } from './labels.ts';
import type { BreakwatchOptions, BreakwatchQuery } from './types.ts';
import { BreakwatchVariables } from './variables.ts';

const INCIDENT_MARGIN_MS = 600_000;

/** The data source. It fills in variables and sends queries to the backend, which answers them. */
export class DataSource extends DataSourceWithBackend<BreakwatchQuery, BreakwatchOptions> {
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
    this.variables = new BreakwatchVariables((filter, range) => this.filterValues(filter, range));
  }

  /** Returns a new query: the alerts that fire for alert rules, a table of breaks elsewhere. */
  override getDefaultQuery(
    app?: CoreApp,
  ): Partial<BreakwatchQuery> & Required<Pick<BreakwatchQuery, 'queryType'>> {
    return app === CoreApp.UnifiedAlerting || app === CoreApp.CloudAlerting
      ? { queryType: 'alerts', value: 'state' }
      : { queryType: 'breaks' };
  }

  /** Skips hidden queries, and lookups without a text. */
  override filterQuery(query: BreakwatchQuery): boolean {
    return !query.hide && (query.queryType !== 'lookup' || Boolean(query.text?.trim()));
  }

  /** Runs queries; skips those whose filters exclude each other with the current variables. */
  override query(request: DataQueryRequest<BreakwatchQuery>): Observable<DataQueryResponse> {
    const targets = request.targets.filter((query) => interpolate(query, request.scopedVars));
    const answer = super.query({ ...request, targets });
    return request.app === CoreApp.Explore ? answer.pipe(map(showAnnotationsAsTable)) : answer;
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

  /**
   * Fetches the values of a filter for pickers and variables, most frequent first.
   *
   * @param range - the last 24 h when undefined
   */
  async filterValues(filter: FilterName, range: TimeRange | undefined): Promise<MetricFindValue[]> {
    const to = range?.to.valueOf() ?? Date.now();
    const from = range?.from.valueOf() ?? to - 86_400_000;
    const answer: { values: string[] } = await this.getResource(`values/${filter}`, { from, to });
    return answer.values.map((value) => ({ text: value, value }));
  }
}

function interpolate(query: BreakwatchQuery, scopedVars: ScopedVars): BreakwatchQuery | undefined {
  return interpolateQuery(query, (text, join) => getTemplateSrv().replace(text, scopedVars, join));
}

/** Explore has no chart to draw annotations on, and shows no frame that is meant for one. */
function showAnnotationsAsTable(response: DataQueryResponse): DataQueryResponse {
  const data = response.data.map((frame: DataFrame) => {
    const { dataTopic, ...meta } = frame.meta ?? {};
    return dataTopic ? { ...frame, meta: { ...meta, preferredVisualisationType: 'table' } } : frame;
  });
  return { ...response, data };
}

/** The provisioned dashboard, from ten minutes before an incident to ten minutes after it. */
function incidentLink(_id: string, { time, timeEnd }: { time: number; timeEnd: number }) {
  const [from, to] = [time - INCIDENT_MARGIN_MS, timeEnd + INCIDENT_MARGIN_MS];
  return {
    href: `${config.appSubUrl}/d/breakwatch?from=${from}&to=${to}`,
    words: LABELS.openIncident,
  };
}
