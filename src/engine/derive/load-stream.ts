import type { BreakRecord, StreamKey } from '../../model/break.ts';
import { FACT_CATALOGUE, STREAM_WINDOW_MS } from '../../model/fact-catalogue.ts';
import type { Facts, FactValue } from '../../model/facts.ts';
import type { Push } from '../../model/push.ts';
import type { Source } from '../../model/vocabulary.ts';
import { outcomeOf } from '../../reasons/outcome-of.ts';
import type { StreamEnd, ThreadStore, TimeRange } from '../../store/store.ts';
import { RECOVERY_WINDOW_MS } from './compute-recovery.ts';
import { type MergedEvent, type Observation, reasonOf } from './matching/merge-observations.ts';
import { CLOCK_TOLERANCE_MS } from './matching/pairing.ts';
import { REMATCH_WINDOW_MS } from './matching/rematch.ts';
import { type ArrivedPush, type MergedPushes, mergePushes } from './merge-pushes.ts';

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
  pushes: ArrivedPush[];
}

/** What came before the breaks of a {@link PendingStream}. The store is asked once, and only when it matters. */
export interface StreamPast {
  /** Everything since then was read, epoch ms UTC. */
  before: number;
  /** The ends within the window in which breaks of a stream are counted, oldest first. */
  ends: () => Promise<readonly StreamEnd[]>;
  lastFailure: () => Promise<BreakRecord | null>;
}

/** One stream around the observations that arrived, and how the batch changes it. */
export interface PendingStream extends MergedPushes {
  key: StreamKey;
  /** All events that the batch may change, and later ones. */
  events: PendingEvent[];
  /** Ends that arrived in this batch. */
  arrived: Observation[];
  /** Nothing that the batch brings or changes is later, epoch ms UTC. */
  until: number;
  /** Records of events that no longer exist. */
  removed: BreakRecord[];
  past: StreamPast;
  /** Adds later events that were not read, as far as an event at this time may change their verdicts. */
  readFollowers: (endedAt: number) => Promise<void>;
}

/** A stream with at most this many breaks around the new ones is read whole, in one step. */
const MAX_WHOLE = 16;
/** Starts of pushes further apart than this, ms, are those of different pushes, by whatever clock. */
const DISTINCT_MS = 4 * CLOCK_TOLERANCE_MS;
/** How many pushes before a new one are read to find two distinct ones. */
const PUSHES_TO_SEARCH = 8;
/** At most this many of the pushes that began before those around the new messages are read. */
const MAX_EARLIER_PUSHES = 5_000;

const NO_PAST: StreamPast = {
  before: Number.NEGATIVE_INFINITY,
  ends: async () => [],
  lastFailure: async () => null,
};

/**
 * Reads the events and pushes of a stream that what arrived may change or depends on, and merges the
 * pushes that arrived into them. A stream that breaks again and again has thousands of breaks a day, so
 * only those are read that can matter.
 *
 * @throws `STORE_FAILED`
 */
export async function loadStream(
  { key, ends, pushes }: StreamArrivals,
  store: ThreadStore,
): Promise<PendingStream> {
  const moments = [
    ...ends.map(({ endedAt }) => endedAt),
    ...pushes.map(({ push }) => push.startedAt),
  ];
  const first = Math.min(...moments);
  const until = Math.max(...moments) + CLOCK_TOLERANCE_MS;
  const range = { from: first - RECOVERY_WINDOW_MS, to: until + RECOVERY_WINDOW_MS + 1 };
  const whole = await store.fewBreaksOfStream(key, range, MAX_WHOLE);
  const isBusy = whole === null;
  const pushesFrom = (isBusy ? first : range.from) - CLOCK_TOLERANCE_MS;
  const sequences = [...ends, ...pushes.map(({ push }) => push)].flatMap(
    ({ sequence }) => sequence ?? [],
  );
  const stream: PendingStream = {
    key,
    events: [],
    pushes: await store.pushesOfStream(
      key,
      { from: pushesFrom, to: range.to + RECOVERY_WINDOW_MS },
      { sequences },
    ),
    changed: new Set(),
    reports: [],
    arrived: ends,
    until,
    removed: [],
    past: NO_PAST,
    readFollowers: async () => undefined,
  };
  const loaded = new Set(stream.pushes.map(({ startedAt }) => startedAt));
  const earliestStart = mergePushes(stream, pushes);
  let eventsFrom = range.from;
  let records = whole ?? [];
  if (isBusy) {
    const firstChanged = Math.min(
      await firstToMatch(key, ends, store),
      await firstToRecover(key, earliestStart, store),
      firstBeside(stream),
    );
    eventsFrom = Math.max(range.from, firstChanged);
    const eventsTo =
      sequences.length > 0 ? range.to : await endOfFollowers(stream, range.to, store);
    records = await store.breaksOfStream(key, { from: eventsFrom, to: eventsTo });
    stream.past = pastOf(key, eventsFrom, store);
    let rest: TimeRange | null = { from: eventsTo, to: range.to };
    stream.readFollowers = async (endedAt) => {
      if (rest && lastFollower(stream.events, endedAt) >= rest.from) {
        const later = await store.breaksOfStream(key, rest);
        rest = null;
        stream.events.push(...later.map(pendingEventOf));
      }
    };
  }
  stream.events = records.map(pendingEventOf);
  const earlier = await pushesBefore(pushesFrom, eventsFrom, stream, store);
  stream.pushes.unshift(...earlier.filter(({ startedAt }) => !loaded.has(startedAt)));
  return stream;
}

