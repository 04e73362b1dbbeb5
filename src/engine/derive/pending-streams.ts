import { type Arrival, type ArrivedEnd, readArrival } from '../../css/read-arrival.ts';
import {
  type BreakRecord,
  type SourceKey,
  type StoredJournalEntry,
  type StreamKey,
  streamText,
} from '../../model/break.ts';
import { FACT_CATALOGUE, STREAM_WINDOW_MS } from '../../model/fact-catalogue.ts';
import type { Facts, FactValue } from '../../model/facts.ts';
import type { Push } from '../../model/push.ts';
import { outcomeOf } from '../../reasons/outcome-of.ts';
import type { ThreadStore } from '../../store/store.ts';
import { RECOVERY_WINDOW_MS } from './compute-recovery.ts';
import { isKnownPush, type PushReport } from './live-streams.ts';
import {
  type MergedEvent,
  mergeDerived,
  mergeObservations,
  type Observation,
  observationKey,
  reasonOf,
} from './matching/merge-observations.ts';
import { rematch } from './matching/rematch.ts';
import { canonicalStart } from './start-of-push.ts';

/** An event of the batch that is being derived. */
export interface PendingEvent extends MergedEvent {
  /** As stored or as last derived; undefined for an event that is new in this batch. */
  record: BreakRecord | undefined;
  derived: Record<string, FactValue>;
  /** The verdict must be computed again. */
  stale: boolean;
}

/** One stream around the observations that arrived, and how the batch changes it. */
export interface PendingStream {
  key: StreamKey;
  events: PendingEvent[];
  pushes: Push[];
  /** Ends that arrived in this batch. */
  arrived: Observation[];
  /** Records of events that no longer exist. */
  removed: BreakRecord[];
}

/** Facts that come from the message itself or its push rather than from other breaks; a merge keeps them. */
const CARRIED_FACTS = new Set(
  FACT_CATALOGUE.filter(
    ({ source, name }) => source === 'pushUrl' || source === 'samples' || name === 'mainlandChina',
  ).map(({ name }) => name),
);

const OF_SAMPLES = new Set(
  FACT_CATALOGUE.filter(({ source }) => source === 'samples').map(({ name }) => name),
);

function carriedFacts(facts: Facts): Record<string, FactValue> {
  const carried: Record<string, FactValue> = {};
  for (const name in facts) {
    if (CARRIED_FACTS.has(name)) {
      carried[name] = facts[name] as FactValue;
    }
  }
  return carried;
}

/** What was read from CSS about the push; no message of it arrives again. */
function sampleFacts(facts: Facts): Record<string, FactValue> {
  return Object.fromEntries(Object.entries(facts).filter(([name]) => OF_SAMPLES.has(name)));
}

/** Turns a stored record into an event of the batch. */
function pendingEventOf(record: BreakRecord): PendingEvent {
  const { outcome: _outcome, recoveredAt: _recoveredAt, facts, ...event } = record.event;
  return { ...event, record, derived: carriedFacts(facts), stale: false };
}

/**
 * Marks the verdicts that may depend on an event at this time: those within the counting window,
 * and all up to the next failure, whose previous break it may be.
 *
 * @param endedAt - epoch ms UTC
 */
export function markFollowersStale(stream: PendingStream, endedAt: number): void {
  let nextFailure = Infinity;
  for (const event of stream.events) {
    if (event.endedAt > endedAt && event.endedAt < nextFailure && isFailure(event)) {
      nextFailure = event.endedAt;
    }
  }
  const until = Math.max(nextFailure, endedAt + STREAM_WINDOW_MS);
  for (const event of stream.events) {
    event.stale ||= event.endedAt > endedAt && event.endedAt <= until;
  }
}

/** Normal ends are not failures. An event without a verdict counts by its reason alone. */
export function isFailure(event: PendingEvent): boolean {
  return (event.record?.event.outcome ?? outcomeOf(reasonOf(event))) !== 'ended';
}

/** Matches the ends that arrived with the known events, and replaces the events that changed. */
async function mergeArrivedEnds(stream: PendingStream, store: ThreadStore): Promise<void> {
  const known = new Set(stream.events.flatMap((event) => event.sources.map(observationKey)));
  const fresh = stream.arrived.filter(({ sourceKey }) => !known.has(observationKey(sourceKey)));
  if (fresh.length === 0) {
    return;
  }
  const { dissolved, groups } = await rematch(stream.events, fresh, {
    ofSingle: observationOf,
    async read(keys) {
      const entries = await store.journalEntries(stream.key.account, keys);
      return entries.flatMap((entry) => {
        const arrival = readArrival(entry);
        return arrival.kind === 'end' ? [{ ...arrival.event, seq: entry.seq }] : [];
      });
    },
  });
  const before = new Map(dissolved.map((event) => [event.id, event]));
  stream.events = stream.events.filter((event) => !before.has(event.id));
  const moments = dissolved.map(({ endedAt }) => endedAt);
  for (const group of groups) {
    const merged = mergeObservations(group);
    const record = before.get(merged.id)?.record;
    before.delete(merged.id);
    const samples = record ? sampleFacts(record.event.facts) : {};
    stream.events.push({
      ...merged,
      record,
      derived: { ...samples, ...mergeDerived(group) },
      stale: true,
    });
    moments.push(merged.endedAt);
  }
  stream.removed.push(...[...before.values()].flatMap(({ record }) => record ?? []));
  for (const moment of moments) {
    markFollowersStale(stream, moment);
  }
}

