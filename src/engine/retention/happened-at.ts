import { readArrival } from '../../css/read-arrival.ts';
import type { JournalEntry } from '../../model/journal-entry.ts';

/**
 * When that happened which an entry tells, epoch ms UTC; null for what is no end and no begin of a
 * push, and for a push of the list of live ones, which may have begun long ago.
 */
export function happenedAt(entry: JournalEntry): number | null {
  const arrival = readArrival(entry);
  if (arrival.kind === 'end') {
    return arrival.event.endedAt;
  }
  return arrival.kind === 'begin' && 'event_type' in entry.body ? arrival.push.startedAt : null;
}
