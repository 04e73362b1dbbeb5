import type { Static } from 'typebox';
import type { Equal } from '../../contract/schema.ts';
import type { PollStateSchema } from '../../contract/stored.ts';
import type { TimeRange } from '../../store/store.ts';
import { addRange } from './poll-ranges.ts';

/** What a poller has to know after a restart. Times are epoch ms UTC. */
export interface PollMemory {
  /** All before this has been read or stands in `pending`. */
  cursor: number;
  /** Ranges before the cursor that still have to be read, oldest first. */
  pending: TimeRange[];
  /** What is pending has been read before and is only looked at again. */
  isLook: boolean;
  /** From end to end what back-fill reads, or read last; null when there was none yet. */
  backfill: TimeRange | null;
  /** The earliest time that was ever asked for. */
  oldest: number;
  /** It was seen that the API lists a push by its end, so that a window misses no long push. */
  listsByEnd: boolean;
  /** It was seen that the API lists every AppName without being asked for it. */
  listsAllApps: boolean;
  /** AppNames other than `live` that were seen. */
  apps: string[];
}

// It is stored, so it must be what the contract says.
true satisfies Equal<Static<typeof PollStateSchema>, PollMemory>;

/** The memory of an account that was never polled. */
export function newPollMemory(cursor: number, oldest: number): PollMemory {
  return {
    cursor,
    pending: [],
    isLook: false,
    backfill: null,
    oldest,
    listsByEnd: false,
    listsAllApps: false,
    apps: [],
  };
}

/** Takes note of a range that has never been read. An empty one changes nothing. */
export function addUnread(memory: PollMemory, range: TimeRange): void {
  if (range.from >= range.to) {
    return;
  }
  const isNew = memory.isLook || memory.pending.length === 0;
  memory.pending = addRange(memory.pending, range);
  memory.isLook = false;
  memory.backfill = hullOf(memory.pending, isNew ? null : memory.backfill);
}

/** The range from the first begin to the last end. */
function hullOf(pending: readonly TimeRange[], before: TimeRange | null): TimeRange | null {
  const ranges = before ? [...pending, before] : pending;
  return ranges.length === 0
    ? null
    : {
        from: Math.min(...ranges.map(({ from }) => from)),
        to: Math.max(...ranges.map(({ to }) => to)),
      };
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isRange(value: unknown): value is TimeRange {
  const range = value as Partial<TimeRange> | null | undefined;
  return isTime(range?.from) && isTime(range?.to);
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
  if (!pending.every(isRange)) {
    return null;
  }
  return {
    cursor,
    pending,
    isLook: given.isLook === true,
    backfill: isRange(given.backfill) ? given.backfill : hullOf(pending, null),
    oldest,
    listsByEnd: given.listsByEnd === true,
    listsAllApps: given.listsAllApps === true,
    apps: apps.filter((app) => typeof app === 'string'),
  };
}
