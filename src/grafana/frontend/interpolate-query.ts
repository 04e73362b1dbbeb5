import { FILTER_NAMES } from '../../model/query.ts';
import type { BreakwatchQuery } from './types.ts';

/** Stands between the values of a multi-value variable; never part of a value. */
const SEPARATOR = '\u001f';

/** Replaces variables in one text; several values are joined by the given function. */
export type Replace = (text: string, join: (value: string | string[]) => string) => string;

function joinValues(value: string | string[]): string {
  return Array.isArray(value) ? value.join(SEPARATOR) : String(value);
}

/**
 * Puts the values of dashboard variables into a query. One filter entry may become several values;
 * an entry that becomes empty is dropped, and an empty filter lets all pass.
 */
export function interpolateQuery(query: BreakwatchQuery, replace: Replace): BreakwatchQuery {
  const filters: NonNullable<BreakwatchQuery['filters']> = {};
  for (const name of FILTER_NAMES) {
    const values = (query.filters?.[name] ?? [])
      .flatMap((entry) => replace(entry, joinValues).split(SEPARATOR))
      .filter((value) => value !== '');
    if (values.length > 0) {
      filters[name] = [...new Set(values)];
    }
  }
  return {
    ...query,
    filters,
    ...(query.text === undefined
      ? {}
      : { text: replace(query.text, (value) => (Array.isArray(value) ? value.join(',') : value)) }),
  };
}
