import { type AlertInstance, labelSetsOf } from '../../model/alert.ts';
import { mutedAt, nextMuteChange } from '../../model/mute-intervals.ts';
import type { AlertNotice } from '../../model/notice.ts';
import { parseDuration } from '../../model/time.ts';
import { advanceAlert, moreSevereTriggers, raiseAlert } from './advance-alert.ts';
import {
  ALERT_OPTIONS,
  type AlertInput,
  type AlertOptions,
  type AlertOutcome,
} from './alert-input.ts';
import { readyAt, type Subject } from './alert-subject.ts';
import { inhibitAlerts, isSamePlace, type LiveAlert } from './inhibit-alerts.ts';
import { makeNotice, makeRaiseNotices, noticeOf } from './make-notices.ts';
import { keyOfInstance, matchInstances } from './match-instances.ts';
import { subjectOfIncident } from './subject-of-incident.ts';
import { subjectOfForewarning, subjectsOfAccount } from './subjects-of-account.ts';

/**
 * Decides which alerts exist and which notices to send now. Pure: the same input gives the same outcome
 * in any order of its lists, and judging the outcome again at the same time adds no notice.
 *
 * Each incident has one alert. It is pending until its rule's `for` has passed and its scope is clear,
 * fires until no further break can belong to it, and is then resolved. An alert sends one page and one
 * resolve; between them updates, when it grows a lot and every hour, and a second page if it becomes more
 * severe.
 */
export function judgeAlerts(input: AlertInput): AlertOutcome {
  return prepareJudgement(input)();
}

/**
 * Prepares {@link judgeAlerts}. To judge again, when only what `cardOf` returns has changed, takes little of
 * the time.
 */
export function prepareJudgement(input: AlertInput): () => AlertOutcome {
  const { options = ALERT_OPTIONS } = input;
  const subjects = subjectsOf(input, options);
  return () => judge(input, subjects, options);
}

function judge(
  input: AlertInput,
  subjects: ReadonlyMap<string, Subject>,
  options: AlertOptions,
): AlertOutcome {
  const { now, previous } = input;
  const resolved = previous.filter(({ state }) => state === 'resolved');
  const { ofSubject, absorbed, orphaned } = matchInstances(
    previous.filter(({ state }) => state !== 'resolved'),
    subjects,
  );
  const lastResolved = new Map<string, number>();
  for (const instance of resolved) {
    const key = keyOfInstance(instance);
    const at = instance.resolvedAt ?? 0;
    lastResolved.set(key, Math.max(at, lastResolved.get(key) ?? at));
  }
  const known = new Map(previous.map((instance) => [instance.id, instance]));
  const live: LiveAlert[] = [];
  for (const subject of subjects.values()) {
    const instance = advanceAlert(
      ofSubject.get(subject.key),
      subject,
      lastResolved.get(subject.key) ?? null,
      now,
      options,
    );
    if (instance) {
      live.push({ instance, subject });
    }
  }
  const ended: AlertInstance[] = [];
  for (const [id, key] of absorbed) {
    const instance = known.get(id) as AlertInstance;
    if (instance.state === 'firing') {
      const successor = live.find(({ subject }) => subject?.key === key)?.instance.id ?? null;
      ended.push({ ...resolve(instance, now), inhibitedBy: successor });
    }
  }
  for (const instance of orphaned) {
    if (instance.startsAt > now) {
      // The clock was set back: an alert that starts in the future cannot have ended.
      live.push({ instance, subject: null });
    } else if (instance.state === 'firing') {
      live.push({
        instance: { ...instance, clearSince: instance.clearSince ?? now },
        subject: null,
      });
    }
  }
  const endOf = (alert: LiveAlert) => endOfAlert(alert, input, options);
  const over = new Set(live.filter((alert) => isOver(alert, live, now, endOf)));
  ended.push(
    ...[...over].map(({ instance, subject }) => ({
      ...resolve(instance, now),
      ...(subject?.incident?.state === 'silent' ? { silent: true } : {}),
    })),
  );
  const unsettled = live.filter((alert) => !over.has(alert));
  const relatedTo = findRelated(unsettled);
  const ongoing = unsettled.map(
    ({ instance, subject }): LiveAlert => ({
      instance,
      subject,
      raisedInstance: raiseAlert(instance, subject, relatedTo(instance), now, options),
    }),
  );
  const inhibited = inhibitAlerts(ongoing);
  const notices: AlertNotice[] = [];
  const current = mergeRecurrences(ongoing, inhibited);
  const notified = current.map(({ instance, subject, raisedInstance }): AlertInstance => {
    if (raisedInstance) {
      const rise = makeRaiseNotices(raisedInstance, subject, now, options);
      notices.push(...rise);
      return (rise.at(-1) as AlertNotice).alert;
    }
    const kind = noticeOf(instance, subject, now, options);
    if (!kind) {
      return instance;
    }
    const notice = makeNotice(instance, subject, kind, now);
    notices.push(notice);
    return notice.alert;
  });
  const last = ended.map((instance): AlertInstance => {
    if (instance.notified.page === null || instance.notified.resolve !== null) {
      return instance;
    }
    const { subject } = live.find((alert) => alert.instance.id === instance.id) ?? {};
    const notice = makeNotice(instance, subject ?? null, 'resolve', now);
    notices.push(notice);
    return notice.alert;
  });
  const kept = resolved.filter(
    (instance) =>
      subjects.has(keyOfInstance(instance)) ||
      now - (instance.resolvedAt ?? now) < options.forgetMs,
  );
  const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
  return {
    instances: [...kept, ...last, ...notified].sort(byId),
    notices: notices.sort(byId),
    wakeAt: wakeAt(current, notified, live.map(endOf), input, options),
  };
}

