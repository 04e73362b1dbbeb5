import { setImmediate as immediate } from 'node:timers/promises';
import { type Arrival, type ArrivedEnd, readArrival } from '../css/read-arrival.ts';
import type { Diagnoser } from '../diagnosis/create-diagnoser.ts';
import type { BreakEvent, SourceKey, StreamKey } from '../model/break-event.ts';
import type { BreakRecord } from '../model/break-record.ts';
import { FACT_CATALOGUE, STREAM_WINDOW_MS, WIDE_WINDOW_MS } from '../model/fact-catalogue.ts';
import type { Facts, FactValue } from '../model/facts.ts';
import type { StoredJournalEntry } from '../model/journal-entry.ts';
import type { Push } from '../model/push.ts';
import { outcomeOf } from '../reasons/outcome-of.ts';
import type { DerivedBatch, DerivingStore, Surroundings } from '../store/store.ts';
import { type ApiState, buildFacts } from './build-facts.ts';
import { computeRecovery, RECOVERY_WINDOW_MS } from './compute-recovery.ts';
import type { NamedStream } from './directory.ts';
import {
  type MergedEvent,
  mergeDerived,
  mergeSightings,
  reasonOf,
  type Sighting,
  sightingKey,
} from './merge-sightings.ts';
import { regroup } from './regroup.ts';

/** What deriving needs of the rest of the engine. */
export interface DeriveContext {
  store: DerivingStore;
  diagnoser: Diagnoser;
  /** What the API of an account said last. */
  apiState: (account: string) => ApiState | undefined;
  /** What people call a stream, as facts; none when absent. */
  namesOf?: (
    stream: NamedStream,
    told: Readonly<Record<string, FactValue>>,
  ) => Record<string, FactValue>;
}

/** One event in hand. */
interface Work extends MergedEvent {
  /** The record as stored or as last derived; undefined for an event new in this batch. */
  record: BreakRecord | undefined;
  derived: Record<string, FactValue>;
  /** The verdict has to be reached again. */
  stale: boolean;
}

interface StreamWork {
  key: StreamKey;
  events: Work[];
  pushes: Push[];
  /** Ends that this batch brought. */
  arrived: Sighting[];
  /** Records of events that are no more. */
  removed: BreakRecord[];
}

/** Facts that come with a message rather than from its surroundings, so a merge keeps them. */
const CARRIED_FACTS = new Set(
  FACT_CATALOGUE.filter((fact) => fact.source === 'pushUrl' || fact.name === 'mainlandChina').map(
    (fact) => fact.name,
  ),
);

function carriedFacts(facts: Facts): Record<string, FactValue> {
  return Object.fromEntries(Object.entries(facts).filter(([name]) => CARRIED_FACTS.has(name)));
}

/**
 * Turns journal entries into breaks, pushes and verdicts. Reads the neighbourhood of each touched
 * stream once, works on it in memory, and returns one batch to be written as a whole. What the
 * sources say of the same break becomes one event, the same whatever order they come in. A late,
 * merged or vanished event makes its followers' verdicts stale, and those are reached again.
 *
 * @param entries - in order of seq, following the store's cursor without a gap
 */
export async function deriveEntries(
  entries: readonly StoredJournalEntry[],
  context: DeriveContext,
): Promise<DerivedBatch> {
  const arrivals = entries.map((entry) => ({ arrival: readArrival(entry), seq: entry.seq }));
  const works = await loadStreams(
    arrivals.map(({ arrival }) => arrival),
    context.store,
  );
  const touchedPushes = new Set<Push>();
  for (const { arrival, seq } of arrivals) {
    if (arrival.kind === 'other') {
      continue;
    }
    const key = arrival.kind === 'end' ? arrival.event : arrival.push;
    const work = works.get(streamId(key)) as StreamWork;
    if (arrival.kind === 'end') {
      work.arrived.push({ ...arrival.event, seq });
    }
    const push = arrival.kind === 'end' ? pushOf(arrival.event) : arrival.push;
    if (push) {
      touchedPushes.add(takePush(work, push));
    }
  }
  await Promise.all([...works.values()].map((work) => takeEnds(work, context.store)));
  const breaks = await judgeAll(works, context);
  return {
    breaks,
    removed: [...works.values()].flatMap(({ removed }) => removed.map(({ event }) => event.id)),
    pushes: [...touchedPushes],
    cursor: entries.at(-1)?.seq ?? (await context.store.cursor()),
  };
}

function streamId(key: StreamKey): string {
  return JSON.stringify([key.account, key.domain, key.app, key.stream]);
}

async function loadStreams(
  arrivals: readonly Arrival[],
  store: DerivingStore,
): Promise<Map<string, StreamWork>> {
  const spans = new Map<string, { key: StreamKey; from: number; to: number }>();
  for (const arrival of arrivals) {
    if (arrival.kind === 'other') {
      continue;
    }
    const { account, domain, app, stream } = arrival.kind === 'end' ? arrival.event : arrival.push;
    const key = { account, domain, app, stream };
    const start = arrival.kind === 'end' ? arrival.event.startedAt : arrival.push.startedAt;
    const end = arrival.kind === 'end' ? arrival.event.endedAt : arrival.push.startedAt;
    const from = Math.min(start ?? end, end) - RECOVERY_WINDOW_MS;
    const to = end + RECOVERY_WINDOW_MS + 1;
    const span = spans.get(streamId(key));
    if (span) {
      span.from = Math.min(span.from, from);
      span.to = Math.max(span.to, to);
    } else {
      spans.set(streamId(key), { key, from, to });
    }
  }
  const works = new Map<string, StreamWork>();
  await Promise.all(
    [...spans].map(async ([id, { key, from, to }]) => {
      const [records, pushes] = await Promise.all([
        store.breaksOfStream(key, { from, to }),
        store.pushesOfStream(key, { from, to: to + RECOVERY_WINDOW_MS }),
      ]);
      works.set(id, { key, pushes, events: records.map(workOf), arrived: [], removed: [] });
    }),
  );
  return works;
}

