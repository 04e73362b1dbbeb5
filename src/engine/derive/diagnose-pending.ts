import { setImmediate as immediate } from 'node:timers/promises';
import type { Diagnoser } from '../../diagnosis/run/index.ts';
import type { BreakEvent } from '../../model/break-event.ts';
import type { BreakRecord } from '../../model/break-record.ts';
import { STREAM_WINDOW_MS, WIDE_WINDOW_MS } from '../../model/fact-catalogue.ts';
import type { FactValue } from '../../model/facts.ts';
import type { NearbyCounts, ThreadStore } from '../../store/store.ts';
import type { NamedStream } from '../directory.ts';
import { type ApiState, buildFacts, type History } from './build-facts.ts';
import { computeRecovery, RECOVERY_WINDOW_MS } from './compute-recovery.ts';
import { observationKey, reasonOf } from './matching/merge-observations.ts';
import {
  isFailure,
  markFollowersStale,
  type PendingEvent,
  type PendingStream,
} from './pending-stream.ts';

/** What deriving needs from the rest of the engine. */
export interface DeriveContext {
  store: ThreadStore;
  diagnoser: Diagnoser;
  /** The last known state of an account's API. */
  apiState: (account: string) => ApiState | undefined;
  /** Facts from the directory about a stream; none when absent. */
  namesOf?: (
    stream: NamedStream,
    derived: Readonly<Record<string, FactValue>>,
  ) => Record<string, FactValue>;
}

/**
 * Computes stale verdicts, in order of time within each stream, and recoveries. Yields to the event
 * loop between streams.
 *
 * @returns new and changed records
 * @throws `STORE_FAILED`
 */
export async function diagnosePending(
  streams: Map<string, PendingStream>,
  context: DeriveContext,
): Promise<BreakRecord[]> {
  const fresh = [...streams.values()]
    .flatMap((stream) => stream.events)
    .filter((event) => event.stale && !event.record && isFailure(event));
  const gone = [...streams.values()]
    .flatMap(({ removed }) => removed.map(({ event }) => event))
    .filter(({ outcome }) => outcome !== 'ended');
  const changed: BreakRecord[] = [];
  const nearbyCounts = await readNearbyCounts(
    [...streams.values()].flatMap((stream) =>
      stream.events.filter((event) => event.stale || !event.record),
    ),
    context.store,
  );
  for (const stream of streams.values()) {
    await immediate();
    stream.events.sort((a, b) => a.endedAt - b.endedAt || (firstKey(a) < firstKey(b) ? -1 : 1));
    for (const [index, event] of stream.events.entries()) {
      const recoveredAt = computeRecovery(event, stream.pushes);
      if (event.stale || !event.record) {
        const own = { earlier: stream.events.slice(0, index), all: stream.events };
        const before = event.record;
        if (!nearbyCounts.has(event)) {
          // It became stale through a verdict of this loop.
          const around = await readNearbyCounts([event], context.store);
          nearbyCounts.set(event, around.get(event) as NearbyCounts);
        }
        changed.push(await judge(event, own, { fresh, gone, nearbyCounts }, recoveredAt, context));
        event.record = changed.at(-1);
        if (before && isOtherBreakBefore(before, event.record as BreakRecord)) {
          markFollowersStale(stream, event.endedAt);
        }
      } else if (event.record.event.recoveredAt !== recoveredAt && recoveredAt !== null) {
        event.record = { ...event.record, event: { ...event.record.event, recoveredAt } };
        changed.push(event.record);
      }
    }
  }
  return changed;
}

/** Unlike the id, this does not depend on which source came first. */
function firstKey({ sources }: PendingEvent): string {
  return sources.map(observationKey).sort()[0] as string;
}

/** Whether later breaks now have another previous break than before. */
function isOtherBreakBefore({ event, verdict }: BreakRecord, now: BreakRecord): boolean {
  return (
    event.outcome !== now.event.outcome ||
    event.reason !== now.event.reason ||
    verdict.category !== now.verdict.category
  );
}

/** Reads the nearby counts of all events in one request. */
async function readNearbyCounts(
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

async function judge(
  pending: PendingEvent,
  own: OwnStream,
  batch: Batch,
  recoveredAt: number | null,
  context: DeriveContext,
): Promise<BreakRecord> {
  const { record: _record, derived, stale: _stale, ...event } = pending;
  const match = reasonOf(event);
  const facts = buildFacts({
    event,
    match,
    // The directory is read again, so that a corrected line takes effect at the next diagnosis.
    derived: { ...derived, ...context.namesOf?.(event, derived) },
    nearbyCounts: withBatch(pending, own, batch),
    apiState: context.apiState(event.account),
  });
  const verdict = await context.diagnoser.judge(facts, match);
  const whole: BreakEvent = { ...event, outcome: verdict.outcome, recoveredAt, facts };
  return { event: whole, verdict };
}

/** The events of a stream, in order of time. */
interface OwnStream {
  /** Those before the event that is diagnosed. */
  earlier: readonly PendingEvent[];
  all: readonly PendingEvent[];
}

/** Changes of this batch that the store does not have yet. */
interface Batch {
  /** New failures. */
  fresh: readonly PendingEvent[];
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
function withBatch(
  pending: PendingEvent,
  { earlier, all }: OwnStream,
  { fresh, gone, nearbyCounts }: Batch,
): History {
  const stored = nearbyCounts.get(pending) as NearbyCounts;
  const isBefore = ({ endedAt }: { endedAt: number }) => endedAt < pending.endedAt;
  const inWindow = ({ endedAt }: { endedAt: number }, windowMs: number) =>
    endedAt >= pending.endedAt - windowMs;
  const ofNow = all.filter(({ endedAt }) => endedAt === pending.endedAt);
  // The store has already counted these.
  const known = ofNow.flatMap(({ record }) =>
    record && record.event.outcome !== 'ended' && !isBefore(record.event) ? [record.event] : [],
  );
  const change = (same: (other: PendingEvent | BreakEvent) => boolean) => {
    const counts = (other: PendingEvent | BreakEvent) =>
      other.account === pending.account &&
      other.endedAt <= pending.endedAt &&
      inWindow(other, WIDE_WINDOW_MS) &&
      same(other);
    return (
      fresh.filter((other) => !ofNow.includes(other) && counts(other)).length -
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
    breaksOfClientIp: Math.max(
      0,
      stored.breaksOfClientIp + change((other) => other.clientIp === pending.clientIp),
    ),
    breaksOfNode: Math.max(0, stored.breaksOfNode + change((other) => other.node === pending.node)),
    breaksOfDomain: Math.max(
      0,
      stored.breaksOfDomain + change((other) => other.domain === pending.domain),
    ),
  };
}
