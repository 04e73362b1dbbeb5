import type { AlertInstance } from '../../model/alert.ts';
import type { Incident } from '../../model/incident.ts';
import { compareSeverity, type Subject } from './alert-subject.ts';

/** Which alert goes on as which subject's. */
export interface Matching {
  /** The alert that a subject has already, by its key. */
  ofSubject: Map<string, AlertInstance>;
  /** Alerts that became part of another, by id: the key of the subject that has them now. */
  absorbed: Map<string, string>;
  /** Alerts that nothing is left of. */
  orphaned: AlertInstance[];
}

/** What an alert is about, as the key of its subject. */
export function keyOfInstance({ kind, labels }: AlertInstance): string {
  return kind === 'incident'
    ? labels.incident
    : `${kind}:${[...new Set([labels.account, labels.scopeValue])].join('/')}`;
}

/**
 * Finds the subject of each alert. An incident takes its id from its first break, so one that was
 * merged into another, or of which an earlier break came to light, is found by that break. Where two
 * alerts now have one subject, the one that was told goes on, the most severe of several so that it need
 * not rise and ring again; else the one that fired first.
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

/** Infinities are equal to each other. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Where the first breaks of incidents that are no more have gone. */
function ownersOf(
  wanted: ReadonlySet<string>,
  incidents: readonly Incident[],
): Map<string, string> {
  const owners = new Map<string, string>();
  if (wanted.size === 0) {
    return owners;
  }
  for (const { id, chains } of incidents) {
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
