import { FILTER_NAMES } from '../../model/query.ts';
import { isOneOf, LANGUAGES } from '../../model/vocabulary.ts';
import type { BreakwatchQuery } from './types.ts';

/** Stands between the values of a multi-value variable; never part of a value. */
const SEPARATOR = '\u001f';

/** What a variable holds when all of its values are chosen. */
const ALL = ['*', '$__all', 'All'];

/** Replaces variables in one text; several values are joined by the given function. */
export type Replace = (text: string, join: (value: string | string[]) => string) => string;

function joinValues(value: string | string[]): string {
  return Array.isArray(value) ? value.join(SEPARATOR) : String(value);
}

/** The values that both lists let pass; a list that is empty or says "all" lets all pass. */
function both(one: string[], other: string[]): string[] {
  const open = (values: string[]) => values.length === 0 || values.some((v) => ALL.includes(v));
  if (open(other)) {
    return one;
  }
  return open(one) ? other : one.filter((value) => other.includes(value));
}

/**
 * Puts the values of dashboard variables into a query. One filter entry may become several values;
 * an entry that becomes empty is dropped, and an empty filter lets all pass.
 *
 * @returns undefined when `filters` and `also` exclude each other, so that there is nothing to ask
 */
export function interpolateQuery(
  query: BreakwatchQuery,
  replace: Replace,
): BreakwatchQuery | undefined {
  const { also, language: wanted, ...rest } = query;
  const valuesOf = (entries: string[] = []) =>
    entries
      .flatMap((entry) => replace(entry, joinValues).split(SEPARATOR))
      .filter((value) => value !== '');
  const filters: NonNullable<BreakwatchQuery['filters']> = {};
  for (const name of FILTER_NAMES) {
    const own = valuesOf(query.filters?.[name]);
    const values = both(own, valuesOf(also?.[name]));
    if (own.length > 0 && values.length === 0) {
      return undefined;
    }
    if (values.length > 0) {
      filters[name] = [...new Set(values)];
    }
  }
  const textOf = (text: string) =>
    replace(text, (value) => (Array.isArray(value) ? value.join(',') : value));
  // A panel that was copied to where the variable is not known speaks English.
  const language = wanted === undefined ? undefined : textOf(wanted);
  return {
    ...rest,
    filters,
    ...(query.text === undefined ? {} : { text: textOf(query.text) }),
    ...(isOneOf(LANGUAGES, language) ? { language } : {}),
  };
}
