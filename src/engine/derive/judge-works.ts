import { setImmediate as immediate } from 'node:timers/promises';
import type { BreakEvent } from '../../model/break-event.ts';
import type { BreakRecord } from '../../model/break-record.ts';
import { STREAM_WINDOW_MS, WIDE_WINDOW_MS } from '../../model/fact-catalogue.ts';
import type { DerivingStore, Surroundings } from '../../store/store.ts';
import { buildFacts, type History } from './build-facts.ts';
import { computeRecovery, RECOVERY_WINDOW_MS } from './compute-recovery.ts';
import type { DeriveContext } from './derive-context.ts';
import { reasonOf, sightingKey } from './merge-sightings.ts';
import { isFailure, markFollowersStale, type StreamWork, type Work } from './stream-work.ts';

/**
 * Reaches the verdicts that are stale, in each stream in order of time, and recoveries. Between
 * streams whatever else waits gets its turn.
 *
 * @returns new and changed records
 */
export async function judgeWorks(
  works: Map<string, StreamWork>,
  context: DeriveContext,
): Promise<BreakRecord[]> {
  const fresh = [...works.values()]
    .flatMap((work) => work.events)
    .filter((event) => event.stale && !event.record && isFailure(event));
  const gone = [...works.values()]
    .flatMap(({ removed }) => removed.map(({ event }) => event))
    .filter(({ outcome }) => outcome !== 'ended');
  const changed: BreakRecord[] = [];
  const surroundings = await readSurroundings(
    [...works.values()].flatMap((work) =>
      work.events.filter((event) => event.stale || !event.record),
    ),
    context.store,
  );
  for (const work of works.values()) {
    await immediate();
    work.events.sort((a, b) => a.endedAt - b.endedAt || (firstKey(a) < firstKey(b) ? -1 : 1));
    for (const [index, event] of work.events.entries()) {
      const recoveredAt = computeRecovery(event, work.pushes);
      if (event.stale || !event.record) {
        const earlier = work.events.slice(0, index);
        const before = event.record;
        if (!surroundings.has(event)) {
          // It became stale only by what was concluded just now.
          const around = await readSurroundings([event], context.store);
          surroundings.set(event, around.get(event) as Surroundings);
        }
        changed.push(
          await judge(event, earlier, { fresh, gone, surroundings }, recoveredAt, context),
        );
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
function firstKey({ sources }: Work): string {
  return sources.map(sightingKey).sort()[0] as string;
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
async function readSurroundings(
  events: readonly Work[],
  store: DerivingStore,
): Promise<Map<Work, Surroundings>> {
  const stored = await store.surroundings(
    events.map(({ account, domain, endedAt, clientIp, node }) => ({
      account,
      domain,
      clientIp,
      node,
      before: endedAt,
      windowMs: WIDE_WINDOW_MS,
    })),
  );
  return new Map(events.map((event, index) => [event, stored[index] as Surroundings]));
}

async function judge(
  work: Work,
  earlier: readonly Work[],
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
    surroundings: withBatch(work, earlier, batch),
    apiState: context.apiState(event.account),
  });
  const verdict = await context.diagnoser.judge(facts, match);
  const whole: BreakEvent = { ...event, outcome: verdict.outcome, recoveredAt, facts };
  return { event: whole, verdict };
}

/** What the store does not know yet. */
interface Batch {
  /** New failures. */
  fresh: readonly Work[];
  /** Failures that are no more. */
  gone: readonly BreakEvent[];
  /** What the store knows around each event that is judged. */
  surroundings: Map<Work, Surroundings>;
}

/**
 * The store knows nothing of events that are new in this batch, nor that some are no more: that is
 * counted in here. Own stream: from the events in memory, which are judged in order of time and so
 * have an outcome.
 */
function withBatch(
  work: Work,
  earlier: readonly Work[],
  { fresh, gone, surroundings }: Batch,
): History {
  const stored = surroundings.get(work) as Surroundings;
  const inWindow = ({ endedAt }: { endedAt: number }, windowMs: number) =>
    endedAt < work.endedAt && endedAt >= work.endedAt - windowMs;
  const change = (same: (other: Work | BreakEvent) => boolean) => {
    const counts = (other: Work | BreakEvent) =>
      other.account === work.account && inWindow(other, WIDE_WINDOW_MS) && same(other);
    return fresh.filter(counts).length - gone.filter(counts).length;
  };
  const before = earlier.filter((other) => other.endedAt < work.endedAt && isFailure(other));
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
    endsOfStream: earlier.filter((other) => inWindow(other, STREAM_WINDOW_MS)).length,
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
