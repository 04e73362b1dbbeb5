import { type Filters, matchesSome } from '../../model/query.ts';
import type { TimeRange } from '../../store/store.ts';
import { LOOK_BACK_MS } from './history.ts';

/** Name of the stored state with a {@link StoredRange}. */
export const STORED_RANGE = 'incidents:stored';

/** A stretch of time with breaks that no stored incident counts. Times are epoch ms UTC. */
export interface UngroupedTime {
  /** Null for all accounts. */
  account: string | null;
  /** When the first of these breaks ended. */
  from: number;
  /** When the last one ended. */
  to: number;
}

/**
 * The time whose incidents are stored, each as it is now. Breaks that are reported a quarter of an hour late,
 * such as those of an imported file, may change no stored incident. Times are epoch ms UTC.
 */
export interface StoredRange {
  /** All later breaks were grouped, but for the gaps. 0 when nothing had been stored before. */
  since: number;
  /** Moment of the last grouping. */
  groupedAt: number;
  gaps: UngroupedTime[];
}

/** More gaps of an account are joined to one. */
const MAX_GAPS = 100;

/** Adds a gap. Gaps of one account that a query would read together are joined. */
export function addGap(gaps: readonly UngroupedTime[], gap: UngroupedTime): UngroupedTime[] {
  const isNear = (other: UngroupedTime) =>
    other.account === gap.account &&
    other.from - LOOK_BACK_MS <= gap.to &&
    gap.from <= other.to + LOOK_BACK_MS;
  const rest = gaps.filter((other) => !isNear(other));
  const own = rest.filter(({ account }) => account === gap.account);
  const isFull = own.length >= MAX_GAPS;
  const joined = [gap, ...gaps.filter(isNear), ...(isFull ? own : [])];
  return [
    ...(isFull ? rest.filter(({ account }) => account !== gap.account) : rest),
    {
      account: gap.account,
      from: Math.min(...joined.map(({ from }) => from)),
      to: Math.max(...joined.map(({ to }) => to)),
    },
  ];
}

/**
 * Tells whether the stored incidents are all incidents of a range: those that grouping its breaks, and the
 * breaks that it looks back at, would find.
 *
 * @param accounts - filter of the accounts; all when absent
 */
export function isStored(
  stored: StoredRange,
  range: TimeRange,
  accounts: Filters['account'],
): boolean {
  const from = range.from - LOOK_BACK_MS;
  const concerns = ({ account }: UngroupedTime) =>
    account === null || matchesSome(accounts, account);
  return (
    (stored.since === 0 || stored.since <= from) &&
    !stored.gaps.some((gap) => gap.to >= from && gap.from < range.to && concerns(gap))
  );
}
