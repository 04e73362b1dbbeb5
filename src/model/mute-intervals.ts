import type { StreamKey } from './break.ts';
import { matchesPattern } from './query.ts';
import { instantOf, localTime, machineTimeZone } from './time.ts';

/** A stretch of time that comes once. Epoch ms UTC. */
export interface OneTimeInterval {
  from: number;
  /** Exclusive. */
  to: number;
}

/** A stretch of time that comes every week, by the clocks of a time zone. */
export interface WeeklyInterval {
  /** Days on which it begins: 1 Monday to 7 Sunday. */
  days: readonly number[];
  /** Minutes after midnight. */
  from: number;
  /** Minutes after midnight, exclusive; not after `from`: on the next day. */
  to: number;
  /** IANA name. */
  timeZone: string;
}

/**
 * What breaks need not be told of: `maintenance`, somebody works on it then; `expected`, it is
 * expected to be live only then, so that a break at any other time is none.
 */
export interface MuteEntry {
  kind: 'maintenance' | 'expected';
  /** What people call it. */
  name: string;
  /** Names, in which `*` stands for any run of characters; an absent list lets all pass. */
  where: Partial<Record<keyof StreamKey, readonly string[]>>;
  when: OneTimeInterval | WeeklyInterval;
}

/** Everything about times in which somebody wants quiet. */
export interface MuteIntervals {
  entries: readonly MuteEntry[];
  /** When warnings of what is still to come may page; null: never. */
  forewarnings: WeeklyInterval | null;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** No maintenance, no schedules; warnings page by day, by the clock of this machine. */
export const NO_MUTE_INTERVALS: MuteIntervals = {
  entries: [],
  forewarnings: {
    days: [1, 2, 3, 4, 5, 6, 7],
    from: 8 * 60,
    to: 22 * 60,
    timeZone: machineTimeZone(),
  },
};

/** The stretches of a weekly time around a moment, in order, from the day before it to a week after. */
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

/** Tells whether a moment lies in a time. */
export function isWithin(when: OneTimeInterval | WeeklyInterval, at: number): boolean {
  return occurrencesAround(when, at).some(({ from, to }) => at >= from && at < to);
}

/**
 * When a time next begins or ends.
 *
 * @returns epoch ms UTC, later than `at`; null when it never does
 */
export function nextChange(when: OneTimeInterval | WeeklyInterval, at: number): number | null {
  const changes = occurrencesAround(when, at)
    .flatMap(({ from, to }) => [from, to])
    .filter((change) => change > at);
  return changes.length > 0 ? Math.min(...changes) : null;
}

/** When anything of quiet times next changes; null when nothing ever does. */
export function nextMuteChange(mute: MuteIntervals, at: number): number | null {
  const times = [...mute.entries.map(({ when }) => when), mute.forewarnings];
  const changes = times.flatMap((when) => (when ? (nextChange(when, at) ?? []) : []));
  return changes.length > 0 ? Math.min(...changes) : null;
}

/** Maintenance that is going on at a moment, with its end. */
export function maintenanceAt(
  { entries }: MuteIntervals,
  at: number,
): { name: string; until: number | null }[] {
  return entries
    .filter(({ kind, when }) => kind === 'maintenance' && isWithin(when, at))
    .map(({ name, when }) => ({ name, until: nextChange(when, at) }));
}

/** Tells whether an entry is about a stream. */
export function appliesTo({ where }: MuteEntry, stream: StreamKey): boolean {
  return (Object.entries(where) as [keyof StreamKey, readonly string[]][]).every(
    ([name, patterns]) => patterns.some((pattern) => matchesPattern(pattern, stream[name])),
  );
}

/**
 * Makes a function that tells why an outage need not be told of at a moment.
 *
 * In maintenance nothing is. A stream with expected times is told of only while it is expected to be
 * live and when it broke, or tried to come back, in such a time: what nobody missed then is not
 * missed at the begin of the next one.
 *
 * @param now - epoch ms UTC
 * @returns given a stream and moments at which it broke: the name of the entry, or null
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
