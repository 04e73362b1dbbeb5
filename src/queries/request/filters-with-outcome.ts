import type { Filters } from '../../model/query.ts';

/** Filters that leave normal ends out unless the caller chose outcomes. */
export function filtersWithOutcome(filters: Filters = {}): Filters {
  return filters.outcome?.length ? filters : { ...filters, outcome: ['broken', 'refused'] };
}
