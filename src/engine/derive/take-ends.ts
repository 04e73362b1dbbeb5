import { readArrival } from '../../css/read-arrival.ts';
import type { SourceKey } from '../../model/break-event.ts';
import type { DerivingStore } from '../../store/store.ts';
import {
  mergeDerived,
  mergeObservations,
  type Observation,
  observationKey,
} from './merge-observations.ts';
import { markFollowersStale, type PendingEvent, type PendingStream } from './pending-events.ts';
import { rematch } from './rematch.ts';

/** Groups the ends that came with what is known, and puts the events that result in place. */
export async function takeEnds(work: PendingStream, store: DerivingStore): Promise<void> {
  const known = new Set(work.events.flatMap((event) => event.sources.map(observationKey)));
  const fresh = work.arrived.filter(({ sourceKey }) => !known.has(observationKey(sourceKey)));
  if (fresh.length === 0) {
    return;
  }
  const { dissolved, groups } = await rematch(work.events, fresh, {
    ofSingle: observationOf,
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
    const merged = mergeObservations(group);
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
function observationOf(event: PendingEvent): Observation {
  const { id: _id, reason: _reason, sources, record: _record, stale: _stale, ...rest } = event;
  return { ...rest, sourceKey: sources[0] as SourceKey, setId: null, seq: undefined };
}
