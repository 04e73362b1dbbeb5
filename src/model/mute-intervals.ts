import type { StreamKey } from './break.ts';
import { matchesPattern } from './query.ts';
import { instantOf, localTime, machineTimeZone } from './time.ts';

/** A time interval that does not repeat. Epoch ms UTC. */
export interface OneTimeInterval {
  from: number;
  /** Exclusive. */
  to: number;
}

/** A time interval that repeats every week in the local time of a time zone. */
export interface WeeklyInterval {
  /** Days on which it starts: 1 (Monday) to 7 (Sunday). */
  days: readonly number[];
  /** Minutes after midnight. */
  from: number;
  /** Minutes after midnight, exclusive. If it is not after `from`, it is on the next day. */
  to: number;
  /** IANA name. */
  timeZone: string;
}

/**
 * Mutes breaks of some streams. `maintenance`: breaks within the interval do not notify. `expected`: the
 * streams are expected to be live only within the interval, so breaks outside of it do not notify.
 */
export interface MuteEntry {
  kind: 'maintenance' | 'expected';
  /** Name that people see. */
  name: string;
  /** Wanted names, in which `*` matches any characters; an absent list matches everything. */
  where: Partial<Record<keyof StreamKey, readonly string[]>>;
  when: OneTimeInterval | WeeklyInterval;
}

/** All mute intervals. */
export interface MuteIntervals {
  entries: readonly MuteEntry[];
  /** When forewarnings may page; null for never. */
  forewarnings: WeeklyInterval | null;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The default: no mute intervals; forewarnings page by day in the time zone of this machine. */
export const NO_MUTE_INTERVALS: MuteIntervals = {
  entries: [],
  forewarnings: {
    days: [1, 2, 3, 4, 5, 6, 7],
    from: 8 * 60,
    to: 22 * 60,
    timeZone: machineTimeZone(),
  },
};

/** Lists a weekly interval from the day before `at` to a week after it, in order. */
function occurrencesOf(
  { days, from, to, timeZone }: WeeklyInterval,
  at: number,
): OneTimeInterval[] {
  const midnight = Math.floor(localTime(at, timeZone) / DAY_MS) * DAY_MS;
  const length = to > from ? to - from : to + 1_440 - from;
  return [-1, 0, 1, 2, 3, 4, 5, 6, 7].flatMap((offset) => {
    const day = midnight + offset * DAY_MS;
    // 1 January 1970 was a Thursday.
    const weekday = ((((day / DAY_MS + 3) % 7) + 7) % 7) + 1;
    if (!days.includes(weekday)) {
      return [];
    }
    const start = day + from * MINUTE_MS;
    return [
      {
        from: instantOf(start, timeZone, 'earlier'),
        to: instantOf(start + length * MINUTE_MS, timeZone, 'later'),
      },
    ];
  });
}

function occurrencesAround(when: OneTimeInterval | WeeklyInterval, at: number): OneTimeInterval[] {
  return 'days' in when ? occurrencesOf(when, at) : [when];
}

/** Whether a time (epoch ms UTC) is within an interval. */
export function isWithin(when: OneTimeInterval | WeeklyInterval, at: number): boolean {
  return occurrencesAround(when, at).some(({ from, to }) => at >= from && at < to);
}

/**
 * Finds the next start or end of an interval.
 *
 * @returns epoch ms UTC, later than `at`; null when there is none
 */
export function nextChange(when: OneTimeInterval | WeeklyInterval, at: number): number | null {
  const changes = occurrencesAround(when, at)
    .flatMap(({ from, to }) => [from, to])
    .filter((change) => change > at);
  return changes.length > 0 ? Math.min(...changes) : null;
}

/** Finds the next start or end of any mute interval, epoch ms UTC; null when there is none. */
export function nextMuteChange(mute: MuteIntervals, at: number): number | null {
  const times = [...mute.entries.map(({ when }) => when), mute.forewarnings];
  const changes = times.flatMap((when) => (when ? (nextChange(when, at) ?? []) : []));
  return changes.length > 0 ? Math.min(...changes) : null;
}

/** Lists the maintenance windows at a time, with their end, epoch ms UTC. */
export function maintenanceAt(
  { entries }: MuteIntervals,
  at: number,
): { name: string; until: number | null }[] {
  return entries
    .filter(({ kind, when }) => kind === 'maintenance' && isWithin(when, at))
    .map(({ name, when }) => ({ name, until: nextChange(when, at) }));
}

/** Whether an entry covers a stream. */
function appliesTo({ where }: MuteEntry, stream: StreamKey): boolean {
  return (Object.entries(where) as [keyof StreamKey, readonly string[]][]).every(
    ([name, patterns]) => patterns.some((pattern) => matchesPattern(pattern, stream[name])),
  );
}

/**
 * Creates a function that finds the entry that mutes an outage at a time.
 *
 * Maintenance mutes every outage. A stream with `expected` entries is muted unless it is expected to be
 * live now and it broke, or a push attempt failed, within that same interval. So an outage from before the
 * interval does not notify when the interval starts.
 *
 * @param now - epoch ms UTC
 * @returns gets a stream and the times of its breaks, and returns the name of the entry, or null
 */
export function mutedAt(
  { entries }: MuteIntervals,
  now: number,
): (stream: StreamKey, brokeAt: readonly number[]) => string | null {
  const maintenance = entries.filter(
    ({ kind, when }) => kind === 'maintenance' && isWithin(when, now),
  );
  const expected = entries
    .filter(({ kind }) => kind === 'expected')
    .map((entry) => ({
      entry,
      current: occurrencesAround(entry.when, now).find(({ from, to }) => now >= from && now < to),
    }));
  if (maintenance.length === 0 && expected.length === 0) {
    return () => null;
  }
  return (stream, brokeAt) => {
    const inMaintenance = maintenance.find((entry) => appliesTo(entry, stream));
    if (inMaintenance) {
      return inMaintenance.name;
    }
    const schedules = expected.filter(({ entry }) => appliesTo(entry, stream));
    const brokeWhileExpected = schedules.some(
      ({ current }) => current && brokeAt.some((at) => at >= current.from && at < current.to),
    );
    return schedules.length === 0 || brokeWhileExpected ? null : (schedules[0]?.entry.name ?? null);
  };
}