function workOf(record: BreakRecord): Work {
  const { outcome: _outcome, recoveredAt: _recoveredAt, facts, ...event } = record.event;
  return { ...event, record, derived: carriedFacts(facts), stale: false };
}

/** Groups the ends that came with what is known, and puts the events that result in place. */
async function takeEnds(work: StreamWork, store: DerivingStore): Promise<void> {
  const known = new Set(work.events.flatMap((event) => event.sources.map(sightingKey)));
  const fresh = work.arrived.filter(({ sourceKey }) => !known.has(sightingKey(sourceKey)));
  if (fresh.length === 0) {
    return;
  }
  const { dissolved, groups } = await regroup(work.events, fresh, {
    ofSingle: sightingOf,
    async read(keys) {
      const entries = await store.journalEntries(work.key.account, keys);
      return entries.flatMap((entry) => {
        const arrival = readArrival(entry);
        return arrival.kind === 'end' ? [{ ...arrival.event, seq: entry.seq }] : [];
      });
    },
  });
  const before = new Map(dissolved.map((event) => [event.id, event]));
  work.events = work.events.filter((event) => !before.has(event.id));
  const moments = dissolved.map(({ endedAt }) => endedAt);
  for (const group of groups) {
    const merged = mergeSightings(group);
    const record = before.get(merged.id)?.record;
    before.delete(merged.id);
    work.events.push({ ...merged, record, derived: mergeDerived(group), stale: true });
    moments.push(merged.endedAt);
  }
  work.removed.push(...[...before.values()].flatMap(({ record }) => record ?? []));
  for (const moment of moments) {
    markFollowersStale(work, moment);
  }
}

/** An event of one source is that source's sighting. */
function sightingOf(event: Work): Sighting {
  const { id: _id, reason: _reason, sources, record: _record, stale: _stale, ...rest } = event;
  return { ...rest, sourceKey: sources[0] as SourceKey, setId: null, seq: undefined };
}

/**
 * Verdicts after this moment may lean on it: those within the counting window, and all up to the
 * next failure, for which it may be the break before.
 */
function markFollowersStale(work: StreamWork, endedAt: number): void {
  let nextFailure = Infinity;
  for (const event of work.events) {
    if (event.endedAt > endedAt && event.endedAt < nextFailure && isFailure(event)) {
      nextFailure = event.endedAt;
    }
  }
  const until = Math.max(nextFailure, endedAt + STREAM_WINDOW_MS);
  for (const event of work.events) {
    event.stale ||= event.endedAt > endedAt && event.endedAt <= until;
  }
}

/** The push that an end belongs to, when it really started and we know since when. */
function pushOf(end: ArrivedEnd): Push | null {
  if (end.startedAt === null || end.durationMs === 0 || end.startedAt >= end.endedAt) {
    return null;
  }
  const { account, domain, app, stream, startedAt, endedAt, sequence } = end;
  return { account, domain, app, stream, startedAt, endedAt, sequence };
}

/**
 * Puts a push among the known ones. A push is known by its sequence or by its start; of several
 * starts of one sequence (a begin tells whole seconds, an end milliseconds) the first counts, so
 * that the order of arrival does not.
 */
function takePush(work: StreamWork, push: Push): Push {
  const known =
    work.pushes.find((other) => push.sequence !== null && other.sequence === push.sequence) ??
    work.pushes.find(
      (other) =>
        other.startedAt === push.startedAt &&
        (push.sequence === null || other.sequence === null || other.sequence === push.sequence),
    );
  if (!known) {
    work.pushes.push(push);
    return push;
  }
  known.startedAt = Math.min(known.startedAt, push.startedAt);
  known.endedAt =
    push.sequence === null ? (known.endedAt ?? push.endedAt) : (push.endedAt ?? known.endedAt);
  known.sequence ??= push.sequence;
  if (push.txTime != null) {
    known.txTime = Math.max(push.txTime, known.txTime ?? push.txTime);
  }
  return known;
}

/** Between streams whatever else waits gets its turn: callbacks above all. */
async function judgeAll(
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
    events.map(({ account, domain, app, stream, endedAt, clientIp, node }) => ({
      account,
      domain,
      app,
      stream,
      before: endedAt,
      clientIp,
      node,
      streamWindowMs: STREAM_WINDOW_MS,
      wideWindowMs: WIDE_WINDOW_MS,
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

/** Normal ends do not count as breaks. An event not judged yet is taken by its reason alone. */
function isFailure(work: Work): boolean {
  return (work.record?.event.outcome ?? outcomeOf(reasonOf(work))) !== 'ended';
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
): Surroundings {
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
