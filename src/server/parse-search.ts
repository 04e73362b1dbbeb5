import { FILTER_NAMES, type Filters } from '../model/query.ts';
import { LANGUAGES, type Language } from '../model/vocabulary.ts';
import {
  badField,
  type JsonObject,
  parseChoice,
  parseObject,
  refuseUnknown,
} from '../queries/request/parse-fields.ts';
import { parseFilters } from '../queries/request/parse-filters.ts';

/** A parsed query string; a repeated parameter is a list. */
export interface Search {
  filters: Filters;
  language: Language;
  /** The other parameters, each given once, or undefined. */
  one(name: string): string | undefined;
}

/**
 * Reads the parameters of an address. Filters may be repeated or hold several values with commas.
 *
 * @param query - as the HTTP server parsed it
 * @param known - parameters besides `lang`
 * @param withFilters - whether filters are taken
 * @throws `BAD_QUERY` naming the parameter
 */
export function parseSearch(
  query: unknown,
  known: readonly string[],
  withFilters: boolean,
): Search {
  const given: JsonObject = { ...parseObject(query, 'the query string') };
  const filterNames = withFilters ? FILTER_NAMES : [];
  refuseUnknown(given, [...known, 'lang', ...filterNames]);
  const filters = Object.fromEntries(
    filterNames
      .filter((name) => given[name] !== undefined)
      .map((name) => [name, [given[name]].flat().flatMap((text) => String(text).split(','))]),
  );
  const one = (name: string): string | undefined => {
    const value = given[name];
    if (Array.isArray(value)) {
      throw badField(name, 'is given more than once');
    }
    return value as string | undefined;
  };
  return {
    filters: parseFilters(filters, ''),
    language: parseChoice(one('lang'), 'lang', LANGUAGES) ?? 'en',
    one,
  };
}
