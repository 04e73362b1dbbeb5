import type { AlertNotice } from '../model/notice.ts';
import type { ChannelFilter } from './alert-settings.ts';

/** Tells whether labels match a channel's filter. */
export function passesFilter(
  filter: ChannelFilter,
  labels: AlertNotice['alert']['labels'],
): boolean {
  const has = (wanted: readonly string[], value: string) =>
    wanted.length === 0 || wanted.includes(value);
  return (
    has(filter.accounts, labels.account) &&
    has(filter.categories, labels.category) &&
    has(filter.severities, labels.severity)
  );
}

/**
 * Tells whether a channel with this filter sends a notice. A page must match with the current labels.
 * Updates and resolves also go to channels that matched before the severity rose. The rise itself is an
 * update only for channels that matched before and do not get its page.
 */
export function acceptsNotice(
  filter: ChannelFilter,
  { kind, alert, raised }: Pick<AlertNotice, 'kind' | 'alert' | 'raised'>,
): boolean {
  const matchesNow = passesFilter(filter, alert.labels);
  const matchedBefore =
    alert.raised !== undefined && passesFilter(filter, alert.raised.from.labels);
  const isPaged = matchesNow && !(raised && alert.raised?.silently && matchedBefore);
  if (kind === 'page') {
    return isPaged;
  }
  return kind === 'update' && raised ? matchedBefore && !isPaged : matchesNow || matchedBefore;
}
