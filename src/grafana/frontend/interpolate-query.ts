import { FILTER_NAMES } from '../../model/query.ts';
import { isOneOf, LANGUAGES } from '../../model/vocabulary.ts';
import type { BreakwatchQuery } from './types.ts';

/** Separates the values of a multi-value variable; never part of a value. */
const SEPARATOR = '\u001f';

/** Values of a variable when "All" is selected. */
const ALL = ['*', '$__all', 'All'];

/** Replaces variables in a text; `join` formats their values. */
export type Replace = (text: string, join: (value: string | string[]) => string) => string;

function joinValues(value: string | string[]): string {
  return Array.isArray(value) ? value.join(SEPARATOR) : String(value);
}

/** Returns the values that are in both lists. A list that is empty or contains "all" matches every value. */
function intersect(left: string[], right: string[]): string[] {
  const matchesAll = (values: string[]) =>
    values.length === 0 || values.some((v) => ALL.includes(v));
  if (matchesAll(right)) {
    return left;
  }
  return matchesAll(left) ? right : left.filter((value) => right.includes(value));
}

/**
 * Fills the values of dashboard variables into a query. One filter entry may become several values; an
 * entry that becomes empty is dropped, and an empty filter matches everything.
 *
 * @returns undefined when `filters` and `also` exclude each other, so that the result is empty
 */
export function interpolateQuery(
  query: BreakwatchQuery,
  replace: Replace,
): BreakwatchQuery | undefined {
  const { also, exclude, language: wanted, ...rest } = query;
  const valuesOf = (entries: string[] = []) =>
    entries
      .flatMap((entry) => replace(entry, joinValues).split(SEPARATOR))
      .filter((value) => value !== '');
  const filters: NonNullable<BreakwatchQuery['filters']> = {};
  for (const name of FILTER_NAMES) {
    const selected = valuesOf(query.filters?.[name]);
    const values = intersect(selected, valuesOf(also?.[name]));
    if (selected.length > 0 && values.length === 0) {
      return undefined;
    }
    if (values.length > 0) {
      filters[name] = [...new Set(values)];
    }
  }
  const excluded = FILTER_NAMES.flatMap((name) => {
    const values = valuesOf(exclude?.[name]);
    return values.length > 0 ? [[name, values] as const] : [];
  });
  const textOf = (text: string) =>
    replace(text, (value) => (Array.isArray(value) ? value.join(',') : value));
  // A panel that was copied to a dashboard without the variable is in English.
  const language = wanted === undefined ? undefined : textOf(wanted);
  return {
    ...rest,
    filters,
    ...(excluded.length > 0 ? { exclude: Object.fromEntries(excluded) } : {}),
    ...(query.text === undefined ? {} : { text: textOf(query.text) }),
    ...(query.incident === undefined ? {} : { incident: textOf(query.incident).trim() }),
    ...(isOneOf(LANGUAGES, language) ? { language } : {}),
  };
}
