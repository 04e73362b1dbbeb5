import { type ArrivedEnd, readArrival } from '../../css/read-arrival.ts';
import { type SourceKey, type StoredJournalEntry, streamText } from '../../model/break.ts';
import { FACT_CATALOGUE } from '../../model/fact-catalogue.ts';
import type { Facts, FactValue } from '../../model/facts.ts';
import type { Push } from '../../model/push.ts';
import type { ThreadStore } from '../../store/store.ts';
import type { PushReport } from './live-streams.ts';
import {
  lastFollower,
  loadStream,
  type PendingEvent,
  type PendingStream,
  type StreamArrivals,
} from './load-stream.ts';
import {
  mergeDerived,
  mergeObservations,
  type Observation,
  observationKey,
} from './matching/merge-observations.ts';
import { rematch } from './matching/rematch.ts';

const OF_SAMPLES = new Set(
  FACT_CATALOGUE.filter(({ source }) => source === 'samples').map(({ name }) => name),
);

/** What was read from CSS about the push; no message of it arrives again. */
function sampleFacts(facts: Facts): Record<string, FactValue> {
  return Object.fromEntries(Object.entries(facts).filter(([name]) => OF_SAMPLES.has(name)));
}

/**
 * Marks the verdicts that may depend on an event at this time: those within the counting window,
 * and all up to the next failure, whose previous break it may be.
 *
 * @param endedAt - epoch ms UTC
 */
export function markFollowersStale(stream: PendingStream, endedAt: number): void {
  const until = lastFollower(stream.events, endedAt);
  for (const event of stream.events) {
    event.stale ||= event.endedAt > endedAt && event.endedAt <= until;
  }
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
 */
function completeBySequence(stream: PendingStream): void {
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
      stream.changed.add(push);
      stream.until = Math.max(stream.until, endedAt);
    }
  }
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
  const arrivals = arrivalsOf(entries);
  const streams = new Map(
    await Promise.all(
      [...arrivals].map(
        async ([id, of]): Promise<[string, PendingStream]> => [id, await loadStream(of, store)],
      ),
    ),
  );
  await Promise.all([...streams.values()].map((stream) => mergeArrivedEnds(stream, store)));
  for (const stream of streams.values()) {
    completeBySequence(stream);
  }
  const loaded = [...streams.values()];
  return {
    streams,
    pushes: loaded.flatMap(({ changed }) => [...changed]),
    reports: loaded.flatMap(({ reports }) => reports),
  };
}

/** What journal entries report, by stream. */
function arrivalsOf(entries: readonly StoredJournalEntry[]): Map<string, StreamArrivals> {
  const arrivals = new Map<string, StreamArrivals>();
  for (const entry of entries) {
    const arrival = readArrival(entry);
    if (arrival.kind === 'other') {
      continue;
    }
    const { account, domain, app, stream } = arrival.kind === 'end' ? arrival.event : arrival.push;
    const key = { account, domain, app, stream };
    const id = streamText(key);
    const ofStream = arrivals.get(id) ?? { key, ends: [], pushes: [] };
    arrivals.set(id, ofStream);
    if (arrival.kind === 'end') {
      ofStream.ends.push({ ...arrival.event, seq: entry.seq });
      const { node } = arrival.event;
      ofStream.pushes.push(...pushOf(arrival.event).map((push) => ({ push, node, isEnd: true })));
    } else {
      ofStream.pushes.push({ push: arrival.push, node: arrival.node, isEnd: false });
    }
  }
  return arrivals;
}

/** The push that ended; none when it never started or its start is unknown. */
function pushOf(end: ArrivedEnd): Push[] {
  if (end.startedAt === null || end.durationMs === 0 || end.startedAt >= end.endedAt) {
    return [];
  }
  const { account, domain, app, stream, startedAt, endedAt, sequence } = end;
  return [{ account, domain, app, stream, startedAt, endedAt, sequence }];
}
