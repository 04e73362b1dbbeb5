import type { Category } from '../../model/vocabulary.ts';
import type { ShownBreak } from './api.ts';

/** What the reader wants to see. */
export interface PageFilters {
  /** Part of a stream name, domain or client address; empty lets all pass. */
  search: string;
  /** Wanted categories; empty lets all pass. */
  categories: Category[];
  /** Name of the wanted account; empty lets all pass. */
  account: string;
  /** Show normal stops too. */
  ended: boolean;
}

/** Leaves out what the reader does not want to see; order stays. */
export function filterBreaks(breaks: readonly ShownBreak[], filters: PageFilters): ShownBreak[] {
  const wanted = filters.search.trim().toLowerCase();
  return breaks.filter(
    (shown) =>
      (filters.ended || shown.outcome !== 'ended') &&
      (filters.account === '' || shown.account === filters.account) &&
      (filters.categories.length === 0 || filters.categories.includes(shown.diagnosis.category)) &&
      (wanted === '' ||
        [
          shown.stream,
          shown.domain,
          shown.app,
          shown.account,
          shown.clientIp ?? '',
          shown.label?.name ?? '',
        ].some((part) => part.toLowerCase().includes(wanted))),
  );
}
