import type { TimeRange } from '../store/store.ts';

/** What a poller has to know after a restart. Times are epoch ms UTC. */
export interface PollMemory {
  /** All before this has been read or stands in `pending`. */
  cursor: number;
  /** Ranges before the cursor that still have to be read, oldest first. */
  pending: TimeRange[];
  /** The earliest time that was ever asked for. */
  oldest: number;
  /** It was seen that the API lists a push by its end, so that a window misses no long push. */
  listsByEnd: boolean;
  /** It was seen that the API lists every AppName without being asked for it. */
  listsAllApps: boolean;
  /** AppNames other than `live` that were seen. */
  apps: string[];
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/**
 * Reads what was stored; anything unusable is forgotten, and polling begins anew (the journal
 * knows what it has).
 */
export function readPollMemory(stored: unknown): PollMemory | null {
  const given = (stored ?? {}) as Partial<Record<keyof PollMemory, unknown>>;
  const { cursor, pending, oldest, apps } = given;
  if (!isTime(cursor) || !isTime(oldest) || !Array.isArray(pending) || !Array.isArray(apps)) {
    return null;
  }
  const ranges = pending as (Partial<TimeRange> | null)[];
  if (!ranges.every((range) => isTime(range?.from) && isTime(range?.to))) {
    return null;
  }
  return {
    cursor,
    pending: ranges as TimeRange[],
    oldest,
    listsByEnd: given.listsByEnd === true,
    listsAllApps: given.listsAllApps === true,
    apps: apps.filter((app) => typeof app === 'string'),
  };
}
