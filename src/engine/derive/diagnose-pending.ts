import { setImmediate as immediate } from 'node:timers/promises';
import type { BreakEvent } from '../../model/break-event.ts';
import type { BreakRecord } from '../../model/break-record.ts';
import { STREAM_WINDOW_MS, WIDE_WINDOW_MS } from '../../model/fact-catalogue.ts';
import type { DerivingStore, NearbyCounts } from '../../store/store.ts';
import { buildFacts, type History } from './build-facts.ts';
import { computeRecovery, RECOVERY_WINDOW_MS } from './compute-recovery.ts';
import type { DeriveContext } from './derive-context.ts';
import { observationKey, reasonOf } from './merge-observations.ts';
import {
  isFailure,
  markFollowersStale,
  type PendingEvent,
  type PendingStream,
} from './pending-events.ts';

/**
 * Reaches the verdicts that are stale, in each stream in order of time, and recoveries. Between
 * streams whatever else waits gets its turn.
 *
 * @returns new and changed records
 */
export async function diagnosePending(
  pendingEvents: Map<string, PendingStream>,
  context: DeriveContext,
): Promise<BreakRecord[]> {
  const fresh = [...pendingEvents.values()]
    .flatMap((work) => work.events)
    .filter((event) => event.stale && !event.record && isFailure(event));
  const gone = [...pendingEvents.values()]
    .flatMap(({ removed }) => removed.map(({ event }) => event))
    .filter(({ outcome }) => outcome !== 'ended');
  const changed: BreakRecord[] = [];
  const nearbyCounts = await readNearbyCounts(
    [...pendingEvents.values()].flatMap((work) =>
      work.events.filter((event) => event.stale || !event.record),
    ),
    context.store,
  );
  for (const work of pendingEvents.values()) {
    await immediate();
    work.events.sort((a, b) => a.endedAt - b.endedAt || (firstKey(a) < firstKey(b) ? -1 : 1));
    for (const [index, event] of work.events.entries()) {
      const recoveredAt = computeRecovery(event, work.pushes);
      if (event.stale || !event.record) {
        const own = { earlier: work.events.slice(0, index), all: work.events };
        const before = event.record;
        if (!nearbyCounts.has(event)) {
          // It became stale only by what was concluded just now.
          const around = await readNearbyCounts([event], context.store);
          nearbyCounts.set(event, around.get(event) as NearbyCounts);
        }
        changed.push(await judge(event, own, { fresh, gone, nearbyCounts }, recoveredAt, context));
        event.record = changed.at(-1);
        if (before && isOtherBreakBefore(before, event.record as BreakRecord)) {
          markFollowersStale(work, event.endedAt);
        }
      } else if (event.record.event.recoveredAt !== recoveredAt && recoveredAt !== null) {
        event.record = { ...event.record, event: { ...event.record.event, recoveredAt } };
        changed.push(event.record);
      }
    }
  }
  return changed;
}

/** Unlike its id, this does not hang on which source came first. */
function firstKey({ sources }: PendingEvent): string {
  return sources.map(observationKey).sort()[0] as string;
}

/** Whether those after it see another break before them than they did. */
function isOtherBreakBefore({ event, verdict }: BreakRecord, now: BreakRecord): boolean {
  return (
    event.outcome !== now.event.outcome ||
    event.reason !== now.event.reason ||
    verdict.category !== now.verdict.category
  );
}

/** What the store knows around each event that is judged now, asked for in one go. */
async function readNearbyCounts(
  events: readonly PendingEvent[],
  store: DerivingStore,
): Promise<Map<PendingEvent, NearbyCounts>> {
  const stored = await store.nearbyCounts(
    events.map(({ account, domain, endedAt, clientIp, node }) => ({
      account,
      domain,
      clientIp,
      node,
      // CSS tells whole seconds: what a failing node cuts at once bears one and the same time.
      before: endedAt + 1,
      windowMs: WIDE_WINDOW_MS,
    })),
  );
  return new Map(events.map((event, index) => [event, stored[index] as NearbyCounts]));
}

async function judge(
  work: PendingEvent,
  own: OwnStream,
  batch: Batch,
  recoveredAt: number | null,
  context: DeriveContext,
): Promise<BreakRecord> {
  const { record: _record, derived, stale: _stale, ...event } = work;
  const match = reasonOf(event);
  const facts = buildFacts({
    event,
    match,
    // The directory is asked anew, so that a corrected line shows at the next judgement.
    derived: { ...derived, ...context.namesOf?.(event, derived) },
    nearbyCounts: withBatch(work, own, batch),
    apiState: context.apiState(event.account),
  });
  const verdict = await context.diagnoser.judge(facts, match);
  const whole: BreakEvent = { ...event, outcome: verdict.outcome, recoveredAt, facts };
  return { event: whole, verdict };
}

/** The events of a stream, in order of time. */
interface OwnStream {
  /** Those before the one that is judged. */
  earlier: readonly PendingEvent[];
  all: readonly PendingEvent[];
}

/** What the store does not know yet. */
interface Batch {
  /** New failures. */
  fresh: readonly PendingEvent[];
  /** Failures that are no more. */
  gone: readonly BreakEvent[];
  /** What the store knows around each event that is judged. */
  nearbyCounts: Map<PendingEvent, NearbyCounts>;
}

/**
 * The store knows nothing of events that are new in this batch, nor that some are no more: that is
 * counted in here. Own stream: from the events in memory, which are judged in order of time and so
 * have an outcome. What other streams met within the same second counts as having gone before, as
 * CSS tells whole seconds; the event itself and its own stream's next ones do not.
 */
function withBatch(
  work: PendingEvent,
  { earlier, all }: OwnStream,
  { fresh, gone, nearbyCounts }: Batch,
): History {
  const stored = nearbyCounts.get(work) as NearbyCounts;
  const isBefore = ({ endedAt }: { endedAt: number }) => endedAt < work.endedAt;
  const inWindow = ({ endedAt }: { endedAt: number }, windowMs: number) =>
    endedAt >= work.endedAt - windowMs;
  const ofNow = all.filter(({ endedAt }) => endedAt === work.endedAt);
  // The store counts them as it knows them.
  const known = ofNow.flatMap(({ record }) =>
    record && record.event.outcome !== 'ended' && !isBefore(record.event) ? [record.event] : [],
  );
  const change = (same: (other: PendingEvent | BreakEvent) => boolean) => {
    const counts = (other: PendingEvent | BreakEvent) =>
      other.account === work.account &&
      other.endedAt <= work.endedAt &&
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
      last && last.event.endedAt >= work.endedAt - RECOVERY_WINDOW_MS
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
      stored.breaksOfClientIp + change((other) => other.clientIp === work.clientIp),
    ),
    breaksOfNode: Math.max(0, stored.breaksOfNode + change((other) => other.node === work.node)),
    breaksOfDomain: Math.max(
      0,
      stored.breaksOfDomain + change((other) => other.domain === work.domain),
    ),
  };
}
