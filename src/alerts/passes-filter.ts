import type { AlertNotice } from '../model/alert.ts';
import { facesOf } from '../model/alert-faces.ts';
import type { WayFilter } from './alert-settings.ts';

/** Tells whether a filter lets labels through. */
export function passesFilter(filter: WayFilter, labels: AlertNotice['alert']['labels']): boolean {
  const has = (wanted: readonly string[], value: string) =>
    wanted.length === 0 || wanted.includes(value);
  return (
    has(filter.accounts, labels.account) &&
    has(filter.categories, labels.category) &&
    has(filter.severities, labels.severity)
  );
}

/**
 * Tells whether a way out with this filter is told of a notice. A page has to pass as it is now. The rest
 * goes to whoever was told as it is or as it was before its severity rose; that it rose is an update for
 * those alone who take no page of it.
 */
export function takesNotice(
  filter: WayFilter,
  { kind, alert, raised }: Pick<AlertNotice, 'kind' | 'alert' | 'raised'>,
): boolean {
  const isTaken = passesFilter(filter, alert.labels);
  if (kind === 'page') {
    return isTaken;
  }
  return kind === 'update' && raised
    ? !isTaken && facesOf(alert).some(({ labels }) => passesFilter(filter, labels))
    : facesOf(alert).some(({ labels }) => passesFilter(filter, labels));
}
