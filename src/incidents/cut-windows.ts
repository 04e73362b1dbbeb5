/**
 * Where windows of outages began when they were first looked at, and what was laid aside since. While
 * these are told again, an outage stays in the window and so in the incident that it was in, whatever
 * is known no more. Times are epoch ms UTC.
 */
export interface Settled {
  /** Windows before this are the ones in `anchors`; others were laid aside. */
  until: number;
  /** Starts of windows, in order. */
  anchors: readonly number[];
  /** Ids of outages in kept windows whose incident is over and was laid aside with another window. */
  reported?: readonly string[];
}

/** The window that a moment is known to lie in, or null. */
export function anchorOf(moment: number, { anchors }: Settled, lengthMs: number): number | null {
  let low = 0;
  let high = anchors.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((anchors[middle] as number) <= moment) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const anchor = anchors[low - 1];
  return anchor !== undefined && moment < anchor + lengthMs ? anchor : null;
}

/**
 * Cuts moments into windows: each begins with the first moment that lies in none before it.
 *
 * @param moments - in order, epoch ms UTC
 * @returns start of each window and the place of its first moment
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
