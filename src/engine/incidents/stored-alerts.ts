import type { AlertInstance } from '../../model/alert.ts';
import type { DocumentText } from '../../store/store.ts';

/** How the alerts of a turn differ from the stored ones. */
export interface AlertChanges {
  changed: AlertInstance[];
  /** Documents of the changed ones. */
  documents: DocumentText[];
  /** Ids of alerts that are no longer kept. */
  forgotten: string[];
}

/** Knows the alerts as they were stored last. */
export class StoredAlerts {
  /** As JSON, by id. */
  readonly #stored = new Map<string, string>();

  /** @param alerts - as the store has them */
  load(alerts: readonly AlertInstance[]): void {
    for (const alert of alerts) {
      this.#stored.set(alert.id, JSON.stringify(alert));
    }
  }

  /** Returns how alerts differ from the stored ones, and counts them as stored from now on. */
  change(alerts: readonly AlertInstance[]): AlertChanges {
    const changes: AlertChanges = { changed: [], documents: [], forgotten: [] };
    for (const alert of alerts) {
      const json = JSON.stringify(alert);
      if (this.#stored.get(alert.id) !== json) {
        this.#stored.set(alert.id, json);
        changes.changed.push(alert);
        changes.documents.push(documentOfAlert(alert, json));
      }
    }
    const kept = new Set(alerts.map(({ id }) => id));
    for (const id of this.#stored.keys()) {
      if (!kept.has(id)) {
        this.#stored.delete(id);
        changes.forgotten.push(id);
      }
    }
    return changes;
  }
}

function documentOfAlert(alert: AlertInstance, json: string): DocumentText {
  const { id, labels, startsAt, state } = alert;
  const open = state !== 'resolved';
  return { kind: 'alert', id, account: labels.account, at: startsAt, open, json };
}
