import { CATEGORIES, isOneOf } from '../../model/vocabulary.ts';
import type { PageFilters } from './filter-breaks.ts';

/** Lengths of the time range to choose from, hours. */
export const RANGES = [1, 6, 24, 168, 720] as const;
const DEFAULT_HOURS = 24;

/** What the page's address says: which breaks are wanted, and which incident a link led to. */
export interface PageView extends PageFilters {
  /** Length of the time range back from now. */
  hours: number;
  /** Id of the incident that an alert links to. */
  incident: string | null;
}

/** Reads an address's query; what is not known is left out, so that an old link still opens. */
export function readPageAddress(query: string): PageView {
  const given = new URLSearchParams(query);
  const hours = Number(given.get('hours'));
  return {
    search: given.get('search') ?? '',
    categories: CATEGORIES.filter((category) =>
      given.getAll('category').some((one) => isOneOf(CATEGORIES, one) && one === category),
    ),
    account: given.get('account') ?? '',
    ended: given.get('ended') === '1',
    hours: RANGES.find((range) => range === hours) ?? DEFAULT_HOURS,
    incident: given.get('incident'),
  };
}

/** Writes the query of an address that opens the page as it is; empty when nothing is special. */
export function writePageAddress(view: PageView): string {
  const query = new URLSearchParams();
  const pairs: [string, string | null][] = [
    ['incident', view.incident],
    ['search', view.search],
    ['account', view.account],
    ...view.categories.map((category): [string, string] => ['category', category]),
    ['hours', view.hours === DEFAULT_HOURS ? '' : String(view.hours)],
    ['ended', view.ended ? '1' : ''],
  ];
  for (const [name, value] of pairs) {
    if (value) {
      query.append(name, value);
    }
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}
