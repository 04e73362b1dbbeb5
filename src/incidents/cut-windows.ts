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
  /** Incidents to which nothing could belong any more at this time were stored, and are forgotten. */
  reportedUntil?: number;
}

/** Returns the start of the kept window that contains a moment, or null. */
export function anchorOf(moment: number, { anchors }: Settled, lengthMs: number): number | null {
  const begun = countBefore(anchors, (anchor) => anchor <= moment);
  const anchor = anchors[begun - 1];
  return anchor !== undefined && moment < anchor + lengthMs ? anchor : null;
}

/**
 * Cuts moments into windows. Each window begins with the first moment after the one before it.
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
  for (const [first, moment] of moments.entries()) {
    const anchor = settled ? anchorOf(moment, settled, lengthMs) : null;
    if (last !== undefined && (anchor === last || (anchor === null && moment < last + lengthMs))) {
      continue;
    }
    last = anchor ?? moment;
    windows.push({ from: last, first });
  }
  return windows;
}