function subjectsOf(input: AlertInput, options: AlertOptions): Map<string, Subject> {
  const { incidents, accounts, forewarnings, mute, now, alertOf, cardOf } = input;
  const lists = new Map(accounts.map(({ account, liveListAt }) => [account, liveListAt ?? null]));
  const incidentInput = {
    alertOf,
    mute: mutedAt(mute, now),
    cardOf,
    liveListAt: (account: string) => lists.get(account) ?? null,
    now,
    options,
  };
  const subjects = [
    ...incidents.map((incident) => subjectOfIncident(incident, incidentInput)),
    ...accounts.flatMap((account) => subjectsOfAccount(account, now)),
    ...forewarnings.map((warning) => subjectOfForewarning(warning, mute, now)),
  ];
  subjects.sort((a, b) => (a.key < b.key ? -1 : 1));
  return new Map(subjects.map((subject) => [subject.key, subject]));
}

/** Until when a new break would belong to the alert, epoch ms UTC; infinite while it is not over. */
function endOfAlert(
  { instance, subject }: LiveAlert,
  { alertOf }: AlertInput,
  options: AlertOptions,
): number {
  const since = instance.clearSince ?? null;
  if (since === null) {
    return Number.POSITIVE_INFINITY;
  }
  const keeps = labelSetsOf(instance).map(
    ({ labels }) => parseDuration(alertOf(labels.rule)?.keepFiring ?? '0s') ?? 0,
  );
  const hold = instance.kind === 'incident' ? 0 : options.holdMs;
  return Math.max(subject?.over?.until ?? since, since + Math.max(...keeps), since + hold);
}

/** Tells whether an alert has ended. A recurrence in the same place keeps it open. */
function isOver(
  alert: LiveAlert,
  live: readonly LiveAlert[],
  now: number,
  endOf: (alert: LiveAlert) => number,
): boolean {
  const { state, startsAt } = alert.instance;
  if (state !== 'firing' || startsAt > now || now < endOf(alert)) {
    return false;
  }
  return !live.some(
    (other) =>
      other !== alert &&
      alert.instance.kind === 'incident' &&
      other.instance.kind === 'incident' &&
      isSamePlace(alert.instance, other.instance) &&
      isHeldBy(alert.instance, other) &&
      now < endOf(other),
  );
}

/** Finds, for a stream's alert that has paged, subjects of the same problem that have not notified. */
function findRelated(live: readonly LiveAlert[]): (alert: AlertInstance) => Subject[] {
  const unnotified = new Map<string, LiveAlert[]>();
  for (const alert of live) {
    const { kind, notified, labels } = alert.instance;
    if (kind === 'incident' && notified.page === null && labels.scope === 'stream') {
      const { scopeValue } = labels;
      unnotified.set(scopeValue, [...(unnotified.get(scopeValue) ?? []), alert]);
    }
  }
  return (alert) =>
    alert.kind !== 'incident' || alert.notified.page === null || alert.labels.scope !== 'stream'
      ? []
      : (unnotified.get(alert.labels.scopeValue) ?? []).flatMap(({ instance, subject }) =>
          subject && isSamePlace(alert, instance) ? subject : [],
        );
}

