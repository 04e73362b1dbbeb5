import { FILTER_NAMES } from '../../model/query.ts';
import { LABELS } from './labels.ts';
import type { BreakwatchQuery } from './types.ts';

/** Describes a query in one line, for example `Series: count by category; Push domain = $domain`. */
export function describeQuery(query: BreakwatchQuery): string {
  const {
    queryType = 'breaks',
    measure = 'count',
    groupBy = [],
    filters = {},
    text = '',
    value,
    show = 'total',
  } = query;
  const type = LABELS.queryType.options[queryType].label;
  if (queryType === 'lookup') {
    return `${type}: ${text}`;
  }
  const subject =
    queryType === 'series'
      ? [measureAndGroups(LABELS.measure.options[measure].label.toLowerCase(), groupBy)]
      : queryType === 'alerts' && value
        ? [LABELS.value.options[value].label.toLowerCase()]
        : queryType === 'quality'
          ? [LABELS.quality.options[show].label.toLowerCase()]
          : [];
  const conditions = FILTER_NAMES.filter((name) => filters[name]?.length).map(
    (name) => `${LABELS.filters.names[name]} = ${filters[name]?.join(', ')}`,
  );
  const parts = [...subject, ...conditions];
  return parts.length > 0 ? `${type}: ${parts.join('; ')}` : type;
}

function measureAndGroups(measure: string, groups: readonly string[]): string {
  return groups.length > 0 ? `${measure} by ${groups.join(', ')}` : measure;
}
