import {
  CustomVariableSupport,
  type DataQueryRequest,
  type DataQueryResponse,
} from '@grafana/data';
import { from, map, type Observable } from 'rxjs';
import { VariableQueryEditor } from './components/VariableQueryEditor.tsx';
import type { DataSource } from './DataSource.ts';
import type { BreakwatchVariableQuery } from './types.ts';

/** Dashboard variables: the values that a filter has in the dashboard's time range. */
export class BreakwatchVariables extends CustomVariableSupport<
  DataSource,
  BreakwatchVariableQuery
> {
  readonly #datasource: DataSource;
  override editor = VariableQueryEditor;

  constructor(datasource: DataSource) {
    super();
    this.#datasource = datasource;
  }

  override query(
    request: DataQueryRequest<BreakwatchVariableQuery>,
  ): Observable<DataQueryResponse> {
    const filter = request.targets[0]?.filter ?? 'domain';
    return from(this.#datasource.filterValues(filter, request.range)).pipe(
      map((data) => ({ data })),
    );
  }
}
