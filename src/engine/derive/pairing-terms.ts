/**
 * What pairing of sightings speaks of: what can be paired, and how far clocks may differ.
 *
 * @module
 */

/**
 * How far the clocks of two sources may differ, in ms. Documents say nothing of it; callbacks and
 * API are two systems of one operator, and a stream that returns does so after 2 s at the earliest.
 */
export const CLOCK_TOLERANCE_MS = 5_000;
/** Sightings further from each other than this, in ms, have nothing to do with each other. */
export const APART_MS = 2 * CLOCK_TOLERANCE_MS;
/** Whether a sighting is settled hangs on others up to this far away, in ms. */
export const SETTLED_REACH_MS = 3 * APART_MS;

/** What has to be known of a sighting, or of several that are one break already. */
export interface Pairable {
  /** When the push ended, epoch ms UTC. */
  endedAt: number;
  /** When it began; null when not told. */
  startedAt: number | null;
  /** Names it among all; also decides where nothing else does. */
  key: string;
}

/** Two that are one break, or one without a counterpart. */
export interface Pairing<T> {
  left: T | undefined;
  right: T | undefined;
  /** All that this hangs on lies in here. */
  reach: Reach;
}

/** A stretch of time, epoch ms UTC, both ends included; infinite where it is not known. */
export interface Reach {
  from: number;
  to: number;
}

/** Two that could be one break. */
export interface Edge<T> {
  left: T;
  right: T;
  /** By how much the right one's clock seems ahead, ms. */
  difference: number;
}

/** Where nothing is known of limits. */
export const EVERYWHERE: Reach = { from: -Infinity, to: Infinity };

/** Order by time, then by key. */
export function byTime(a: Pairable, b: Pairable): number {
  return a.endedAt - b.endedAt || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

/** Runs whose members follow each other within {@link APART_MS}. */
export function splitByGap<T extends Pick<Pairable, 'endedAt'>>(
  nodes: readonly T[],
  gapMs = APART_MS,
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
