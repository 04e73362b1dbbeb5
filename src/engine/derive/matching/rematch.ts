import type { BreakEvent } from '../../../model/break.ts';
import {
  groupObservations,
  type Observation,
  type ObservationGroup,
  observationKey,
} from './merge-observations.ts';
import { CLOCK_TOLERANCE_MS, splitByGap, type TimeSpan, UNRELATED_GAP_MS } from './pairing.ts';
import { PAIRING_SPAN_MS } from './split-loops.ts';

/** Only events within this distance of a new observation, ms, can be matched differently. */
export const REMATCH_WINDOW_MS = PAIRING_SPAN_MS + 2 * CLOCK_TOLERANCE_MS;

/** What matching needs to know about an event. */
export type KnownEvent = Pick<BreakEvent, 'id' | 'endedAt' | 'sources'>;

/** What new observations change. */
export interface Rematch<E extends KnownEvent> {
  /** Events that no longer exist in this form. */
  dissolved: E[];
  /** The groups that replace them, and the new ones. */
  groups: Observation[][];
}

/** Where the observations of known events are read from. */
export interface ObservationSource<E extends KnownEvent> {
  /** The only observation of an event with one source; its seq may be undefined. */
  ofSingle(event: E): Observation;
  /** Reads observations from the journal by the keys stored with events. */
  read(keys: readonly BreakEvent['sources'][number][]): Promise<Observation[]>;
}

interface TimelineItem<E> {
  endedAt: number;
  event: E | undefined;
  observation: Observation | undefined;
}

/**
 * Matches new observations of one stream with the known events, with the same result as
 * {@link groupObservations} over all observations of the stream.
 *
 * Usually an observation is isolated or meets one event of one source, and nothing has to be read.
 * Observations are read from the journal again only where events of several sources are close to
 * others.
 *
 * @param events - all events of the stream within {@link REMATCH_SPAN_MS} of the new observations
 * @param arrived - new observations, none of them part of an event yet
 */
export async function rematch<E extends KnownEvent>(
  events: readonly E[],
  arrived: readonly Observation[],
  source: ObservationSource<E>,
): Promise<Rematch<E>> {
  const result: Rematch<E> = { dissolved: [], groups: [] };
  for (const span of arrivalSpansOf(arrived)) {
    const inside = events.filter(({ endedAt }) => endedAt >= span.from && endedAt <= span.to);
    if (isOfOneSource(inside, span.arrived)) {
      // Usual where only callbacks come. Two reports of one source are never one break.
      result.groups.push(...span.arrived.map((one) => [one]));
      continue;
    }
    const { groups, eventOf } = await groupSpan(inside, span, source);
    const certain = withoutPartialEvents(
      groups.filter(({ dependsOn }) => dependsOn.from >= span.from && dependsOn.to <= span.to),
      inside,
    );
    // A new observation is never lost, even when no group could be decided.
    const placed = new Set(certain.flat());
    const left = span.arrived.filter((one) => !placed.has(one)).map((one) => [one]);
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
  await readMissingSeqs(result.groups, arrived, source);
  return result;
}

/** A span whose events the new observations may change. */
interface ArrivalSpan extends TimeSpan {
  arrived: Observation[];
}

/** Overlapping spans are joined. */
function arrivalSpansOf(arrived: readonly Observation[]): ArrivalSpan[] {
  const regions: ArrivalSpan[] = [];
  for (const observation of [...arrived].sort((a, b) => a.endedAt - b.endedAt)) {
    const from = observation.endedAt - PAIRING_SPAN_MS;
    const to = observation.endedAt + PAIRING_SPAN_MS;
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

function isOfOneSource(events: readonly KnownEvent[], arrived: readonly Observation[]): boolean {
  const source = arrived[0]?.sourceKey.source;
  return (
    arrived.every(({ sourceKey }) => sourceKey.source === source) &&
    events.every(({ sources }) => sources.every((key) => key.source === source))
  );
}

async function groupSpan<E extends KnownEvent>(
  events: readonly E[],
  span: ArrivalSpan,
  source: ObservationSource<E>,
): Promise<{ groups: ObservationGroup[]; eventOf: Map<string, E> }> {
  const eventOf = new Map<string, E>();
  for (const event of events) {
    for (const key of event.sources) {
      eventOf.set(observationKey(key), event);
    }
  }
  const timeline: TimelineItem<E>[] = [
    ...events.map((event) => ({
      endedAt: event.endedAt,
      event,
      observation: event.sources.length === 1 ? source.ofSingle(event) : undefined,
    })),
    ...span.arrived.map((observation) => ({
      endedAt: observation.endedAt,
      event: undefined,
      observation,
    })),
  ].sort((a, b) => a.endedAt - b.endedAt);
  const observations = timeline.flatMap(({ observation }) => observation ?? []);
  if (!isUnambiguous(timeline)) {
    const merged = events.filter((event) => event.sources.length > 1);
    observations.push(...(await source.read(merged.flatMap((event) => event.sources))));
  }
  return { groups: groupObservations(observations, span), eventOf };
}

/**
 * True when no event of several sources is close to anything else, and no other ambiguity exists
 * that the observations of such an event could resolve.
 */
function isUnambiguous<E>(timeline: readonly TimelineItem<E>[]): boolean {
  if (timeline.every(({ observation }) => observation)) {
    return true;
  }
  // The other observations of an event are up to the clock tolerance away from its own time.
  return splitByGap(timeline, UNRELATED_GAP_MS + 2 * CLOCK_TOLERANCE_MS).every(
    (run) => run.length === 1 || (run.length === 2 && run.every(({ observation }) => observation)),
  );
}

/** Leaves out groups that would take only some of an event's observations. */
function withoutPartialEvents<E extends KnownEvent>(
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
 * An event's id comes from its first observation. New observations come after all known ones, so
 * places in the journal are read only where two known ones meet.
 */
async function readMissingSeqs<E extends KnownEvent>(
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