/**
 * Completes events that report no duration: CSS gives the start and the end of a push the same sequence, so
 * the push that started tells when. An old callback has no push_duration.
 *
 * @returns pushes that are now known to have ended
 */
function completeBySequence(stream: PendingStream): Push[] {
  const ended: Push[] = [];
  for (const event of stream.events) {
    const { sequence, endedAt } = event;
    if (sequence === null || event.startedAt !== null) {
      continue;
    }
    const push = stream.pushes.find((one) => one.sequence === sequence && one.startedAt <= endedAt);
    if (!push) {
      continue;
    }
    event.startedAt = push.startedAt;
    event.durationMs ??= endedAt - push.startedAt;
    event.stale = true;
    if (push.endedAt === null) {
      push.endedAt = endedAt;
      ended.push(push);
    }
  }
  return ended;
}

/** Turns an event of one source back into that source's observation. */
function observationOf(event: PendingEvent): Observation {
  const { id: _id, reason: _reason, sources, record: _record, stale: _stale, ...rest } = event;
  return { ...rest, sourceKey: sources[0] as SourceKey, setId: null, seq: undefined };
}

/** The streams that journal entries are about, and the pushes that they change. */
export interface LoadedStreams {
  /** By stream, with the stored events and pushes around the new ones. */
  streams: Map<string, PendingStream>;
  /** New and changed pushes. */
  pushes: Push[];
  /** What arrived about pushes, in order. */
  reports: PushReport[];
}

/**
 * Reads journal entries and what is stored around them, and merges the reports of one break into one
 * event, in whatever order they arrive.
 *
 * @throws `STORE_FAILED`
 */
export async function mergeEntries(
  entries: readonly StoredJournalEntry[],
  store: ThreadStore,
): Promise<LoadedStreams> {
  const arrivals = entries.map((entry) => ({ arrival: readArrival(entry), seq: entry.seq }));
  const streams = await loadStreams(
    arrivals.map(({ arrival }) => arrival),
    store,
  );
  const pushes = new Set<Push>();
  const reports: PushReport[] = [];
  for (const { arrival, seq } of arrivals) {
    if (arrival.kind === 'other') {
      continue;
    }
    const key = arrival.kind === 'end' ? arrival.event : arrival.push;
    const stream = streams.get(streamText(key)) as PendingStream;
    if (arrival.kind === 'end') {
      stream.arrived.push({ ...arrival.event, seq });
    }
    const push = arrival.kind === 'end' ? pushOf(arrival.event) : arrival.push;
    if (push) {
      const wasKnown = isKnownPush(stream.pushes, push);
      const merged = mergePush(stream, push);
      pushes.add(merged);
      const isEnd = arrival.kind === 'end';
      const { node } = isEnd ? arrival.event : arrival;
      reports.push({ push: merged, node, isEnd, wasKnown });
    }
  }
  await Promise.all([...streams.values()].map((stream) => mergeArrivedEnds(stream, store)));
  for (const stream of streams.values()) {
    for (const push of completeBySequence(stream)) {
      pushes.add(push);
    }
  }
  return { streams, pushes: [...pushes], reports };
}

async function loadStreams(
  arrivals: readonly Arrival[],
  store: ThreadStore,
): Promise<Map<string, PendingStream>> {
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
    const span = spans.get(streamText(key));
    if (span) {
      span.from = Math.min(span.from, from);
      span.to = Math.max(span.to, to);
    } else {
      spans.set(streamText(key), { key, from, to });
    }
  }
  const streams = new Map<string, PendingStream>();
  await Promise.all(
    [...spans].map(async ([id, { key, from, to }]) => {
      const [records, pushes] = await Promise.all([
        store.breaksOfStream(key, { from, to }),
        store.pushesOfStream(key, { from, to: to + RECOVERY_WINDOW_MS }),
      ]);
      streams.set(id, {
        key,
        pushes,
        events: records.map(pendingEventOf),
        arrived: [],
        removed: [],
      });
    }),
  );
  return streams;
}

/** The push that ended; null when it never started or its start is unknown. */
function pushOf(end: ArrivedEnd): Push | null {
  if (end.startedAt === null || end.durationMs === 0 || end.startedAt >= end.endedAt) {
    return null;
  }
  const { account, domain, app, stream, startedAt, endedAt, sequence } = end;
  return { account, domain, app, stream, startedAt, endedAt, sequence };
}

/**
 * Merges a push into the known ones. A push is identified by its sequence or by its start. Where one
 * sequence has several starts, the one that {@link canonicalStart} names counts, so that the order of
 * arrival does not matter.
 */
function mergePush(stream: PendingStream, push: Push): Push {
  const known =
    stream.pushes.find((other) => push.sequence !== null && other.sequence === push.sequence) ??
    stream.pushes.find(
      (other) =>
        other.startedAt === push.startedAt &&
        (push.sequence === null || other.sequence === null || other.sequence === push.sequence),
    );
  if (!known) {
    stream.pushes.push(push);
    return push;
  }
  known.startedAt = canonicalStart(known.startedAt, push.startedAt);
  known.endedAt =
    push.sequence === null ? (known.endedAt ?? push.endedAt) : (push.endedAt ?? known.endedAt);
  known.sequence ??= push.sequence;
  if (push.txTime != null) {
    known.txTime = Math.max(push.txTime, known.txTime ?? push.txTime);
  }
  return known;
}
