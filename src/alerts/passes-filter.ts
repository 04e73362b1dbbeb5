import type { AlertNotice } from '../model/notice.ts';
import type { ChannelFilter } from './alert-settings.ts';

/** Tells whether a filter lets labels through. */
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
 * Tells whether a way out with this filter is told of a notice. A page has to pass as it is now. The rest
 * goes to whoever was told as it is, or as it was before its severity rose; that it rose is an update for
 * those alone whom it does not ring.
 */
export function takesNotice(
  filter: ChannelFilter,
  { kind, alert, raised }: Pick<AlertNotice, 'kind' | 'alert' | 'raised'>,
): boolean {
  const takesNow = passesFilter(filter, alert.labels);
  const tookBefore = alert.raised !== undefined && passesFilter(filter, alert.raised.from.labels);
  const isRung = takesNow && !(raised && alert.raised?.silently && tookBefore);
  if (kind === 'page') {
    return isRung;
  }
  return kind === 'update' && raised ? tookBefore && !isRung : takesNow || tookBefore;
}
