import type { BreakEvent } from '../../model/break-event.ts';
import { PAIRING_WINDOW_MS } from './loop-parts.ts';
import {
  groupObservations,
  type Observation,
  type ObservationGroup,
  observationKey,
} from './merge-observations.ts';
import { APART_MS, CLOCK_TOLERANCE_MS, type Reach, splitByGap } from './pairing-terms.ts';

/** Events this far from an arriving sighting, in ms, may be grouped anew; none further. */
export const REMATCH_WINDOW_MS = PAIRING_WINDOW_MS + 2 * CLOCK_TOLERANCE_MS;

/** What grouping needs to know of an event. */
export type KnownEvent = Pick<BreakEvent, 'id' | 'endedAt' | 'sources'>;

/** What arriving sightings change. */
export interface Rematch<E extends KnownEvent> {
  /** Events that are no longer as they were. */
  dissolved: E[];
  /** The groups that stand in their place, and those that are new. */
  groups: Observation[][];
}

/** Where sightings of known events come from. */
export interface ObservationSource<E extends KnownEvent> {
  /** The one sighting of an event that has one source; its seq need not be known. */
  ofSingle(event: E): Observation;
  /** Sightings out of the journal, by the keys that events have kept. */
  read(keys: readonly BreakEvent['sources'][number][]): Promise<Observation[]>;
}

interface Thing<E> {
  endedAt: number;
  event: E | undefined;
  observation: Observation | undefined;
}

/**
 * Groups arriving sightings of one stream with the events that are known, so that the events are
 * those that {@link groupObservations} would make of all sightings of the stream.
 *
 * Usually an arrival stands alone or meets one event of one source: then nothing has to be read.
 * Only where events of several sources lie close to others are their sightings read from the
 * journal again.
 *
 * @param events - all events of the stream within {@link REMATCH_WINDOW_MS} of the arrivals
 * @param arrived - none of them part of an event yet
 */
export async function rematch<E extends KnownEvent>(
  events: readonly E[],
  arrived: readonly Observation[],
  source: ObservationSource<E>,
): Promise<Rematch<E>> {
  const result: Rematch<E> = { dissolved: [], groups: [] };
  for (const region of regionsOf(arrived)) {
    const inside = events.filter(({ endedAt }) => endedAt >= region.from && endedAt <= region.to);
    const { groups, eventOf } = await groupRegion(inside, region, source);
    const certain = keepWhole(
      groups.filter(({ reach }) => reach.from >= region.from && reach.to <= region.to),
      inside,
    );
    // Nothing that arrived gets lost, whatever else holds.
    const placed = new Set(certain.flat());
    const left = region.arrived.filter((one) => !placed.has(one)).map((one) => [one]);
    for (const group of [...certain, ...left]) {
      const before = new Set(group.map((one) => eventOf.get(observationKey(one.sourceKey))));
      const [only] = before;
      if (before.size === 1 && only && only.sources.length === group.length) {
        continue;
      }
      result.groups.push(group);
      for (const event of before) {
        if (event && !result.dissolved.includes(event)) {
          result.dissolved.push(event);
        }
      }
    }
  }
  await nameFirst(result.groups, arrived, source);
  return result;
}

/** A stretch of time that arrivals may change. */
interface Region extends Reach {
  arrived: Observation[];
}

/** Stretches that meet are one. */
function regionsOf(arrived: readonly Observation[]): Region[] {
  const regions: Region[] = [];
  for (const observation of [...arrived].sort((a, b) => a.endedAt - b.endedAt)) {
    const from = observation.endedAt - PAIRING_WINDOW_MS;
    const to = observation.endedAt + PAIRING_WINDOW_MS;
    const last = regions.at(-1);
    if (last && from <= last.to) {
      last.to = to;
      last.arrived.push(observation);
    } else {
      regions.push({ from, to, arrived: [observation] });
    }
  }
  return regions;
}

async function groupRegion<E extends KnownEvent>(
  events: readonly E[],
  region: Region,
  source: ObservationSource<E>,
): Promise<{ groups: ObservationGroup[]; eventOf: Map<string, E> }> {
  const eventOf = new Map<string, E>();
  for (const event of events) {
    for (const key of event.sources) {
      eventOf.set(observationKey(key), event);
    }
  }
  const things: Thing<E>[] = [
    ...events.map((event) => ({
      endedAt: event.endedAt,
      event,
      observation: event.sources.length === 1 ? source.ofSingle(event) : undefined,
    })),
    ...region.arrived.map((observation) => ({
      endedAt: observation.endedAt,
      event: undefined,
      observation,
    })),
  ].sort((a, b) => a.endedAt - b.endedAt);
  const observations = things.flatMap(({ observation }) => observation ?? []);
  if (!isClear(things)) {
    const merged = events.filter((event) => event.sources.length > 1);
    observations.push(...(await source.read(merged.flatMap((event) => event.sources))));
  }
  return { groups: groupObservations(observations, region), eventOf };
}

/**
 * True when no event of several sources is near anything else, and nothing else is unclear that
 * such an event could tell something of.
 */
function isClear<E>(things: readonly Thing<E>[]): boolean {
  if (things.every(({ observation }) => observation)) {
    return true;
  }
  // The other sightings of an event lie up to the tolerance away from its own time.
  return splitByGap(things, APART_MS + 2 * CLOCK_TOLERANCE_MS).every(
    (run) => run.length === 1 || (run.length === 2 && run.every(({ observation }) => observation)),
  );
}

/** Leaves out groups that would take away only a part of an event. */
function keepWhole<E extends KnownEvent>(
  groups: readonly ObservationGroup[],
  events: readonly E[],
): Observation[][] {
  let kept = groups.map(({ observations }) => observations);
  for (;;) {
    const covered = new Set(kept.flat().map((one) => observationKey(one.sourceKey)));
    const broken = new Set<string>();
    for (const { sources } of events) {
      const keys = sources.map(observationKey);
      const hits = keys.filter((key) => covered.has(key));
      if (hits.length > 0 && hits.length < keys.length) {
        for (const key of hits) {
          broken.add(key);
        }
      }
    }
    if (broken.size === 0) {
      return kept;
    }
    kept = kept.filter((group) => !group.some((one) => broken.has(observationKey(one.sourceKey))));
  }
}

/**
 * Which sighting came first names an event. What has just arrived comes after all that is known;
 * where two known ones meet, their places in the journal are read.
 */
async function nameFirst<E extends KnownEvent>(
  groups: Observation[][],
  arrived: readonly Observation[],
  source: ObservationSource<E>,
): Promise<void> {
  const fresh = new Set(arrived);
  const unclear = groups
    .filter((group) => group.filter((one) => !fresh.has(one)).length > 1)
    .flatMap((group) => group.filter(({ seq }) => seq === undefined));
  if (unclear.length === 0) {
    return;
  }
  const read = await source.read(unclear.map(({ sourceKey }) => sourceKey));
  const seqs = new Map(read.map(({ sourceKey, seq }) => [observationKey(sourceKey), seq]));
  for (const observation of unclear) {
    observation.seq = seqs.get(observationKey(observation.sourceKey));
  }
}
