import { countBefore } from '../../model/count-before.ts';
import type { PendingEvent } from './pending-streams.ts';

/** New failures by what they may share with another event, so that a batch is not searched for each event. */
export class FreshFailures {
  /** Each in order of time. */
  readonly #groups = new Map<string, PendingEvent[]>();

  constructor(events: readonly PendingEvent[]) {
    for (const event of [...events].sort((a, b) => a.endedAt - b.endedAt)) {
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

  /**
   * Failures of the same account with the same value as an event that ended in a range.
   *
   * @param from - epoch ms UTC
   * @param to - epoch ms UTC, inclusive
   */
  sharing(event: PendingEvent, shared: Shared, from: number, to: number): PendingEvent[] {
    const group = this.#groups.get(groupKey(event, shared)) ?? [];
    return group.slice(
      countBefore(group, ({ endedAt }) => endedAt < from),
      countBefore(group, ({ endedAt }) => endedAt <= to),
    );
  }
}

const SHARED = ['clientIp', 'node', 'domain', 'reason'] as const;
export type Shared = (typeof SHARED)[number];

function groupKey(event: PendingEvent, shared: Shared): string {
  return JSON.stringify([shared, event.account, event[shared]]);
}
