import { FiltersSchema } from '../../contract/query.ts';
import type { Filters } from '../../model/query.ts';
import { parseFields } from './parse-fields.ts';

/** What dashboards send for "all values" of a variable. */
const ALL = ['$__all', 'All', '*'];

/**
 * Reads filters. Each value is a string or a list of strings. A list that contains "all" (`$__all`,
 * `All` or `*`), or nothing but empty strings, filters nothing and is left out.
 *
 * @param path - names the filters in errors, e.g. `filters`; empty for parameters of an address
 * @throws `BAD_QUERY` naming the filter
 */
export function parseFilters(value: unknown, path = 'filters'): Filters {
  if (value === undefined || value === null) {
    return {};
  }
  const isObject = typeof value === 'object' && !Array.isArray(value);
  const wanted = isObject
    ? Object.fromEntries(Object.entries(value).filter(([, texts]) => !filtersNothing(texts)))
    : value;
  const filters = parseFields(FiltersSchema, wanted, { path, whole: 'filters' });
  const chosen = Object.entries(filters).filter(([, texts]) => texts.length > 0);
  return Object.fromEntries(chosen) as Filters;
}

/** Whether values stand for "all", so that they filter nothing. */
export function filtersNothing(texts: unknown): boolean {
  return [texts].flat().some((text) => ALL.includes(text as string));
}
