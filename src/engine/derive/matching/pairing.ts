/**
 * Types and limits for pairing observations: what can be paired, and how far two clocks may differ.
 *
 * @module
 */

/**
 * How far the clocks of two sources may differ, ms. Tencent does not document it. Callbacks and the
 * API are two systems of one operator, and a stream comes back after 2 s at the earliest.
 */
export const CLOCK_TOLERANCE_MS = 5_000;
/** Observations further apart than this, ms, do not affect each other. */
export const UNRELATED_GAP_MS = 2 * CLOCK_TOLERANCE_MS;
/** Whether an observation can be paired at once depends on others up to this far away, ms. */
export const SETTLED_SPAN_MS = 3 * UNRELATED_GAP_MS;

/** An observation, or several that are one break already. */
export interface Pairable {
  /** When the push ended, epoch ms UTC. */
  endedAt: number;
  /** Epoch ms UTC; null when the source does not say. */
  startedAt: number | null;
  /** Unique; also breaks ties. */
  key: string;
}

/** Two observations of one break, or one without a counterpart. */
export interface Pairing<T> {
  left: T | undefined;
  right: T | undefined;
  /** Observations outside this span cannot change the pairing. */
  dependsOn: TimeSpan;
}

/** Epoch ms UTC, both ends included; infinite where there is no limit. */
export interface TimeSpan {
  from: number;
  to: number;
}

/** Two observations that could be one break. */
export interface Edge<T> {
  left: T;
  right: T;
  /** How far the right one's clock is ahead if they are one break, ms. */
  difference: number;
}

/** A span without limits. */
export const ALL_TIME: TimeSpan = { from: -Infinity, to: Infinity };

/** Orders by time, then by key. */
export function byTime(a: Pairable, b: Pairable): number {
  return a.endedAt - b.endedAt || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

/** Splits a sorted list where the gap is larger than `gapMs` (default {@link UNRELATED_GAP_MS}). */
export function splitByGap<T extends Pick<Pairable, 'endedAt'>>(
  nodes: readonly T[],
  gapMs = UNRELATED_GAP_MS,
): T[][] {
  const runs: T[][] = [];
  let last: T | undefined;
  for (const node of nodes) {
    if (last && node.endedAt - last.endedAt <= gapMs) {
      runs.at(-1)?.push(node);
    } else {
      runs.push([node]);
    }
    last = node;
  }
  return runs;
}
