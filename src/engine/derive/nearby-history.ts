import type { BreakEvent } from '../../model/break.ts';
import { STREAM_WINDOW_MS, WIDE_WINDOW_MS } from '../../model/fact-catalogue.ts';
import type { NearbyCounts, ThreadStore } from '../../store/store.ts';
import { RECOVERY_WINDOW_MS } from './compute-recovery.ts';
import { isFailure, type PendingEvent } from './pending-streams.ts';

/** The history of an event: earlier breaks of its stream and nearby counts. */
export interface NearbyHistory extends NearbyCounts {
  previousBreak: { endedAt: number; reason: string; category: string } | null;
  breaksOfStream: number;
  /** Includes normal ends. */
  endsOfStream: number;
}

/** Reads the nearby counts of all events in one request. */
export async function readNearbyCounts(
  events: readonly PendingEvent[],
  store: ThreadStore,
): Promise<Map<PendingEvent, NearbyCounts>> {
  const stored = await store.nearbyCounts(
    events.map(({ account, domain, endedAt, clientIp, node }) => ({
      account,
      domain,
      clientIp,
      node,
      // CSS reports whole seconds: all pushes that a failing node cuts have the same time.
      before: endedAt + 1,
      windowMs: WIDE_WINDOW_MS,
    })),
  );
  return new Map(events.map((event, index) => [event, stored[index] as NearbyCounts]));
}

/** The events of a stream, in order of time. */
export interface OwnStream {
  /** Those before the event that is diagnosed. */
  earlier: readonly PendingEvent[];
  all: readonly PendingEvent[];
}

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

const SHARED = ['clientIp', 'node', 'domain'] as const;
type Shared = (typeof SHARED)[number];

function groupKey(event: PendingEvent, shared: Shared): string {
  return JSON.stringify([shared, event.account, event[shared]]);
}

/** Changes of this batch that the store does not have yet. */
export interface DerivingBatch {
  /** New failures. */
  fresh: FreshFailures;
  /** Failures that no longer exist. */
  gone: readonly BreakEvent[];
  /** The stored counts around each event. */
  nearbyCounts: Map<PendingEvent, NearbyCounts>;
}

/**
 * Corrects the stored counts by this batch: events that are new, and events that no longer exist.
 * The event's own stream is counted from the events in memory, which already have an outcome because
 * they are diagnosed in order of time. Breaks of other streams within the same second count as
 * earlier, because CSS reports whole seconds; the event itself and later ones of its stream do not.
 */
export function historyOf(
  pending: PendingEvent,
  { earlier, all }: OwnStream,
  { fresh, gone, nearbyCounts }: DerivingBatch,
): NearbyHistory {
  const stored = nearbyCounts.get(pending) as NearbyCounts;
  const isBefore = ({ endedAt }: { endedAt: number }) => endedAt < pending.endedAt;
  const inWindow = ({ endedAt }: { endedAt: number }, windowMs: number) =>
    endedAt >= pending.endedAt - windowMs;
  const ofNow = all.filter(({ endedAt }) => endedAt === pending.endedAt);
  // The store has already counted these.
  const known = ofNow.flatMap(({ record }) =>
    record && record.event.outcome !== 'ended' && !isBefore(record.event) ? [record.event] : [],
  );
  const change = (shared: Shared) => {
    const counts = (other: PendingEvent | BreakEvent) =>
      other.account === pending.account &&
      other.endedAt <= pending.endedAt &&
      inWindow(other, WIDE_WINDOW_MS) &&
      other[shared] === pending[shared];
    return (
      fresh.sharing(pending, shared).filter((other) => counts(other) && !ofNow.includes(other))
        .length -
      gone.filter(counts).length -
      known.filter(counts).length
    );
  };
  const before = earlier.filter((other) => isBefore(other) && isFailure(other));
  const last = before.at(-1)?.record;
  return {
    previousBreak:
      last && last.event.endedAt >= pending.endedAt - RECOVERY_WINDOW_MS
        ? {
            endedAt: last.event.endedAt,
            reason: last.event.reason,
            category: last.verdict.category,
          }
        : null,
    breaksOfStream: before.filter((other) => inWindow(other, STREAM_WINDOW_MS)).length,
    endsOfStream: earlier.filter((other) => isBefore(other) && inWindow(other, STREAM_WINDOW_MS))
      .length,
    breaksOfClientIp: Math.max(0, stored.breaksOfClientIp + change('clientIp')),
    breaksOfNode: Math.max(0, stored.breaksOfNode + change('node')),
    breaksOfDomain: Math.max(0, stored.breaksOfDomain + change('domain')),
  };
}
