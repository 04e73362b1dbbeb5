import { type Arrival, type ArrivedEnd, readArrival } from '../../css/read-arrival.ts';
import type { StreamKey } from '../../model/break-event.ts';
import type { StoredJournalEntry } from '../../model/journal-entry.ts';
import type { Push } from '../../model/push.ts';
import type { DerivedBatch, DerivingStore } from '../../store/store.ts';
import { RECOVERY_WINDOW_MS } from './compute-recovery.ts';
import type { DeriveContext } from './derive-context.ts';
import { diagnosePending } from './diagnose-pending.ts';
import { type PendingStream, pendingStreamOf } from './pending-events.ts';
import { takeEnds } from './take-ends.ts';

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
  const pendingEvents = await loadStreams(
    arrivals.map(({ arrival }) => arrival),
    context.store,
  );
  const touchedPushes = new Set<Push>();
  for (const { arrival, seq } of arrivals) {
    if (arrival.kind === 'other') {
      continue;
    }
    const key = arrival.kind === 'end' ? arrival.event : arrival.push;
    const work = pendingEvents.get(streamId(key)) as PendingStream;
    if (arrival.kind === 'end') {
      work.arrived.push({ ...arrival.event, seq });
    }
    const push = arrival.kind === 'end' ? pushOf(arrival.event) : arrival.push;
    if (push) {
      touchedPushes.add(takePush(work, push));
    }
  }
  await Promise.all([...pendingEvents.values()].map((work) => takeEnds(work, context.store)));
  const breaks = await diagnosePending(pendingEvents, context);
  return {
    breaks,
    removed: [...pendingEvents.values()].flatMap(({ removed }) =>
      removed.map(({ event }) => event.id),
    ),
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
  const pendingEvents = new Map<string, PendingStream>();
  await Promise.all(
    [...spans].map(async ([id, { key, from, to }]) => {
      const [records, pushes] = await Promise.all([
        store.breaksOfStream(key, { from, to }),
        store.pushesOfStream(key, { from, to: to + RECOVERY_WINDOW_MS }),
      ]);
      pendingEvents.set(id, {
        key,
        pushes,
        events: records.map(pendingStreamOf),
        arrived: [],
        removed: [],
      });
    }),
  );
  return pendingEvents;
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
function takePush(work: PendingStream, push: Push): Push {
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
