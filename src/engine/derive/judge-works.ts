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
        const own = { earlier: work.events.slice(0, index), all: work.events };
        const before = event.record;
        if (!surroundings.has(event)) {
          // It became stale only by what was concluded just now.
          const around = await readSurroundings([event], context.store);
          surroundings.set(event, around.get(event) as Surroundings);
        }
        changed.push(await judge(event, own, { fresh, gone, surroundings }, recoveredAt, context));
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
      // CSS tells whole seconds: what a failing node cuts at once bears one and the same time.
      before: endedAt + 1,
      windowMs: WIDE_WINDOW_MS,
    })),
  );
  return new Map(events.map((event, index) => [event, stored[index] as Surroundings]));
}

async function judge(
  work: Work,
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
    surroundings: withBatch(work, own, batch),
    apiState: context.apiState(event.account),
  });
  const verdict = await context.diagnoser.judge(facts, match);
  const whole: BreakEvent = { ...event, outcome: verdict.outcome, recoveredAt, facts };
  return { event: whole, verdict };
}

/** The events of a stream, in order of time. */
interface OwnStream {
  /** Those before the one that is judged. */
  earlier: readonly Work[];
  all: readonly Work[];
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
 * have an outcome. What other streams met within the same second counts as having gone before, as
 * CSS tells whole seconds; the event itself and its own stream's next ones do not.
 */
function withBatch(
  work: Work,
  { earlier, all }: OwnStream,
  { fresh, gone, surroundings }: Batch,
): History {
  const stored = surroundings.get(work) as Surroundings;
  const isBefore = ({ endedAt }: { endedAt: number }) => endedAt < work.endedAt;
  const inWindow = ({ endedAt }: { endedAt: number }, windowMs: number) =>
    endedAt >= work.endedAt - windowMs;
  const ofNow = all.filter(({ endedAt }) => endedAt === work.endedAt);
  // The store counts them as it knows them.
  const known = ofNow.flatMap(({ record }) =>
    record && record.event.outcome !== 'ended' && !isBefore(record.event) ? [record.event] : [],
  );
  const change = (same: (other: Work | BreakEvent) => boolean) => {
    const counts = (other: Work | BreakEvent) =>
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