/**
 * Reads the pushes that began before those that were loaded, and since the first event or its push: each may
 * have been live when an event ended.
 */
async function pushesBefore(
  to: number,
  eventsFrom: number,
  { key, events }: PendingStream,
  store: ThreadStore,
): Promise<Push[]> {
  const firstStart = events.reduce(
    (least, { startedAt }) => Math.min(least, startedAt ?? Infinity),
    eventsFrom,
  );
  const from = firstStart - CLOCK_TOLERANCE_MS;
  return from < to ? store.pushesOfStream(key, { from, to }, { last: MAX_EARLIER_PUSHES }) : [];
}

/**
 * Finds how far events must be read that are later than all that the batch brings. What arrived has no sequence,
 * so it changes them only as their previous break, or as a push that was live with theirs.
 *
 * @returns a time before which they ended, epoch ms UTC
 */
async function endOfFollowers(
  { key, arrived, until }: PendingStream,
  to: number,
  store: ThreadStore,
): Promise<number> {
  const lastEnd = Math.max(...arrived.map(({ endedAt }) => endedAt));
  const changed = Math.max(until, lastEnd + REMATCH_WINDOW_MS);
  const ends = await store.endsOfStream(key, { from: changed + 1, to });
  const nextFailure = ends.find(({ failed }) => failed)?.endedAt ?? to;
  const withPush = ends.findLast(({ startedAt }) => startedAt !== null && startedAt <= changed);
  return Math.min(
    to,
    1 + Math.max(changed + STREAM_WINDOW_MS, nextFailure, withPush?.endedAt ?? changed),
  );
}

/**
 * The time up to which verdicts may depend on an event: all within the counting window, and up to the next
 * failure, whose previous break it may be; infinite when that is not known.
 *
 * @param endedAt - epoch ms UTC
 */
export function lastFollower(events: readonly PendingEvent[], endedAt: number): number {
  let nextFailure = Infinity;
  for (const event of events) {
    if (event.endedAt > endedAt && event.endedAt < nextFailure && isFailure(event)) {
      nextFailure = event.endedAt;
    }
  }
  return Math.max(nextFailure, endedAt + STREAM_WINDOW_MS);
}

/** Normal ends are not failures. An event without a verdict counts by its reason alone. */
export function isFailure(event: PendingEvent): boolean {
  return (event.record?.event.outcome ?? outcomeOf(reasonOf(event))) !== 'ended';
}

/** @returns the end of the first event that a push whose end arrived may have outlived, epoch ms UTC */
function firstBeside({ pushes, changed, arrived }: PendingStream): number {
  const ended = new Set(arrived.map(({ sequence }) => sequence));
  // An end without a duration finds its push by the sequence, later.
  const outlived = pushes.filter(
    (push) =>
      (changed.has(push) && push.endedAt !== null) ||
      (push.sequence !== null && ended.has(push.sequence)),
  );
  return Math.min(...outlived.map(({ startedAt }) => startedAt)) - CLOCK_TOLERANCE_MS;
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
    { last: PUSHES_TO_SEARCH },
  );
  // One of two earlier pushes may be the break's own, and the other one is then its recovery.
  const last = earlier.at(-1)?.startedAt ?? -Infinity;
  const before = earlier.findLast(({ startedAt }) => startedAt < last - DISTINCT_MS);
  return before === undefined ? from : before.startedAt - DISTINCT_MS;
}

function pastOf(key: StreamKey, before: number, store: ThreadStore): StreamPast {
  let ends: Promise<readonly StreamEnd[]> | undefined;
  let lastFailure: Promise<BreakRecord | null> | undefined;
  return {
    before,
    ends: () => (ends ??= store.endsOfStream(key, { from: before - STREAM_WINDOW_MS, to: before })),
    lastFailure: () =>
      (lastFailure ??= store
        .breaksOfStream(
          key,
          { from: before - RECOVERY_WINDOW_MS, to: before },
          { lastFailure: true },
        )
        .then(([record = null]) => record)),
  };
}

/**
 * The recovery of an event that began and ended after all that the batch changes; undefined when it must be
 * computed. A later event may depend on pushes that were not read.
 */
export function settledRecovery(event: PendingEvent, until: number): number | null | undefined {
  const { record, startedAt, endedAt, durationMs, sequence } = event;
  const isSame =
    record?.event.startedAt === startedAt &&
    record.event.endedAt === endedAt &&
    record.event.durationMs === durationMs &&
    record.event.sequence === sequence;
  return isSame && endedAt > until && (startedAt ?? endedAt) > until
    ? record.event.recoveredAt
    : undefined;
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
