import { countBefore } from '../../model/count-before.ts';
import type { PendingEvent } from './load-stream.ts';

/** New failures by what they may share with another event, so that a batch is not searched for each event. */
export class FreshFailures {
  /** Each in order of time. */
  readonly #groups = new Map<string, PendingEvent[]>();
  readonly #all: ReadonlySet<PendingEvent>;

  constructor(events: readonly PendingEvent[]) {
    this.#all = new Set(events);
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
    const { group, first, end } = this.#find(event, shared, from, to);
    return group.slice(first, end);
  }

  /** The number of failures that {@link sharing} returns. */
  countSharing(event: PendingEvent, shared: Shared, from: number, to: number): number {
    const { first, end } = this.#find(event, shared, from, to);
    return end - first;
  }

  /** Tells whether an event is one of the new failures. */
  has(event: PendingEvent): boolean {
    return this.#all.has(event);
  }

  #find(event: PendingEvent, shared: Shared, from: number, to: number) {
    const group = this.#groups.get(groupKey(event, shared)) ?? [];
    return {
      group,
      first: countBefore(group, ({ endedAt }) => endedAt < from),
      end: countBefore(group, ({ endedAt }) => endedAt <= to),
    };
  }
}

const SHARED = ['clientIp', 'node', 'domain', 'reason'] as const;
export type Shared = (typeof SHARED)[number];

function groupKey(event: PendingEvent, shared: Shared): string {
  return `${shared}\n${event.account}\n${event[shared] ?? ''}`;
}
