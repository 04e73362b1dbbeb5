import type { AlertInstance } from '../../model/alert.ts';
import type { AlertNotice, NoticeKind } from '../../model/notice.ts';
import type { AlertOptions } from './alert-input.ts';
import type { Subject } from './alert-subject.ts';

/** What has to be told of an alert now; null for nothing. */
export function noticeOf(
  { state, labels, inhibitedBy, mutedBy, notified, notifiedAs, values }: AlertInstance,
  subject: Subject | null,
  now: number,
  options: AlertOptions,
): NoticeKind | null {
  const isMuted = inhibitedBy !== null || mutedBy !== null || labels.severity === 'info';
  if (state !== 'firing' || isMuted || !subject) {
    return null;
  }
  if (notified.page === null) {
    return subject.triggers.length > 0 ? 'page' : null;
  }
  const sinceLastNotice = now - Math.max(notified.page, notified.update ?? notified.page);
  const hasGrown =
    notifiedAs !== undefined &&
    (values.streams >= notifiedAs.streams * 2 || subject.scope !== notifiedAs.scope) &&
    values.streams > 0;
  return (hasGrown && sinceLastNotice >= options.growthIntervalMs) ||
    sinceLastNotice >= options.repeatIntervalMs
    ? 'update'
    : null;
}

/**
 * Tells that an alert became more severe: a page, which rings, and an update for those who were told of
 * it before and take no page of what it is now, unless they had one a moment ago.
 */
export function makeRaiseNotices(
  instance: AlertInstance,
  subject: Subject | null,
  now: number,
  { growthIntervalMs }: AlertOptions,
): AlertNotice[] {
  const page: AlertNotice = {
    ...makeNotice(instance, subject, 'page', now),
    id: `${instance.id}:page:2`,
    raised: true,
  };
  const { update } = instance.notified;
  return update !== null && now - update < growthIntervalMs
    ? [page]
    : [page, { ...makeNotice(page.alert, subject, 'update', now), raised: true }];
}

/** Tells of an alert as it stands. */
export function makeNotice(
  instance: AlertInstance,
  subject: Subject | null,
  kind: NoticeKind,
  now: number,
): AlertNotice {
  const alert: AlertInstance = {
    ...instance,
    updatedAt: now,
    card: subject ? subject.card() : instance.card,
    notified: { ...instance.notified, [kind]: now },
    notifiedAs: {
      streams: instance.values.streams,
      scope: subject?.scope ?? instance.notifiedAs?.scope ?? '',
    },
  };
  return { id: `${alert.id}:${kind}:${kind === 'update' ? now : 1}`, kind, at: now, alert };
}
