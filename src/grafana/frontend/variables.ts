import {
  CustomVariableSupport,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  type MetricFindValue,
  type TimeRange,
} from '@grafana/data';
import { from, map, type Observable } from 'rxjs';
import type { FilterName } from '../../model/query.ts';
import { VariableQueryEditor } from './components/VariableQueryEditor.tsx';
import { typedText } from './typed-search.ts';
import type { BreakwatchOptions, BreakwatchQuery, BreakwatchVariableQuery } from './types.ts';

/** Fetches the values of a filter within a time range. */
export type FetchFilterValues = (
  filter: FilterName,
  range: TimeRange | undefined,
  search: string,
) => Promise<MetricFindValue[]>;

/** Dashboard variables: the values of one filter in the dashboard's time range. */
export class BreakwatchVariables extends CustomVariableSupport<
  DataSourceApi<BreakwatchQuery, BreakwatchOptions>,
  BreakwatchVariableQuery
> {
  readonly #fetchValues: FetchFilterValues;
  override editor = VariableQueryEditor;

  /** @param fetchValues - fetches the values of a variable */
  constructor(fetchValues: FetchFilterValues) {
    super();
    this.#fetchValues = fetchValues;
  }

  override query(
    request: DataQueryRequest<BreakwatchVariableQuery>,
  ): Observable<DataQueryResponse> {
    const filter = request.targets[0]?.filter ?? 'domain';
    const typed = typedText(request.scopedVars);
    return from(this.#fetchValues(filter, request.range, typed)).pipe(map((data) => ({ data })));
  }
}
