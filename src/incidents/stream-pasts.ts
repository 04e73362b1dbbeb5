import { type BreakRecord, type StreamKey, streamText } from '../model/break.ts';
import type { Chain } from '../model/incident.ts';
import { type AccountWalk, placeAfter } from './walk-accounts.ts';
import { SAME_START_MS, type StreamPast } from './walk-stream.ts';

/** The last place of at most this many streams without a break in memory is kept. */
const MAX_PASTS = 50_000;
/** Of each of them at most this many places are kept. */
const MAX_PLACES = 6;

/** What remains of streams whose older breaks were dropped, by stream's full key. */
export type StreamPasts = Map<string, StreamPast>;

const EMPTY_PAST: Omit<StreamPast, 'stream'> = {
  at: Number.NEGATIVE_INFINITY,
  spans: [],
  places: [],
  lastBreakAt: Number.NEGATIVE_INFINITY,
  lastRefusalAt: Number.NEGATIVE_INFINITY,
  lastDownAt: Number.NEGATIVE_INFINITY,
};

/**
 * Finds for each stream the moment before which its breaks are dropped, epoch ms UTC.
 *
 * @param chains - all outages, each with its stream's full key
 * @param over - those that are no longer needed
 * @param until - the moment of streams that have no outage
 */
export function boundariesOf(
  chains: AccountWalk['chains'],
  over: readonly Chain[],
  until: number,
): (stream: string) => number {
  const gone = new Set(over);
  const ends = new Map<string, number>();
  const starts = new Map<string, number>();
  for (const [stream, chain] of chains) {
    if (gone.has(chain)) {
      const last = Math.max(chain.endedAt as number, chain.breaks.at(-1)?.event.endedAt ?? 0);
      ends.set(stream, Math.max(ends.get(stream) ?? 0, last + 1));
    } else {
      starts.set(stream, Math.min(starts.get(stream) ?? chain.startedAt, chain.startedAt));
    }
  }
  return (stream) =>
    Math.min(Math.max(until, ends.get(stream) ?? until), starts.get(stream) ?? Infinity);
}

/**
 * Adds breaks that are dropped to what remains of their streams.
 *
 * @param dropped - oldest first
 * @param over - outages that are no longer needed
 * @param boundaryOf - the moment before which the breaks of a stream are dropped
 * @returns a new map; the stream that changed last comes last
 */
export function pastsAfter(
  pasts: ReadonlyMap<string, StreamPast>,
  { dropped, over }: { dropped: readonly BreakRecord[]; over: readonly Chain[] },
  boundaryOf: (stream: string) => number,
  { ofStream }: Pick<AccountWalk, 'ofStream'>,
): StreamPasts {
  const all = new Map(pasts);
  /** Starts that only dropped breaks tell, by stream. */
  const told = new Map<string, number[]>();
  const changed = new Set<string>();
  const pastOf = (stream: string, key: StreamKey): StreamPast => {
    const known = all.get(stream);
    if (known && changed.has(stream)) {
      return known;
    }
    const at = Math.max(boundaryOf(stream), known?.at ?? 0);
    const past = { ...(known ?? { ...EMPTY_PAST, stream: key }), at };
    all.delete(stream);
    all.set(stream, past);
    changed.add(stream);
    return past;
  };
  for (const { event, verdict } of dropped) {
    const { account, domain, app, stream } = event;
    const key = streamText(event);
    const past = pastOf(key, { account, domain, app, stream });
    if (event.recoveredAt !== null) {
      told.set(key, [...(told.get(key) ?? []), event.recoveredAt]);
    }
    const places = placeAfter(past.places.at(-1), event);
    past.places =
      places.length === 0 ? past.places : [...past.places, ...places].slice(-MAX_PLACES);
    past.lastBreakAt = Math.max(past.lastBreakAt, event.endedAt);
    if (verdict.outcome === 'refused') {
      past.lastRefusalAt = Math.max(past.lastRefusalAt, event.endedAt);
    }
  }
  for (const chain of over) {
    const past = all.get(streamText(chain));
    if (past) {
      past.lastDownAt = Math.max(past.lastDownAt, chain.endedAt ?? past.lastDownAt);
    }
  }
  for (const [stream, spans] of ofStream) {
    const known = all.get(stream);
    if (known) {
      const past = pastOf(stream, known.stream);
      const before = (pasts.get(stream)?.spans ?? []).map(({ start }) => start);
      const starts = [...before, ...(told.get(stream) ?? [])];
      const isTold = (start: number) =>
        starts.some((one) => Math.abs(start - one) <= SAME_START_MS);
      past.spans = spans
        .filter(({ end }) => end === null || end >= past.at)
        .filter(({ start }) => start < past.at || isTold(start))
        .map((span) => ({ ...span, end: span.reportedEnd }));
    }
  }
  return all;
}

/** Forgets the streams that changed longest ago and have no live push, when there are too many. */
export function limitPasts(pasts: StreamPasts): void {
  for (const [stream, { spans }] of pasts) {
    if (pasts.size <= MAX_PASTS) {
      break;
    }
    if (spans.length === 0) {
      pasts.delete(stream);
    }
  }
}

/** Keeps only the places that breaks told before a moment. @param from - epoch ms UTC */
export function placesBefore(pasts: ReadonlyMap<string, StreamPast>, from: number): StreamPasts {
  const places = [...pasts].map(([key, { stream, places: told }]): [string, StreamPast] => [
    key,
    { ...EMPTY_PAST, stream, places: told.filter(({ at }) => at < from) },
  ]);
  return new Map(places.filter(([, past]) => past.places.length > 0));
}

/** Forgets one stream. */
export function without(pasts: ReadonlyMap<string, StreamPast>, stream: string): StreamPasts {
  return new Map([...pasts].filter(([key]) => key !== stream));
}
