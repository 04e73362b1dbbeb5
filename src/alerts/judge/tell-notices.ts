import type { AlertInstance, AlertNotice, NoticeKind } from '../../model/alert.ts';
import type { AlertOptions } from './alert-input.ts';
import type { Subject } from './alert-subject.ts';

/** What has to be told of an alert now; null for nothing. */
export function noticeOf(
  { state, labels, inhibitedBy, mutedBy, told, toldAs, values }: AlertInstance,
  subject: Subject | null,
  now: number,
  options: AlertOptions,
): NoticeKind | null {
  const isQuiet = inhibitedBy !== null || mutedBy !== null || labels.severity === 'info';
  if (state !== 'firing' || isQuiet || !subject) {
    return null;
  }
  if (told.page === null) {
    return subject.claims.length > 0 ? 'page' : null;
  }
  const silence = now - Math.max(told.page, told.update ?? told.page);
  const hasGrown =
    toldAs !== undefined &&
    (values.streams >= toldAs.streams * 2 || subject.scope !== toldAs.scope) &&
    values.streams > 0;
  return (hasGrown && silence >= options.growthEveryMs) || silence >= options.lastingEveryMs
    ? 'update'
    : null;
}

/**
 * Tells that an alert became more severe: a page, which rings, and an update for those who were told of
 * it before and take no page of what it is now, unless they had one a moment ago.
 */
export function tellRise(
  instance: AlertInstance,
  subject: Subject | null,
  now: number,
  { growthEveryMs }: AlertOptions,
): AlertNotice[] {
  const page: AlertNotice = {
    ...tell(instance, subject, 'page', now),
    id: `${instance.id}:page:2`,
    raised: true,
  };
  const { update } = instance.told;
  return update !== null && now - update < growthEveryMs
    ? [page]
    : [page, { ...tell(page.alert, subject, 'update', now), raised: true }];
}

/** Tells of an alert as it stands. */
export function tell(
  instance: AlertInstance,
  subject: Subject | null,
  kind: NoticeKind,
  now: number,
): AlertNotice {
  const alert: AlertInstance = {
    ...instance,
    updatedAt: now,
    texts: subject ? subject.texts() : instance.texts,
    told: { ...instance.told, [kind]: now },
    toldAs: {
      streams: instance.values.streams,
      scope: subject?.scope ?? instance.toldAs?.scope ?? '',
    },
  };
  return { id: `${alert.id}:${kind}:${kind === 'update' ? now : 1}`, kind, at: now, alert };
}
