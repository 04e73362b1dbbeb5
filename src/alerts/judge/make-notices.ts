import type { AlertInstance } from '../../model/alert.ts';
import type { AlertNotice, NoticeKind } from '../../model/notice.ts';
import type { AlertOptions } from './alert-input.ts';
import type { Subject } from './alert-subject.ts';

/** Returns the kind of notice to send for an alert now; null for none. */
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
  const { quietStreams } = subject;
  // Imported streams neither count nor widen the scope. When all are live again, the resolve tells the size.
  const hasGrown =
    subject.over === null &&
    notifiedAs !== undefined &&
    (values.streams - quietStreams >= notifiedAs.streams * 2 ||
      (quietStreams === 0 && subject.scope !== notifiedAs.scope)) &&
    values.streams > 0;
  return (hasGrown && sinceLastNotice >= options.growthIntervalMs) ||
    sinceLastNotice >= options.repeatIntervalMs
    ? 'update'
    : null;
}

/**
 * Makes the notices of an alert that became more severe: a page, and an update for channels that sent the
 * first page but do not accept the new one. There is no update when the last one was sent less than
 * `growthIntervalMs` ago.
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

/** Makes a notice of an alert in its current state. */
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
