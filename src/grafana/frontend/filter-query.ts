import { FILTER_NAMES, type FilterName } from '../../model/query.ts';
import { CATEGORIES, isOneOf, OUTCOMES, SEVERITIES, SIDES } from '../../model/vocabulary.ts';
import type { BreakwatchQuery } from './types.ts';

/** A condition of an ad hoc filter, or of a click on a value in Explore. */
export interface Condition {
  key: string;
  /** `=` and `=|` keep, `!=` and `!=|` leave out; others are ignored. */
  operator: string;
  value: string;
  /** Values of an operator for several. */
  values?: string[];
}

/** The values of filters with a closed list. */
export const CLOSED: Partial<Record<FilterName, readonly string[]>> = {
  category: CATEGORIES,
  severity: SEVERITIES,
  side: SIDES,
  outcome: OUTCOMES,
};

/**
 * Adds a condition to a query. It narrows what the query has. Of a closed list, the others are kept, so that every
 * query type can leave a value out; for free texts only queries of breaks can.
 */
export function addCondition(query: BreakwatchQuery, condition: Condition): BreakwatchQuery {
  const { key, operator } = condition;
  if (!isOneOf(FILTER_NAMES, key)) {
    return query;
  }
  const values = condition.values?.length ? condition.values : [condition.value];
  const known: string[] = query.filters?.[key] ?? [];
  if (operator === '=' || operator === '=|') {
    // Within one filter values are alternatives; conditions narrow.
    return { ...query, also: { ...query.also, [key]: values } };
  }
  if (operator !== '!=' && operator !== '!=|') {
    return query;
  }
  const closed = CLOSED[key];
  if (closed) {
    const others = (known.length > 0 ? known : closed).filter((value) => !values.includes(value));
    return { ...query, filters: { ...query.filters, [key]: others } };
  }
  const excluded = query.exclude?.[key] ?? [];
  return { ...query, exclude: { ...query.exclude, [key]: [...new Set([...excluded, ...values])] } };
}

/** Keeps or leaves out one value, as a click on it in Explore asks for. Keeping it again changes nothing. */
export function toggleValue(
  query: BreakwatchQuery,
  { key, value, keep }: { key: string; value: string; keep: boolean },
): BreakwatchQuery {
  if (!keep) {
    return addCondition(query, { key, operator: '!=', value });
  }
  return isOneOf(FILTER_NAMES, key)
    ? { ...query, filters: { ...query.filters, [key]: [value] } }
    : query;
}
