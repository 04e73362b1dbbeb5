import type { Dispatcher } from '../../src/alerts/outbox/dispatcher.ts';
import type { AlertInstance } from '../../src/model/alert.ts';
import type { AlertNotice, NoticeKind } from '../../src/model/notice.ts';
import { makeAlert } from '../../test/alerts/make-notice.ts';

/**
 * What happens to an alert during the outage: it fired before and keeps firing (`lasts`), fired before
 * and resolves (`ends`), starts (`begins`), or starts and resolves (`missed`).
 */
export const FATES = ['lasts', 'ends', 'begins', 'missed'] as const;
export type Fate = (typeof FATES)[number];

/** The account of an alert. The receivers identify alerts by it. */
export function accountOf(fate: Fate, index: number): string {
  return `${fate}-${index}`;
}

/** Sends notices to a dispatcher, as the judge does. */
export class OutageAlerts {
  readonly #dispatcher: Dispatcher;
  readonly #instances = new Map<string, AlertInstance>();

  constructor(dispatcher: Dispatcher) {
    this.#dispatcher = dispatcher;
  }

  /** Sends one notice per alert. Resolves when they are on disk. */
  async notify(kind: NoticeKind, fate: Fate, indexes: readonly number[]): Promise<void> {
    const at = Date.now();
    const notices = indexes.map((index): AlertNotice => {
      const account = accountOf(fate, index);
      const id = `incident:${account}`;
      const base = this.#instances.get(id) ?? makeAlert({ id, startsAt: at, pendingSince: at });
      const over = kind === 'resolve' ? ({ state: 'resolved', resolvedAt: at } as const) : {};
      const labels = { ...base.labels, account, scopeValue: account };
      const alert = { ...base, ...over, labels, notified: { ...base.notified, [kind]: at } };
      this.#instances.set(id, alert);
      return { id: `${id}:${kind}:${kind === 'update' ? at : 1}`, kind, at, alert };
    });
    await this.#dispatcher.accept({ instances: [...this.#instances.values()], notices });
  }
}

/** Waits for a time, ms. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

/** Waits until `condition` is true, or for `ms`. @returns the time it took, ms */
export async function waitUntil(ms: number, condition: () => boolean): Promise<number> {
  const startedAt = Date.now();
  while (!condition() && Date.now() - startedAt < ms) {
    await pause(250);
  }
  return Date.now() - startedAt;
}
