import type { PendingEvent } from './pending-streams.ts';

/** New failures by what they may share with another event. */
export class FreshFailures {
  readonly #groups = new Map<string, PendingEvent[]>();

  constructor(events: readonly PendingEvent[]) {
    for (const event of events) {
      for (const shared of SHARED) {
        const key = groupKey(event, shared);
        const group = this.#groups.get(key);
        if (group) {
          group.push(event);
        } else {
          this.#groups.set(key, [event]);
        }
      }
    }
  }

  /** Failures of the same account with the same value, so that a batch is not searched for each event. */
  sharing(event: PendingEvent, shared: Shared): readonly PendingEvent[] {
    return this.#groups.get(groupKey(event, shared)) ?? [];
  }
}

const SHARED = ['clientIp', 'node', 'domain', 'reason'] as const;
export type Shared = (typeof SHARED)[number];

function groupKey(event: PendingEvent, shared: Shared): string {
  return JSON.stringify([shared, event.account, event[shared]]);
}
