import type { BreakEvent } from '../../model/break.ts';
import { STREAM_WINDOW_MS, WIDE_WINDOW_MS } from '../../model/fact-catalogue.ts';
import type { Nearby, NearbyCounts, ThreadStore } from '../../store/store.ts';
import { RECOVERY_WINDOW_MS } from './compute-recovery.ts';
import type { FreshFailures, Shared } from './fresh-failures.ts';
import type { LiveStreams, ScopesAround } from './live-streams.ts';
import { isFailure, type PendingEvent, type StreamPast } from './load-stream.ts';
import type { OtherStreamCounts, OtherStreams } from './other-streams.ts';

/** The history of an event: earlier breaks of its stream and nearby counts. */
export interface NearbyHistory extends NearbyCounts, OtherStreamCounts {
  previousBreak: { endedAt: number; reason: string; category: string } | null;
  breaksOfStream: number;
  /** Includes normal ends. */
  endsOfStream: number;
  /** Streams of each scope; null when unknown. */
  scopes: ScopesAround | null;
}

/** Reads what the store holds near events, in one request. */
export async function readNearby(
  events: readonly PendingEvent[],
  store: ThreadStore,
): Promise<Map<PendingEvent, Nearby>> {
  const requests = events.map(({ account, domain, reason, endedAt, clientIp, node }) => ({
    account,
    domain,
    reason,
    clientIp,
    node,
    // CSS reports whole seconds: all pushes that a failing node cuts have the same time.
    before: endedAt + 1,
    windowMs: WIDE_WINDOW_MS,
  }));
  const nearby = await store.nearby(requests);
  return new Map(events.map((event, index) => [event, nearby[index] as Nearby]));
}

/** Changes of this batch that the store does not have yet. */
export interface DerivingBatch {
  /** New failures. */
  fresh: FreshFailures;
  /** Failures that no longer exist. */
  gone: readonly BreakEvent[];
  /** Counts other streams around an event, by the new failures and those that no longer exist. */
  others: OtherStreams;
  /** Counts live streams; absent when they are not followed. */
  live?: LiveStreams | undefined;
  /** What the store holds around each event. */
  nearby: Map<PendingEvent, Nearby>;
}

/**
 * Corrects the stored counts by this batch: events that are new, and events that no longer exist.
 * The event's own stream is counted from the events in memory, which already have an outcome because
 * they are diagnosed in order of time. Breaks of other streams within the same second count as
 * earlier, because CSS reports whole seconds; the event itself and later ones of its stream do not.
 *
 * @param own - the events of its stream, in order of time
 * @param past - what came before these
 */
export async function historyOf(
  pending: PendingEvent,
  own: readonly PendingEvent[],
  past: StreamPast,
  { fresh, gone, others, live, nearby }: DerivingBatch,
): Promise<NearbyHistory> {
  const stored = nearby.get(pending) as Nearby;
  const isBefore = ({ endedAt }: { endedAt: number }) => endedAt < pending.endedAt;
  const inWindow = ({ endedAt }: { endedAt: number }, windowMs: number) =>
    endedAt >= pending.endedAt - windowMs;
  const ofNow = own.filter(({ endedAt }) => endedAt === pending.endedAt);
  // The store has already counted these.
  const known = ofNow.flatMap(({ record }) =>
    record && record.event.outcome !== 'ended' && !isBefore(record.event) ? [record.event] : [],
  );
  const from = pending.endedAt - WIDE_WINDOW_MS;
  const change = (shared: Shared) => {
    const counts = (other: PendingEvent | BreakEvent) =>
      other.account === pending.account &&
      other.endedAt <= pending.endedAt &&
      inWindow(other, WIDE_WINDOW_MS) &&
      other[shared] === pending[shared];
    return (
      fresh.countSharing(pending, shared, from, pending.endedAt) -
      ofNow.filter((other) => fresh.has(other) && counts(other)).length -
      gone.filter(counts).length -
      known.filter(counts).length
    );
  };
  const earlier = own.filter(isBefore);
  const before = earlier.filter(isFailure);
  const last = before.at(-1)?.record ?? (await past.lastFailure());
  const ends = pending.endedAt - STREAM_WINDOW_MS < past.before ? await past.ends() : [];
  const ofStream = (ends: readonly { endedAt: number }[]) =>
    ends.filter((other) => inWindow(other, STREAM_WINDOW_MS)).length;
  return {
    previousBreak:
      last && last.event.endedAt >= pending.endedAt - RECOVERY_WINDOW_MS
        ? {
            endedAt: last.event.endedAt,
            reason: last.event.reason,
            category: last.verdict.category,
          }
        : null,
    breaksOfStream: ofStream(ends.filter(({ failed }) => failed)) + ofStream(before),
    endsOfStream: ofStream(ends) + ofStream(earlier),
    breaksOfClientIp: Math.max(0, stored.breaksOfClientIp + change('clientIp')),
    breaksOfNode: Math.max(0, stored.breaksOfNode + change('node')),
    breaksOfDomain: Math.max(0, stored.breaksOfDomain + change('domain')),
    ...others.around(pending, stored),
    scopes: live?.around(pending) ?? null,
  };
}
