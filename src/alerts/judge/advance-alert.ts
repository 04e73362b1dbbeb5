import type { AlertInstance } from '../../model/alert.ts';
import type { AlertOptions } from './alert-input.ts';
import {
  compareSeverity,
  isSameProblem,
  isUnsteady,
  readyAt,
  type Subject,
  type Trigger,
} from './alert-subject.ts';

/** Name of the mute that applies to alerts about the past, which no page could help with. */
const HISTORY = 'history';
/** Name of the mute that applies while all breaks of an alert were imported without notifying. */
const IMPORT = 'import';

/**
 * Updates an alert to the current state of its subject.
 *
 * @param before - the current alert; undefined when there is none
 * @param resolvedAt - when the subject's previous alert was resolved, epoch ms UTC; null when it had
 *   none. Only triggers that began later start a new alert
 * @param now - epoch ms UTC
 * @returns undefined when there is no reason to alert, or no longer
 */
export function advanceAlert(
  before: AlertInstance | undefined,
  subject: Subject,
  resolvedAt: number | null,
  now: number,
  options: AlertOptions,
): AlertInstance | undefined {
  const triggers = before
    ? subject.triggers
    : subject.triggers.filter(({ since }) => resolvedAt === null || since > resolvedAt);
  if (before?.state !== 'firing') {
    if (triggers.length === 0) {
      return undefined;
    }
    // After the clock was set back, the alert must not wait until the old time is reached again.
    const pendingSince = Math.min(before?.pendingSince ?? now, now);
    const ready = triggers.filter(
      (trigger) => readyAt(trigger, pendingSince, options.scopeHoldMs) <= now,
    );
    const pending = before ?? begin(subject, triggers, resolvedAt, now);
    return ready[0]
      ? fire(
          { ...refresh(pending, subject, options), pendingSince, card: subject.card() },
          ready[0],
          now,
        )
      : {
          ...refresh(pending, subject, options),
          pendingSince,
          labels: first(triggers, pendingSince).labels,
        };
  }
  const instance = refresh(before, subject, options);
  const moreSevere = moreSevereTriggers(instance, { ...subject, triggers }).find(
    (trigger) => readyAt(trigger, instance.pendingSince, options.scopeHoldMs) <= now,
  );
  // Labels are fixed after the page; this alert has not paged yet.
  if (instance.notified.page !== null) {
    return instance;
  }
  if (moreSevere) {
    return fire(instance, moreSevere, now);
  }
  const current = triggers.find(
    (trigger) => readyAt(trigger, instance.pendingSince, options.scopeHoldMs) <= now,
  );
  // A bill is paid, and only then an expired URL shows: what is wrong now must not be announced as the bill.
  return current && current.labels.category !== instance.labels.category
    ? { ...instance, labels: current.labels, runbook: current.runbook }
    : instance;

  function first(all: readonly Trigger[], pendingSince: number): Trigger {
    const at = (trigger: Trigger) => readyAt(trigger, pendingSince, options.scopeHoldMs);
    return all.reduce((best, trigger) => (at(trigger) < at(best) ? trigger : best));
  }
}

/**
 * Raises an alert whose subject became more severe after the page: it gets the labels of the more severe
 * trigger. An alert is raised once and never lowered, because its readers already know how bad it was. A
 * flapping stream shows causes of one kind in turn, so a recurrence in the same place is raised without
 * a second page.
 *
 * @param subject - the alert's subject; null when it no longer exists
 * @param related - subjects of the same problem that have not notified and belong to this alert
 * @param now - epoch ms UTC
 * @returns null when it did not become more severe, or must not notify
 */
export function raiseAlert(
  instance: AlertInstance,
  subject: Subject | null,
  related: readonly Subject[],
  now: number,
  { scopeHoldMs }: AlertOptions,
): AlertInstance | null {
  const { state, notified, mutedBy, raised, pendingSince, labels, runbook, settled } = instance;
  if (state !== 'firing' || notified.page === null || mutedBy !== null || raised) {
    return null;
  }
  const [found] = [...(subject ? [subject] : []), ...related].flatMap((one) =>
    moreSevereTriggers(instance, one)
      .filter(({ isOngoing, isQuiet }) => isOngoing && !isQuiet)
      .filter((trigger) => readyAt(trigger, pendingSince, scopeHoldMs) <= now)
      .map((trigger) => ({ trigger, one })),
  );
  if (!found) {
    return null;
  }
  const { trigger, one } = found;
  const isRecurring = one !== subject || one.isRecurring;
  const silently =
    isRecurring && isUnsteady(labels, trigger.labels) && isSameProblem(labels, trigger.labels);
  // All readers know the incident by one id.
  const moreSevere = { ...trigger, labels: { ...trigger.labels, incident: labels.incident } };
  return {
    ...fire({ ...instance, card: one.card() }, moreSevere, now),
    firingSince: instance.firingSince,
    raised: {
      at: now,
      from: { labels, runbook, ...(settled ? { settled } : {}) },
      ...(silently ? { silently } : {}),
    },
  };
}

/** Returns the triggers that are more severe than the alert; some may not be ready yet. */
export function moreSevereTriggers({ labels }: AlertInstance, { triggers }: Subject): Trigger[] {
  return triggers.filter(
    (trigger) => compareSeverity(trigger.labels.severity, labels.severity) < 0,
  );
}

function begin(
  subject: Subject,
  triggers: readonly Trigger[],
  resolvedAt: number | null,
  now: number,
): AlertInstance {
  const [trigger] = triggers as [Trigger];
  const { kind, key, startsAt, values, mutedBy } = subject;
  const base = kind === 'incident' ? `incident:${key}` : key;
  // An incident rarely has a second alert, so its first one needs no time in its id.
  const isFirst = kind === 'incident' && resolvedAt === null;
  return {
    id: isFirst ? base : `${base}:${trigger.since}`,
    kind,
    state: 'pending',
    labels: trigger.labels,
    values,
    startsAt,
    pendingSince: now,
    firingSince: null,
    resolvedAt: null,
    updatedAt: now,
    inhibitedBy: null,
    mutedBy,
    card: subject.card(),
    runbook: trigger.runbook,
    notified: { page: null, update: null, resolve: null },
    clearSince: null,
  };
}

function refresh(
  instance: AlertInstance,
  subject: Subject,
  { staleMs }: AlertOptions,
): AlertInstance {
  const { values, over } = subject;
  // At the first start, and during a back-fill, there are streams that stopped hours ago.
  const isHistory = instance.pendingSince - subject.lastAt > staleMs;
  const mutedBy =
    subject.mutedBy ??
    (instance.notified.page !== null
      ? null
      : subject.isQuiet
        ? IMPORT
        : isHistory
          ? HISTORY
          : null);
  const clearSince = over ? over.since : null;
  const isSame =
    values.streams === instance.values.streams &&
    values.streamsDown === instance.values.streamsDown &&
    mutedBy === instance.mutedBy &&
    clearSince === (instance.clearSince ?? null);
  return {
    ...instance,
    values,
    mutedBy,
    clearSince,
    startsAt: Math.min(instance.startsAt, subject.startsAt),
    card: isSame ? instance.card : subject.card(),
  };
}

function fire(instance: AlertInstance, { labels, runbook }: Trigger, now: number): AlertInstance {
  return {
    ...instance,
    state: 'firing',
    labels,
    runbook,
    firingSince: now,
    updatedAt: now,
    settled: instance.card.filter(({ part }) => part === 'why' || part === 'doNow'),
  };
}
