import { type BreakRecord, streamText } from '../model/break.ts';
import type { Push } from '../model/push.ts';

/** Two sources report the start of one push at most this far apart, in ms. */
const SAME_PUSH_MS = 5_000;
/**
 * A push without a reported end counts as live for at most this time, in ms, or until the next push of
 * its stream. CSS repeats an end for 12 minutes; after a longer downtime it is never received.
 */
export const MAX_LIVE_MS = 3 * 86_400_000;

/**
 * Merges pushes that callback and API both reported, and leaves out those that are too old to be
 * live. A merged push has the callback's start and the end of either source.
 *
 * @param pushes - in any order
 * @param now - epoch ms UTC
 */
export function mergePushes(pushes: readonly Push[], now: number): Push[] {
  const echoes = pushes.filter(({ sequence }) => sequence === null);
  const byCallback = pushes.filter(({ sequence }) => sequence !== null);
  const isRecent = ({ startedAt, endedAt }: Push) =>
    endedAt !== null || now - startedAt <= MAX_LIVE_MS;
  if (echoes.length === 0 || byCallback.length === 0) {
    return pushes.filter(isRecent);
  }
  const own = Map.groupBy(byCallback, streamText);
  const ends = new Map<Push, number>();
  const others = echoes.filter((echo) => {
    const push = own
      .get(streamText(echo))
      ?.find(({ startedAt }) => Math.abs(startedAt - echo.startedAt) <= SAME_PUSH_MS);
    if (push && push.endedAt === null && echo.endedAt !== null) {
      ends.set(push, echo.endedAt);
    }
    return push === undefined;
  });
  return [
    ...byCallback.map((push) => {
      const endedAt = ends.get(push);
      return endedAt === undefined ? push : { ...push, endedAt };
    }),
    ...others,
  ].filter(isRecent);
}

/** At least this share of the cut pushes must have started after collection began. */
const MIN_PART = 0.8;

/**
 * Tells whether enough live pushes of an account are known to say which share of them was hit. After
 * a start in the middle of things only later pushes are known; the cut pushes show how many those are.
 *
 * @param records - breaks of the account
 * @param since - since when starts of pushes are known, epoch ms UTC; null when they never are
 */
export function knowsPushes(records: readonly BreakRecord[], since: number | null): boolean {
  return since !== null && isMostlyKnown(countCuts(records, since));
}

/** Breaks that cut a push, and those of them whose push started when starts were known. */
export interface CutCounts {
  all: number;
  known: number;
}

/** Tells whether the starts of most pushes that were cut are known. */
export function isMostlyKnown({ all, known }: CutCounts): boolean {
  return known >= all * MIN_PART;
}

/**
 * Counts breaks that cut a push.
 *
 * @param since - since when starts of pushes are known, epoch ms UTC; null when they never are
 */
export function countCuts(records: Iterable<BreakRecord>, since: number | null): CutCounts {
  const counts: CutCounts = { all: 0, known: 0 };
  for (const { event, verdict } of records) {
    if (verdict.outcome === 'broken' && event.startedAt !== null) {
      counts.all += 1;
      counts.known += since !== null && event.startedAt >= since ? 1 : 0;
    }
  }
  return counts;
}
