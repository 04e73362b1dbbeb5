import { FILTER_NAMES, type FilterName, type Filters } from '../../model/query.ts';

/** Column of each filter and group, in `cells c` or `breaks b`. */
export const COLUMN_OF: Readonly<Record<FilterName, string>> = {
  account: 'c.account',
  domain: 'c.domain',
  app: 'c.app',
  stream: 'b.stream',
  category: 'c.category',
  severity: 'c.severity',
  side: 'c.side',
  outcome: 'c.outcome',
  reason: 'c.reason',
  rule: 'c.rule',
  clientIp: 'b.client_ip',
  node: 'b.node',
};

/** Whether a filter or group needs only the small table of cells. */
export function isCellColumn(name: FilterName): boolean {
  return COLUMN_OF[name].startsWith('c.');
}

/** The values of a filter, or undefined when it matches everything. */
export function wantedOf(filters: Filters, name: FilterName): string[] | undefined {
  const wanted: string[] | undefined = filters[name];
  // A lone `*` matches everything, including a missing value such as an unknown address.
  if (wanted === undefined || wanted.length === 0 || wanted.some((text) => /^\*+$/.test(text))) {
    return undefined;
  }
  return wanted;
}

/** Whether any filter is on a column of `breaks` instead of `cells`. */
export function hasRowFilter(filters: Filters): boolean {
  return FILTER_NAMES.some((name) => !isCellColumn(name) && wantedOf(filters, name) !== undefined);
}
