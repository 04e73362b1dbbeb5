import type { BreakRecord, StreamKey } from '../../model/break.ts';
import { FACT_CATALOGUE, STREAM_WINDOW_MS } from '../../model/fact-catalogue.ts';
import type { Facts, FactValue } from '../../model/facts.ts';
import type { Push } from '../../model/push.ts';
import type { Source } from '../../model/vocabulary.ts';
import type { StreamEnd, ThreadStore, TimeRange } from '../../store/store.ts';
import { RECOVERY_WINDOW_MS } from './compute-recovery.ts';
import { isKnownPush, type PushReport } from './live-streams.ts';
import type { MergedEvent, Observation } from './matching/merge-observations.ts';
import { CLOCK_TOLERANCE_MS } from './matching/pairing.ts';
import { REMATCH_WINDOW_MS } from './matching/rematch.ts';
import { canonicalStart } from './start-of-push.ts';

/** An event of the batch that is being derived. */
export interface PendingEvent extends MergedEvent {
  /** As stored or as last derived; undefined for an event that is new in this batch. */
  record: BreakRecord | undefined;
  derived: Record<string, FactValue>;
  /** The verdict must be computed again. */
  stale: boolean;
}

/** What a batch brings about one stream, in the order of arrival. */
export interface StreamArrivals {
  key: StreamKey;
  ends: Observation[];
  /** Pushes that began, and those whose end arrived. */
  pushes: Omit<PushReport, 'wasKnown'>[];
}

/** What came before the breaks of a {@link PendingStream}. */
export interface StreamPast {
  /** The ends within the window in which breaks of a stream are counted, oldest first. */
  ends: readonly StreamEnd[];
  lastFailure: BreakRecord | null;
}

/** One stream around the observations that arrived, and how the batch changes it. */
export interface PendingStream {
  key: StreamKey;
  /** All events that the batch may change, and later ones. */
  events: PendingEvent[];
  /** All pushes that the recovery of these events depends on. */
  pushes: Push[];
  /** New and changed pushes. */
  changed: Set<Push>;
  reports: PushReport[];
  /** Ends that arrived in this batch. */
  arrived: Observation[];
  /** Records of events that no longer exist. */
  removed: BreakRecord[];
  /** Reads what came before. The store is asked once, and only when a verdict must be computed. */
  past: () => Promise<StreamPast>;
}

/** A stream with at most this many breaks around the new ones is read whole, in one step. */
const MAX_WHOLE = 16;
/** Starts of pushes further apart than this, ms, are those of different pushes, by whatever clock. */
const DISTINCT_MS = 4 * CLOCK_TOLERANCE_MS;
/** How many pushes before a new one are read to find two distinct ones. */
const EARLIER_PUSHES = 8;

const NO_PAST: StreamPast = { ends: [], lastFailure: null };

/**
 * Reads the events and pushes of a stream that what arrived may change or depends on, and merges the
 * pushes that arrived into them. A stream that breaks again and again has thousands of breaks a day, so
 * only those are read that can matter.
 *
 * @throws `STORE_FAILED`
 */
export async function loadStream(
  arrivals: StreamArrivals,
  store: ThreadStore,
): Promise<PendingStream> {
  const { key, ends, pushes } = arrivals;
  const moments = [
    ...ends.map(({ endedAt }) => endedAt),
    ...pushes.map(({ push }) => push.startedAt),
  ];
  const first = Math.min(...moments);
  const last = Math.max(...moments);
  const range = { from: first - RECOVERY_WINDOW_MS, to: last + RECOVERY_WINDOW_MS + 1 };
  const records = await store.breaksOfStream(key, range, { first: MAX_WHOLE + 1 });
  if (records.length > MAX_WHOLE) {
    return loadBusyStream(arrivals, { first, ...range }, store);
  }
  const stream: PendingStream = {
    key,
    events: records.map(pendingEventOf),
    pushes: await store.pushesOfStream(key, {
      from: range.from,
      to: range.to + RECOVERY_WINDOW_MS,
    }),
    changed: new Set(),
    reports: [],
    arrived: ends,
    removed: [],
    past: async () => NO_PAST,
  };
  mergePushes(stream, pushes);
  return stream;
}

/** @param range - the range that may matter, and the first moment of what arrived, epoch ms UTC */
async function loadBusyStream(
  { key, ends, pushes }: StreamArrivals,
  { first, from, to }: TimeRange & { first: number },
  store: ThreadStore,
): Promise<PendingStream> {
  const pushesFrom = first - CLOCK_TOLERANCE_MS;
  const sequences = [...ends, ...pushes.map(({ push }) => push)].flatMap(
    ({ sequence }) => sequence ?? [],
  );
  const known = await store.pushesOfStream(
    key,
    { from: pushesFrom, to: to + RECOVERY_WINDOW_MS },
    { sequences },
  );
  const stream: PendingStream = {
    key,
    events: [],
    pushes: known.filter(({ startedAt }) => startedAt >= from),
    changed: new Set(),
    reports: [],
    arrived: ends,
    removed: [],
    past: async () => NO_PAST,
  };
  const loadedStarts = new Set(stream.pushes.map(({ startedAt }) => startedAt));
  const earliestStart = mergePushes(stream, pushes);
  const eventsFrom = Math.max(
    from,
    Math.min(await firstToMatch(key, ends, store), await firstToRecover(key, earliestStart, store)),
  );
  const records = await store.breaksOfStream(key, { from: eventsFrom, to });
  stream.events = records.map(pendingEventOf);
  const earlier = await store.pushesOfStream(key, {
    from: Math.min(eventsFrom - CLOCK_TOLERANCE_MS, pushesFrom),
    to: pushesFrom,
  });
  stream.pushes.unshift(...earlier.filter(({ startedAt }) => !loadedStarts.has(startedAt)));
  let past: Promise<StreamPast> | undefined;
  stream.past = () => (past ??= readPast(key, eventsFrom, store));
  return stream;
}

