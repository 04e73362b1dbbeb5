import { CATEGORIES, isOneOf } from '../../model/vocabulary.ts';
import type { PageFilters } from './break-list.ts';
import { queryOf, useAddressView } from './use-address-view.ts';

/** Time ranges to choose from, in hours. */
export const RANGES = [1, 6, 24, 168, 720] as const;
const DEFAULT_HOURS = 24;

/** The view that the page's address holds: filters, time range and the incident of a link. */
export interface PageView extends PageFilters {
  /** Length of the time range that ends now. */
  hours: number;
  /** Id of the incident that an alert links to. */
  incident: string | null;
  /** The incidents that are over are listed. */
  history: boolean;
}

/** Reads the query string of an address. Ignores unknown values, so that an old link still opens. */
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
    history: given.get('history') === '1',
  };
}

/** Writes the query string of an address that opens this view; empty for the default view. */
export function writePageAddress(view: PageView): string {
  return queryOf([
    ['incident', view.incident],
    ['search', view.search],
    ['account', view.account],
    ...view.categories.map((category): [string, string] => ['category', category]),
    ['hours', view.hours === DEFAULT_HOURS ? '' : String(view.hours)],
    ['ended', view.ended ? '1' : ''],
    ['history', view.history ? '1' : ''],
  ]);
}

const PAGE_ADDRESS = { read: readPageAddress, write: writePageAddress };

/** Keeps the view of the first page in its address. */
export function usePageView(): [PageView, (change: Partial<PageView>) => void] {
  return useAddressView(PAGE_ADDRESS);
}