/** Only alerts that have not paged keep another one open, so that two cannot keep each other open. */
function isHeldBy(alert: AlertInstance, { instance, subject }: LiveAlert): boolean {
  return alert.notified.page !== null && instance.notified.page === null && subject !== null;
}

/**
 * Merges recurrences into the alert that inhibits them in the same place: it shows the numbers and the
 * card of the larger subject, or of the one that still exists. A recurrence whose cause has become another one
 * is not shown: it soon has an alert of its own.
 */
function mergeRecurrences(
  ongoing: readonly LiveAlert[],
  inhibited: ReadonlyMap<string, string>,
): LiveAlert[] {
  const successors = new Map<string, Subject>();
  const byId = new Map(ongoing.map((alert) => [alert.instance.id, alert]));
  for (const { instance, subject } of ongoing) {
    const by = byId.get(inhibited.get(instance.id) ?? '')?.instance;
    const isSame = subject?.incident?.cause.verdict.category === instance.labels.category;
    if (by && subject && isSame && instance.notified.page === null && isSamePlace(by, instance)) {
      successors.set(by.id, larger(successors.get(by.id), subject));
    }
  }
  return ongoing.map(({ instance, subject, raisedInstance }) => {
    const by = inhibited.get(instance.id) ?? null;
    const successor = successors.get(instance.id);
    const isLeft = subject !== null && subject.triggers.length > 0;
    const shown = successor ? larger(isLeft ? subject : undefined, successor) : subject;
    const show = (one: AlertInstance): AlertInstance => ({
      ...one,
      values: shown?.values ?? one.values,
      card: shown && shown !== subject ? shown.card() : one.card,
      inhibitedBy: one.notified.page === null ? by : null,
    });
    return {
      instance: show(instance),
      subject: shown,
      raisedInstance: raisedInstance && by === null ? show(raisedInstance) : null,
    };
  });
}

function larger(one: Subject | undefined, other: Subject): Subject {
  return one && one.values.streams >= other.values.streams ? one : other;
}

function resolve(instance: AlertInstance, now: number): AlertInstance {
  return {
    ...instance,
    state: 'resolved',
    resolvedAt: now,
    updatedAt: now,
    clearSince: instance.clearSince ?? now,
  };
}

/** The next time at which the outcome changes without an event, epoch ms UTC; null when it does not. */
function wakeAt(
  ongoing: readonly LiveAlert[],
  notified: readonly AlertInstance[],
  ends: readonly number[],
  { now, mute }: AlertInput,
  options: AlertOptions,
): number | null {
  const moments: number[] = [];
  for (const [index, { subject }] of ongoing.entries()) {
    const after = notified[index] as AlertInstance;
    if (after.state === 'pending') {
      const { pendingSince } = after;
      moments.push(
        ...(subject?.triggers ?? []).map((trigger) =>
          readyAt(trigger, pendingSince, options.scopeHoldMs),
        ),
      );
    }
    if (after.state === 'firing' && subject) {
      const { pendingSince } = after;
      moments.push(
        ...moreSevereTriggers(after, subject).map((trigger) =>
          readyAt(trigger, pendingSince, options.scopeHoldMs),
        ),
      );
    }
    if (after.notified.page === null || after.mutedBy !== null) {
      moments.push(nextMuteChange(mute, now) ?? Number.POSITIVE_INFINITY);
    }
    if (after.notified.page !== null && subject) {
      const last = Math.max(after.notified.page, after.notified.update ?? 0);
      const grown = after.notifiedAs && after.values.streams >= after.notifiedAs.streams * 2;
      const moved = after.notifiedAs && subject.scope !== after.notifiedAs.scope;
      moments.push(last + (grown || moved ? options.growthIntervalMs : options.repeatIntervalMs));
    }
  }
  const next = [...moments, ...ends].reduce(
    (soonest, moment) => (moment > now ? Math.min(soonest, moment) : soonest),
    Number.POSITIVE_INFINITY,
  );
  return Number.isFinite(next) ? next : null;
}
