import type { AlertInstance } from '../../model/alert.ts';
import type { Incident } from '../../model/incident.ts';
import { compareSeverity, type Subject } from './alert-subject.ts';

/** Which alert belongs to which subject. */
export interface Matching {
  /** The existing alert of a subject, by the subject's key. */
  ofSubject: Map<string, AlertInstance>;
  /** For the id of each alert that was merged into another one: the key of that one's subject. */
  absorbed: Map<string, string>;
  /** Alerts whose subject no longer exists. */
  orphaned: AlertInstance[];
}

/** Returns the key of an alert's subject. */
export function keyOfInstance({ kind, labels }: AlertInstance): string {
  return kind === 'incident'
    ? labels.incident
    : `${kind}:${[...new Set([labels.account, labels.scopeValue])].join('/')}`;
}

/**
 * Finds the subject of each alert. An incident's id contains its first break. When incidents were merged,
 * or an earlier break arrived late, the incident is found by that break under its new id. When two alerts
 * now have one subject, the one that has paged is kept: of several the most severe, so that it need not
 * page again. If none has paged, the one that fired first is kept.
 *
 * @param live - alerts that are not resolved
 */
export function matchInstances(
  live: readonly AlertInstance[],
  subjects: ReadonlyMap<string, Subject>,
): Matching {
  const incidents = [...subjects.values()].flatMap(({ incident }) => incident ?? []);
  const lost = live.filter(
    (instance) => instance.kind === 'incident' && !subjects.has(keyOfInstance(instance)),
  );
  const owners = ownersOf(new Set(lost.map(keyOfInstance)), incidents);
  const candidates = new Map<string, AlertInstance[]>();
  const orphaned: AlertInstance[] = [];
  for (const instance of live) {
    const own = keyOfInstance(instance);
    const key = subjects.has(own) ? own : owners.get(own);
    if (key === undefined) {
      orphaned.push(instance);
    } else {
      candidates.set(key, [...(candidates.get(key) ?? []), instance]);
    }
  }
  const ofSubject = new Map<string, AlertInstance>();
  const absorbed = new Map<string, string>();
  for (const [key, instances] of candidates) {
    const [first, ...others] = instances.sort(compareCandidates) as [AlertInstance];
    ofSubject.set(key, first);
    for (const { id } of others as AlertInstance[]) {
      absorbed.set(id, key);
    }
  }
  return { ofSubject, absorbed, orphaned };
}

function compareCandidates(a: AlertInstance, b: AlertInstance): number {
  const isNotified = (instance: AlertInstance) => Number(instance.notified.page !== null);
  const notified = (instance: AlertInstance) => instance.notified.page ?? Number.POSITIVE_INFINITY;
  const fired = (instance: AlertInstance) => instance.firingSince ?? Number.POSITIVE_INFINITY;
  return (
    isNotified(b) - isNotified(a) ||
    isNotified(a) * compareSeverity(a.labels.severity, b.labels.severity) ||
    compare(notified(a), notified(b)) ||
    compare(fired(a), fired(b)) ||
    (a.id < b.id ? -1 : 1)
  );
}

/** Compares numbers; two infinities are equal. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** For the ids of incidents that no longer exist: the id of the incident that has their first break now. */
function ownersOf(
  wanted: ReadonlySet<string>,
  incidents: readonly Incident[],
): Map<string, string> {
  const owners = new Map<string, string>();
  if (wanted.size === 0) {
    return owners;
  }
  for (const { id, chains, past } of incidents) {
    for (const name of past?.names ?? []) {
      if (wanted.has(`inc-${name}`)) {
        owners.set(`inc-${name}`, id);
      }
    }
    for (const { breaks } of chains) {
      for (const { event } of breaks) {
        const key = `inc-${event.id}`;
        if (wanted.has(key)) {
          owners.set(key, id);
        }
      }
    }
  }
  return owners;
}
