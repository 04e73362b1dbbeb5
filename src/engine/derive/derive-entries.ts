import { type Arrival, type ArrivedEnd, readArrival } from '../../css/read-arrival.ts';
import type { StreamKey } from '../../model/break-event.ts';
import type { StoredJournalEntry } from '../../model/journal-entry.ts';
import type { Push } from '../../model/push.ts';
import type { DerivedBatch, ThreadStore } from '../../store/store.ts';
import { RECOVERY_WINDOW_MS } from './compute-recovery.ts';
import { type DeriveContext, diagnosePending } from './diagnose-pending.ts';
import { mergeArrivedEnds, type PendingStream, pendingEventOf } from './pending-stream.ts';

/**
 * Derives breaks, pushes and verdicts from journal entries. For each stream it reads the stored
 * events around the new ones once, works in memory, and returns one batch that must be written in
 * one transaction. Reports of the same break become one event, in whatever order they arrive. An
 * event that is late, merged or removed makes later verdicts of its stream stale; those are computed
 * again.
 *
 * @param entries - in order of seq, following the store's cursor without a gap
 * @throws `STORE_FAILED`
 */
export async function deriveEntries(
  entries: readonly StoredJournalEntry[],
  context: DeriveContext,
): Promise<DerivedBatch> {
  const arrivals = entries.map((entry) => ({ arrival: readArrival(entry), seq: entry.seq }));
  const streams = await loadStreams(
    arrivals.map(({ arrival }) => arrival),
    context.store,
  );
  const touchedPushes = new Set<Push>();
  for (const { arrival, seq } of arrivals) {
    if (arrival.kind === 'other') {
      continue;
    }
    const key = arrival.kind === 'end' ? arrival.event : arrival.push;
    const stream = streams.get(streamId(key)) as PendingStream;
    if (arrival.kind === 'end') {
      stream.arrived.push({ ...arrival.event, seq });
    }
    const push = arrival.kind === 'end' ? pushOf(arrival.event) : arrival.push;
    if (push) {
      touchedPushes.add(mergePush(stream, push));
    }
  }
  await Promise.all([...streams.values()].map((stream) => mergeArrivedEnds(stream, context.store)));
  const breaks = await diagnosePending(streams, context);
  return {
    breaks,
    removed: [...streams.values()].flatMap(({ removed }) => removed.map(({ event }) => event.id)),
    pushes: [...touchedPushes],
    cursor: entries.at(-1)?.seq ?? (await context.store.cursor()),
  };
}

function streamId(key: StreamKey): string {
  return JSON.stringify([key.account, key.domain, key.app, key.stream]);
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
    const span = spans.get(streamId(key));
    if (span) {
      span.from = Math.min(span.from, from);
      span.to = Math.max(span.to, to);
    } else {
      spans.set(streamId(key), { key, from, to });
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
 * sequence has several starts (a begin callback reports whole seconds, an end milliseconds), the
 * earliest counts, so that the order of arrival does not matter.
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
  known.startedAt = Math.min(known.startedAt, push.startedAt);
  known.endedAt =
    push.sequence === null ? (known.endedAt ?? push.endedAt) : (push.endedAt ?? known.endedAt);
  known.sequence ??= push.sequence;
  if (push.txTime != null) {
    known.txTime = Math.max(push.txTime, known.txTime ?? push.txTime);
  }
  return known;
}
