import {
  CoreApp,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceInstanceSettings,
  type MetricFindValue,
  type ScopedVars,
  type TimeRange,
} from '@grafana/data';
import { DataSourceWithBackend, getTemplateSrv } from '@grafana/runtime';
import type { Observable } from 'rxjs';
import type { FilterName } from '../../model/query.ts';
import { describeQuery } from './describe-query.ts';
import { interpolateQuery } from './interpolate-query.ts';
import type { BreakwatchOptions, BreakwatchQuery } from './types.ts';
import { BreakwatchVariables } from './variables.ts';

/** The data source: everything is answered by the backend, this only prepares its questions. */
export class DataSource extends DataSourceWithBackend<BreakwatchQuery, BreakwatchOptions> {
  /** Grafana's own annotation support with our query editor is all that is needed. */
  override annotations = {
    getDefaultQuery: (): Partial<BreakwatchQuery> => ({ queryType: 'annotations' }),
  };

  constructor(settings: DataSourceInstanceSettings<BreakwatchOptions>) {
    super(settings);
    this.variables = new BreakwatchVariables(this);
  }

  /** A new query: a series where alerts are made of it, a table elsewhere. */
  override getDefaultQuery(app: CoreApp): Partial<BreakwatchQuery> {
    return app === CoreApp.UnifiedAlerting || app === CoreApp.CloudAlerting
      ? { queryType: 'series', measure: 'count', groupBy: ['category', 'severity', 'domain'] }
      : { queryType: 'breaks' };
  }

  /** A lookup without a text asks nothing. */
  override filterQuery(query: BreakwatchQuery): boolean {
    return !query.hide && (query.queryType !== 'lookup' || Boolean(query.text?.trim()));
  }

  /** Leaves out queries whose filters can let nothing pass with the variables as they are. */
  override query(request: DataQueryRequest<BreakwatchQuery>): Observable<DataQueryResponse> {
    const targets = request.targets.filter((query) => interpolate(query, request.scopedVars));
    return super.query({ ...request, targets });
  }

  /** One line that stands for a query while its editor is folded. */
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

  /** Values of a filter within a time range, most frequent first; for pickers and variables. */
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
