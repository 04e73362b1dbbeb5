import type { Dispatcher } from '../../src/alerts/outbox/dispatcher.ts';
import type { AlertInstance } from '../../src/model/alert.ts';
import type { AlertNotice, NoticeKind } from '../../src/model/notice.ts';
import { makeAlert } from '../../test/alerts/make-notice.ts';

/**
 * What becomes of an alert while a receiver is away: it was told before and lasts, was told before and
 * ends meanwhile, begins meanwhile, or begins and ends meanwhile.
 */
export const FATES = ['lasts', 'ends', 'begins', 'missed'] as const;
export type Fate = (typeof FATES)[number];

/** The account of an alert, by which receivers of the benchmark tell alerts apart. */
export function accountOf(fate: Fate, index: number): string {
  return `${fate}-${index}`;
}

/** Tells a dispatcher of alerts, as the judge would. */
export class OutageAlerts {
  readonly #dispatcher: Dispatcher;
  readonly #instances = new Map<string, AlertInstance>();

  constructor(dispatcher: Dispatcher) {
    this.#dispatcher = dispatcher;
  }

  /** Resolves once the notices are on disk. */
  async tell(kind: NoticeKind, fate: Fate, indexes: readonly number[]): Promise<void> {
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

/** Resolves after so long. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

/** Waits until something holds, no longer than that. @returns how long it took, in ms */
export async function within(ms: number, holds: () => boolean): Promise<number> {
  const began = Date.now();
  while (!holds() && Date.now() - began < ms) {
    await pause(250);
  }
  return Date.now() - began;
}
