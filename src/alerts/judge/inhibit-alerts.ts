import { type AlertInstance, labelSetsOf, type RuleAlert } from '../../model/alert.ts';
import type { BreakRecord } from '../../model/break.ts';
import type { Incident, ScopeKind } from '../../model/incident.ts';
import { matchesPattern } from '../../model/query.ts';
import { compareSeverity, isSameProblem, isUnsteady, type Subject } from './alert-subject.ts';
import { groupKey } from './subject-of-incident.ts';

/** An alert that is not resolved, with its subject; null when the subject no longer exists. */
export interface LiveAlert {
  instance: AlertInstance;
  subject: Subject | null;
  /** The alert with a raised severity; null or absent when it was not raised. */
  raisedInstance?: AlertInstance | null;
}

const WIDTH: readonly string[] = [
  'account',
  'domain',
  'app',
  'node',
  'clientNetwork',
  'stream',
] satisfies ScopeKind[];

/**
 * Finds alerts that need not notify because another alert explains them:
 *
 * - an alert inhibits alerts of narrower scopes inside its own: an account those of its domains, a domain
 *   those of its apps, and so on down to streams;
 * - a rule's `inhibits` names further rules;
 * - an alert inhibits recurrences in the same place.
 *
 * An alert that has paged is not inhibited afterwards; only the notice that it was raised is. An alert
 * that does not notify itself inhibits no other.
 *
 * @returns for the id of each inhibited alert, the id of the alert that inhibits it
 */
export function inhibitAlerts(alerts: readonly LiveAlert[]): Map<string, string> {
  const inhibited = new Map<string, string>();
  const notifying: LiveAlert[] = [];
  for (const alert of [...alerts].sort(compareWidth)) {
    const { instance, raisedInstance } = alert;
    const proposed = raisedInstance ? { ...alert, instance: raisedInstance } : alert;
    const isNews = instance.notified.page === null || proposed !== alert;
    const by = isNews ? notifying.find((other) => inhibits(other, proposed)) : undefined;
    if (by) {
      inhibited.set(instance.id, by.instance.id);
      if (instance.notified.page === null) {
        continue;
      }
    }
    const stays = by ? alert : proposed;
    if (notifies(stays)) {
      notifying.push(stays);
    }
  }
  return inhibited;
}

/** Whether an alert has notified or will notify now. */
function notifies({ instance, subject }: LiveAlert): boolean {
  const { state, mutedBy, labels, notified } = instance;
  const isNotified = notified.page !== null || (subject !== null && subject.triggers.length > 0);
  return state === 'firing' && mutedBy === null && labels.severity !== 'info' && isNotified;
}

/** Wider scopes first; of equal scopes the one that has paged, so that one place never pages twice. */
function compareWidth({ instance: a }: LiveAlert, { instance: b }: LiveAlert): number {
  const kind = (alert: AlertInstance) => (alert.kind === 'incident' ? 0 : 1);
  const width = (alert: AlertInstance) => WIDTH.indexOf(alert.labels.scope);
  return (
    kind(a) - kind(b) ||
    width(a) - width(b) ||
    Number(a.notified.page === null) - Number(b.notified.page === null) ||
    compareSeverity(a.labels.severity, b.labels.severity) ||
    (a.firingSince ?? a.pendingSince) - (b.firingSince ?? b.pendingSince) ||
    (a.id < b.id ? -1 : 1)
  );
}

/**
 * Tells whether an alert covers the place and kind of cause of another one. It must not be less severe,
 * except for one unsteady stream, where it is raised instead.
 */
export function isSamePlace(by: AlertInstance, { labels }: AlertInstance): boolean {
  const isMoreSevere = compareSeverity(by.labels.severity, labels.severity) > 0;
  return labelSetsOf(by).some(
    (labelSet) =>
      isSameProblem(labelSet.labels, labels) &&
      !(isMoreSevere && !(labels.scope === 'stream' && isUnsteady(labelSet.labels, labels))),
  );
}

function inhibits(by: LiveAlert, alert: LiveAlert): boolean {
  const { labels } = by.instance;
  if (by.instance.kind !== 'incident' || labels.account !== alert.instance.labels.account) {
    return false;
  }
  if (alert.instance.kind !== 'incident') {
    return alert.instance.kind === 'account' && labels.category === 'billing';
  }
  if (isSamePlace(by.instance, alert.instance)) {
    return true;
  }
  const [incident, other] = [by.subject?.incident, alert.subject?.incident];
  const activeUntil = by.instance.clearSince ?? Number.POSITIVE_INFINITY;
  if (!incident || !other || other.startedAt > activeUntil) {
    return false;
  }
  return (
    (compareSeverity(labels.severity, alert.instance.labels.severity) <= 0 &&
      labelSetsOf(by.instance).some((labelSet) => isWithinScope(labelSet.labels, other))) ||
    inhibitsByRule(by, alert, incident, other)
  );
}

/** Whether all streams of an incident are within the scope of a wider alert. */
function isWithinScope(
  { scope, scopeValue }: AlertInstance['labels'],
  incident: Incident,
): boolean {
  if (WIDTH.indexOf(scope) >= WIDTH.indexOf(incident.scope.kind)) {
    return false;
  }
  const decisive = decisiveBreaks(incident);
  switch (scope) {
    case 'account':
      return true;
    case 'domain':
      return decisive.every(({ event }) => event.domain === scopeValue);
    case 'app':
      return decisive.every(({ event }) => `${event.domain}/${event.app}` === scopeValue);
    case 'node':
      return decisive.every(({ event }) => event.node === scopeValue);
    default:
      return false;
  }
}

function inhibitsByRule(by: LiveAlert, alert: LiveAlert, incident: Incident, other: Incident) {
  return labelSetsOf(by.instance).some(({ labels: { rule } }) => {
    const part = by.subject?.alertOf(rule);
    return (
      part?.inhibits?.some((pattern) => matchesPattern(pattern, alert.instance.labels.rule)) &&
      sharesGroups(incident, rule, part, other)
    );
  });
}

/**
 * Whether every outage of `other` has the same values of the rule's `groupBy` fields as a break of the
 * rule in `incident`.
 */
function sharesGroups(incident: Incident, rule: string, part: RuleAlert, other: Incident): boolean {
  const samples = [...(incident.past?.samples.values() ?? [])].map(({ record }) => record);
  const places = new Set(
    [...samples, ...incident.chains.flatMap(({ breaks }) => breaks)]
      .filter(({ verdict }) => verdict.rule.id === rule)
      .map((record) => groupKey(record, part.groupBy)),
  );
  return decisiveBreaks(other).every((record) => places.has(groupKey(record, part.groupBy)));
}

/** The decisive breaks of all outages; of folded outages one for each kind and place. */
function decisiveBreaks({ chains, past }: Incident): BreakRecord[] {
  const samples = [...(past?.samples.values() ?? [])];
  return [
    ...samples.flatMap(({ record, decisive }) => (decisive ? [record] : [])),
    ...chains.map(({ decisive }) => decisive),
  ];
}
