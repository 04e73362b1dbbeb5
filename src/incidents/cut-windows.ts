import { countBefore } from '../model/count-before.ts';

/**
 * What earlier groupings decided about one account. With it an outage stays in its window, and so in
 * its incident, after other outages were forgotten. Times are epoch ms UTC.
 */
export interface Settled {
  /** Of the windows before this time only those in `anchors` are kept; the others are forgotten. */
  until: number;
  /** Starts of windows, in order. */
  anchors: readonly number[];
  /**
   * Ends of these windows, in the same order: the next window may begin before a window has its full length.
   * Absent in what was stored before windows had ends; then each has its full length.
   */
  ends?: readonly number[];
  /** Incidents to which nothing could belong any more at this time were stored, and are forgotten. */
  reportedUntil?: number;
}

/** Returns the start of the kept window that contains a moment, or null. */
export function anchorOf(
  moment: number,
  { anchors, ends }: Settled,
  lengthMs: number,
): number | null {
  const begun = countBefore(anchors, (anchor) => anchor <= moment);
  const anchor = anchors[begun - 1];
  const end = ends?.[begun - 1] ?? (anchor ?? 0) + lengthMs;
  return anchor !== undefined && moment < end ? anchor : null;
}

/** Moments closer together than this, ms, may have one cause, so no window ends between them … */
const GAP_MS = 3_000;
/** … as far as that makes the window at most this much shorter, ms. */
const MAX_SHORTER_MS = 10_000;

/**
 * Cuts moments into windows. Each window begins with the first moment after the one before it. A window that
 * would end in the midst of a burst ends before it, so that both halves of a fault are seen together.
 *
 * @param moments - in order, epoch ms UTC
 * @returns start of each window and the index of its first moment
 */
export function cutWindows(
  moments: readonly number[],
  lengthMs: number,
  settled: Settled | undefined,
): { from: number; first: number }[] {
  const windows: { from: number; first: number }[] = [];
  let last: number | undefined;
  let isSettled = false;
  for (const [first, moment] of moments.entries()) {
    const anchor = settled ? anchorOf(moment, settled, lengthMs) : null;
    const isInLast =
      anchor === null
        ? last !== undefined && !isSettled && moment < last + lengthMs
        : isSettled && anchor === last;
    if (isInLast) {
      continue;
    }
    isSettled = anchor !== null;
    if (anchor === null && last !== undefined) {
      const begun = (windows.at(-1)?.first ?? 0) + 1;
      const burst = burstBefore(moments, first, begun, (one) =>
        settled ? anchorOf(one, settled, lengthMs) === null : true,
      );
      last = moments[burst] as number;
      windows.push({ from: last, first: burst });
      continue;
    }
    last = anchor ?? moment;
    windows.push({ from: last, first });
  }
  return windows;
}

/** Index of the first moment of the burst that a moment belongs to, not before another index. */
function burstBefore(
  moments: readonly number[],
  index: number,
  begun: number,
  canMove: (moment: number) => boolean,
): number {
  let burst = index;
  while (
    burst > begun &&
    (moments[burst] as number) - (moments[burst - 1] as number) <= GAP_MS &&
    (moments[index] as number) - (moments[burst - 1] as number) <= MAX_SHORTER_MS &&
    canMove(moments[burst - 1] as number)
  ) {
    burst -= 1;
  }
  // A burst that goes on for longer has no beginning here.
  const isBounded =
    burst === begun || (moments[burst] as number) - (moments[burst - 1] as number) > GAP_MS;
  return isBounded ? burst : index;
}
