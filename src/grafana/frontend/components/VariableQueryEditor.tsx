import type { DataSourceApi, QueryEditorProps } from '@grafana/data';
import { Combobox, InlineField } from '@grafana/ui';
import { useEffect } from 'react';
import { FILTER_NAMES } from '../../../model/query.ts';
import { LABELS } from '../labels.ts';
import { TYPED } from '../typed-search.ts';
import type { BreakwatchOptions, BreakwatchQuery, BreakwatchVariableQuery } from '../types.ts';

type Props = QueryEditorProps<
  DataSourceApi<BreakwatchQuery, BreakwatchOptions>,
  BreakwatchQuery,
  BreakwatchOptions,
  BreakwatchVariableQuery
>;

/** Selects the filter whose values a dashboard variable offers. */
export function VariableQueryEditor({ query, onChange }: Props) {
  // Grafana runs no query of a new variable until one is stored.
  useEffect(() => {
    if (query.filter === undefined) {
      onChange({ ...query, refId: 'variable', filter: 'domain', search: TYPED });
    }
  }, [query, onChange]);
  return (
    <InlineField label={LABELS.variable.label} labelWidth={16}>
      <Combobox
        id="variable-filter"
        width={30}
        value={query.filter ?? 'domain'}
        options={FILTER_NAMES.map((value) => ({ value, label: LABELS.filters.names[value] }))}
        onChange={({ value }) =>
          onChange({ ...query, refId: 'variable', filter: value, search: TYPED })
        }
      />
    </InlineField>
  );
}
