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

/** What keeps quiet what was over with before anybody could have been told. */
export const HISTORY = 'history';

/**
 * Takes an alert to where its subject stands now.
 *
 * @param before - the alert so far; undefined when there is none
 * @param resolvedAt - when the subject's alert before was resolved; null when it had none. Only what
 *   began after that makes another
 * @returns undefined when there is nothing to tell of, or not any more
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
    // A clock that went back must not make anybody wait until it is where it was.
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
  // Labels are settled for whoever was told; nobody was.
  return instance.notified.page === null && moreSevere ? fire(instance, moreSevere, now) : instance;

  function first(all: readonly Trigger[], pendingSince: number): Trigger {
    const at = (trigger: Trigger) => readyAt(trigger, pendingSince, options.scopeHoldMs);
    return all.reduce((best, trigger) => (at(trigger) < at(best) ? trigger : best));
  }
}

/**
 * What an alert becomes when what it is about got worse after somebody was told: louder, with the labels
 * of what is worse. It happens once, and never back: whoever was rung knows how bad it was. What breaks
 * again in the same place for causes of the same kind rings nobody twice, as a flap shows them in turn.
 *
 * @param subject - what it is about; null when that is gone
 * @param related - what goes on as this alert, untold: more of the same trouble
 * @returns null when it did not get worse, or must not be told
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
      .filter((trigger) => trigger.isOngoing && readyAt(trigger, pendingSince, scopeHoldMs) <= now)
      .map((trigger) => ({ claim: trigger, one })),
  );
  if (!found) {
    return null;
  }
  const { claim: trigger, one } = found;
  const isRecurring = one !== subject || one.isRecurring;
  const silently =
    isRecurring && isUnsteady(labels, trigger.labels) && isSameProblem(labels, trigger.labels);
  // The incident has one name to all who are told of it.
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

/** Ways in which the condition holds, or soon will, that are more severe than the alert is. */
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
  // An incident has one alert; that it has another is rare, and what is no incident comes back.
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
  // Who starts, or reads the past, finds streams that nobody has pushed for hours.
  const isHistory =
    instance.notified.page === null && instance.pendingSince - subject.lastAt > staleMs;
  const mutedBy = subject.mutedBy ?? (isHistory ? HISTORY : null);
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