/** @returns the end of the first event that the ends may be matched with, or of the first of them */
async function firstToMatch(
  key: StreamKey,
  ends: readonly Observation[],
  store: ThreadStore,
): Promise<number> {
  if (ends.length === 0) {
    return Infinity;
  }
  const first = Math.min(...ends.map(({ endedAt }) => endedAt));
  const last = Math.max(...ends.map(({ endedAt }) => endedAt));
  const range = { from: first - REMATCH_WINDOW_MS, to: last + REMATCH_WINDOW_MS + 1 };
  const [source, ...others] = new Set(ends.map(({ sourceKey }) => sourceKey.source));
  // Two reports of one source are never one break.
  const isOfOneSource =
    others.length === 0 && !(await store.hasOtherSource(key, range, source as Source));
  return isOfOneSource ? first : range.from;
}

/**
 * @param start - the first start of a push that is new or was changed, epoch ms UTC; infinite for none
 * @returns the end of the first break that may have recovered by it
 */
async function firstToRecover(key: StreamKey, start: number, store: ThreadStore): Promise<number> {
  if (start === Infinity) {
    return Infinity;
  }
  const from = start - RECOVERY_WINDOW_MS;
  const earlier = await store.pushesOfStream(
    key,
    { from, to: start - DISTINCT_MS },
    { last: EARLIER_PUSHES },
  );
  // One of two earlier pushes may be the break's own, and the other one is then its recovery.
  const last = earlier.at(-1)?.startedAt ?? -Infinity;
  const before = earlier.findLast(({ startedAt }) => startedAt < last - DISTINCT_MS);
  return before === undefined ? from : before.startedAt - DISTINCT_MS;
}

async function readPast(key: StreamKey, until: number, store: ThreadStore): Promise<StreamPast> {
  const [ends, [lastFailure = null]] = await Promise.all([
    store.endsOfStream(key, { from: until - STREAM_WINDOW_MS, to: until }),
    store.breaksOfStream(
      key,
      { from: until - RECOVERY_WINDOW_MS, to: until },
      { lastFailure: true },
    ),
  ]);
  return { ends, lastFailure };
}

/** Facts that come from the message itself or its push rather than from other breaks; a merge keeps them. */
const CARRIED_FACTS = new Set(
  FACT_CATALOGUE.filter(
    ({ source, name }) => source === 'pushUrl' || source === 'samples' || name === 'mainlandChina',
  ).map(({ name }) => name),
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

/** Turns a stored record into an event of the batch. */
function pendingEventOf(record: BreakRecord): PendingEvent {
  const { outcome: _outcome, recoveredAt: _recoveredAt, facts, ...event } = record.event;
  return { ...event, record, derived: carriedFacts(facts), stale: false };
}

/**
 * Merges pushes into those of a stream, and notes which are new or changed.
 *
 * @returns the first start of a push that is new, or whose start or sequence changed, epoch ms UTC; infinite
 * for none
 */
function mergePushes(stream: PendingStream, pushes: StreamArrivals['pushes']): number {
  let earliest = Infinity;
  for (const { push, node, isEnd } of pushes) {
    const known = findPush(stream, push);
    const wasKnown = isKnownPush(stream.pushes, push);
    stream.reports.push({ push: known ?? push, node, isEnd, wasKnown });
    if (!known) {
      stream.pushes.push(push);
      stream.changed.add(push);
      earliest = Math.min(earliest, push.startedAt);
      continue;
    }
    const before = { ...known };
    mergePush(known, push);
    stream.changed.add(known);
    // An end that came before its begin finds its start by the sequence.
    if (known.startedAt !== before.startedAt || known.sequence !== before.sequence) {
      earliest = Math.min(earliest, before.startedAt, known.startedAt);
      mergeSameStart(stream, known);
    }
  }
  return earliest;
}

/** A push is identified by its sequence or by its start. */
function findPush({ pushes }: PendingStream, push: Push): Push | undefined {
  return (
    pushes.find((other) => push.sequence !== null && other.sequence === push.sequence) ??
    pushes.find(
      (other) =>
        other.startedAt === push.startedAt &&
        (push.sequence === null || other.sequence === null || other.sequence === push.sequence),
    )
  );
}

/** The API may have reported the push that now has the same start. */
function mergeSameStart({ pushes, changed }: PendingStream, push: Push): void {
  const index = pushes.findIndex(
    (other) =>
      other !== push &&
      other.startedAt === push.startedAt &&
      (other.sequence === null || push.sequence === null),
  );
  const [same] = index < 0 ? [] : pushes.splice(index, 1);
  if (same) {
    mergePush(push, same);
    changed.delete(same);
  }
}

/**
 * Merges a push into a known one. Where one sequence has several starts, the one that {@link canonicalStart}
 * names counts, so that the order of arrival does not matter.
 */
function mergePush(known: Push, push: Push): void {
  known.startedAt = canonicalStart(known.startedAt, push.startedAt);
  known.endedAt =
    push.sequence === null ? (known.endedAt ?? push.endedAt) : (push.endedAt ?? known.endedAt);
  known.sequence ??= push.sequence;
  if (push.txTime != null) {
    known.txTime = Math.max(push.txTime, known.txTime ?? push.txTime);
  }
}
