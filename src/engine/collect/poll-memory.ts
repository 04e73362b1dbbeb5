import type { Static } from 'typebox';
import type { Equal } from '../../contract/schema.ts';
import type { PollStateSchema } from '../../contract/stored.ts';
import type { TimeRange } from '../../store/store.ts';

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

/**
 * Adds a range to ranges that still have to be read, joining those that touch or overlap. An empty
 * range adds nothing.
 *
 * @returns ranges oldest first, none of which touch
 */
export function addRange(ranges: readonly TimeRange[], range: TimeRange): TimeRange[] {
  const joined: TimeRange[] = [];
  const all = [...ranges, range].filter(({ from, to }) => from < to);
  for (const next of all.sort((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last && next.from <= last.to) {
      last.to = Math.max(last.to, next.to);
    } else {
      joined.push({ ...next });
    }
  }
  return joined;
}

/**
 * Takes a range away from ranges that still have to be read.
 *
 * @returns ranges oldest first
 */
export function removeRange(ranges: readonly TimeRange[], range: TimeRange): TimeRange[] {
  return ranges.flatMap(({ from, to }) =>
    [
      { from, to: Math.min(to, range.from) },
      { from: Math.max(from, range.to), to },
    ].filter((part) => part.from < part.to),
  );
}

/**
 * The next part to read: the newest, because that is what people ask for first.
 *
 * @param stepMs - longest part
 */
export function newestPart(ranges: readonly TimeRange[], stepMs: number): TimeRange | undefined {
  const newest = ranges.at(-1);
  return newest && { from: Math.max(newest.from, newest.to - stepMs), to: newest.to };
}

/** Each poll reads this far back before the last one, in ms, as records may appear late. */
export const OVERLAP_MS = 10 * 60_000;
export const DAY_MS = 86_400_000;

/** Cuts a time to its second, as the API knows no less. */
export function wholeSecond(time: number): number {
  return Math.floor(time / 1_000) * 1_000;
}

/** Less than this, in ms, is not worth a window of its own. */
const MIN_MS = 15_000;
const SECOND_MS = 1_000;

/**
 * How much time one window should cover. Reading a window of many pages fails as a whole when one
 * page does, so with an API that often fails only small windows are ever read to their end: each
 * failure makes them smaller, each success larger again.
 */
export class PollStride {
  readonly #most: number;
  #ms: number;

  /** @param max - length of a window while all goes well, ms */
  constructor(max: number) {
    this.#most = max;
    this.#ms = max;
  }

  /** Length of the next window, whole seconds in ms. */
  get ms(): number {
    return this.#ms;
  }

  /** Takes note that a window could not be read. */
  failed({ from, to }: TimeRange): void {
    const quarter = Math.floor((to - from) / 4 / SECOND_MS) * SECOND_MS;
    this.#ms = Math.min(this.#ms, Math.max(MIN_MS, quarter));
  }

  /** Takes note that a window was read to its end. */
  succeeded(): void {
    this.#ms = Math.min(this.#most, this.#ms * 2);
  }
}
