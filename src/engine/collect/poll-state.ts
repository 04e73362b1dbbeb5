import type { Static } from 'typebox';
import type { Equal } from '../../contract/schema.ts';
import type { PollStateSchema } from '../../contract/stored.ts';
import type { TimeRange } from '../../store/store.ts';

/** What a poller stores, so that it can continue after a restart. Times are epoch ms UTC. */
export interface PollState {
  /** Everything before this has been read or is in `pending`. */
  cursor: number;
  /** Ranges before the cursor that are not read yet, oldest first. */
  pending: TimeRange[];
  /** The pending ranges have been read before and are read again for late records. */
  isReread: boolean;
  /** The whole range of the current or last back-fill; null before the first. */
  backfill: TimeRange | null;
  /** The earliest time that was ever requested. */
  oldest: number;
  /** The API was seen to list pushes by their end, so a window misses no long push. */
  listsByEnd: boolean;
  /** The API was seen to list every AppName in a request without AppName. */
  listsAllApps: boolean;
  /** AppNames seen so far, other than `live`. */
  apps: string[];
}

// It is stored, so it must match the contract.
true satisfies Equal<Static<typeof PollStateSchema>, PollState>;

/** Creates the state of an account that was never polled. */
export function newPollState(cursor: number, oldest: number): PollState {
  return {
    cursor,
    pending: [],
    isReread: false,
    backfill: null,
    oldest,
    listsByEnd: false,
    listsAllApps: false,
    apps: [],
  };
}

/** Adds a range that has never been read to the pending ones. An empty range changes nothing. */
export function addUnread(state: PollState, range: TimeRange): void {
  if (range.from >= range.to) {
    return;
  }
  const isNew = state.isReread || state.pending.length === 0;
  state.pending = addRange(state.pending, range);
  state.isReread = false;
  state.backfill = hullOf(state.pending, isNew ? null : state.backfill);
}

/** Returns the range from the first start to the last end. */
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
 * Checks a stored state.
 *
 * @returns null if it is unusable; polling then starts from the beginning, and the journal drops the
 *   entries that it already has
 */
export function readPollState(stored: unknown): PollState | null {
  const given = (stored ?? {}) as Partial<Record<keyof PollState, unknown>>;
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
    isReread: given.isReread === true,
    backfill: isRange(given.backfill) ? given.backfill : hullOf(pending, null),
    oldest,
    listsByEnd: given.listsByEnd === true,
    listsAllApps: given.listsAllApps === true,
    apps: apps.filter((app) => typeof app === 'string'),
  };
}

/**
 * Adds a range to pending ranges and joins those that touch or overlap. An empty range adds nothing.
 *
 * @returns ranges that do not touch, oldest first
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
 * Removes a range from pending ranges.
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
 * Returns the next part to read: the newest, because people need it first.
 *
 * @param stepMs - maximum length of the part, ms
 */
export function newestPart(ranges: readonly TimeRange[], stepMs: number): TimeRange | undefined {
  const newest = ranges.at(-1);
  return newest && { from: Math.max(newest.from, newest.to - stepMs), to: newest.to };
}

/** Each poll starts this far before the end of the previous one, ms, because records may be late. */
export const OVERLAP_MS = 10 * 60_000;
export const DAY_MS = 86_400_000;

/** Rounds a time, epoch ms, down to the second, the precision of the API. */
export function wholeSecond(time: number): number {
  return Math.floor(time / 1_000) * 1_000;
}

/** Minimum length of a window, ms. */
const MIN_MS = 15_000;
const SECOND_MS = 1_000;

/**
 * The length of the time windows that polling reads. A window fails as a whole if one of its pages
 * fails, so an API that fails often answers only small windows completely. Each failure makes the next
 * window shorter, each success makes it longer again.
 */
export class PollWindow {
  readonly #maxMs: number;
  #ms: number;

  /** @param maxMs - length of a window while the API works, ms */
  constructor(maxMs: number) {
    this.#maxMs = maxMs;
    this.#ms = maxMs;
  }

  /** Length of the next window, whole seconds in ms. */
  get ms(): number {
    return this.#ms;
  }

  /** Makes the next window shorter after a failure. */
  failed({ from, to }: TimeRange): void {
    const quarter = Math.floor((to - from) / 4 / SECOND_MS) * SECOND_MS;
    this.#ms = Math.min(this.#ms, Math.max(MIN_MS, quarter));
  }

  /** Makes the next window longer after a window was read completely. */
  succeeded(): void {
    this.#ms = Math.min(this.#maxMs, this.#ms * 2);
  }
}
