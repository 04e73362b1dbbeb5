import { FILTER_NAMES, type FilterName, type Filters } from '../../model/query.ts';
import { CATEGORIES, OUTCOMES, SEVERITIES, SIDES } from '../../model/vocabulary.ts';
import { parseChoice, parseObject, parseTexts, refuseUnknown } from './parse-fields.ts';

/** Filters that take values of a closed list; all others take any text, with `*`. */
const CLOSED_LISTS: Partial<Record<FilterName, readonly string[]>> = {
  category: CATEGORIES,
  severity: SEVERITIES,
  side: SIDES,
  outcome: OUTCOMES,
};

/** What dashboards send for "all values" of a variable. */
const ALL = ['$__all', 'All', '*'];

/**
 * Reads filters. Each value is a text or a list of texts. A list that contains "all" (`$__all`,
 * `All` or `*`), or nothing but empty texts, filters nothing and is left out.
 *
 * @param path - put before the filter's name in errors, e.g. `filters.`
 * @throws `BAD_QUERY` naming the filter
 */
export function parseFilters(value: unknown, path = 'filters.'): Filters {
  if (value === undefined || value === null) {
    return {};
  }
  const given = parseObject(value, path.replace(/\.$/, ''));
  refuseUnknown(given, FILTER_NAMES, path);
  const filters: Record<string, string[]> = {};
  for (const name of FILTER_NAMES) {
    const values = parseTexts(given[name], `${path}${name}`).filter((text) => text !== '');
    if (values.length === 0 || values.some((text) => ALL.includes(text))) {
      continue;
    }
    const list = CLOSED_LISTS[name];
    if (list) {
      for (const text of values) {
        parseChoice(text, `${path}${name}`, list);
      }
    }
    filters[name] = [...new Set(values)];
  }
  return filters as Filters;
}
