import type { BreakRecord } from '../model/break.ts';
import type { Chain } from '../model/incident.ts';

/** Order of outages and of incidents: by start, then by id. */
export function compareStarts(
  a: { startedAt: number; id: string },
  b: { startedAt: number; id: string },
): number {
  return a.startedAt - b.startedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Returns the later one of two breaks; the one with the smaller id when they have one time. */
export function later(a: BreakRecord, b: BreakRecord): BreakRecord {
  const isLater = b.event.endedAt - a.event.endedAt || (a.event.id < b.event.id ? 1 : -1);
  return isLater > 0 ? b : a;
}

/** Returns the earlier one of two outages. */
export function earlierChain(a: Chain, b: Chain): Chain {
  return compareStarts(a, b) < 0 ? a : b;
}
