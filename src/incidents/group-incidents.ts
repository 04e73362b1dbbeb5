import type { BreakRecord } from '../model/break.ts';
import type { Chain, Incident } from '../model/incident.ts';
import type { Push } from '../model/push.ts';
import { causeKeyOf } from './cause-of-outage.ts';
import { anchorOf, cutWindows, type Settled } from './cut-windows.ts';
import { type Draft, IncidentDrafts } from './draft-incidents.ts';
import { ExposureSweep } from './exposure-sweep.ts';
import { compareStarts } from './incident-order.ts';
import { INCIDENT_OPTIONS, type IncidentOptions } from './options.ts';
import { summarizeIncident } from './summarize-incident.ts';
import { type PlacedSpan, walkAccounts } from './walk-accounts.ts';

/** Input of {@link groupIncidents}. */
export interface GroupRequest {
  /** Breaks and, when known, normal ends, in any order. */
  records: readonly BreakRecord[];
  /**
   * Pushes that no record reports, such as those that are still live. Null when they are not known;
   * then the share of live pushes that an incident hit is not known either.
   */
  pushes: readonly Push[] | null;
  /** Epoch ms UTC; later events do not count. */
  now: number;
  options?: IncidentOptions;
}

/** An incident whose summary is computed only when it is needed. */
export interface GroupedIncident {
  /** Start of its first outage, epoch ms UTC. */
  startedAt: number;
  /** Id of its first outage. */
  id: string;
  /** Computes what the incident shows. Takes longer than finding it when it has many outages. */
  summarize(): Incident;
}

/**
 * Groups breaks into incidents. Outages of one account that begin within two minutes of each other
 * and have one cause key are searched for a common scope. Later outages in the same scope, or of the
 * same stream within the hold time, join. Order and repetition of the input change nothing. Records
 * must be stripped by `stripRecord`. Takes O(n log n) of breaks and pushes.
 *
 * @returns oldest first
 */
export function groupIncidents(request: GroupRequest): Incident[] {
  return findIncidents(request).map((found) => found.summarize());
}

/**
 * Groups breaks like {@link groupIncidents}, but leaves the summaries to the caller, who may need only a few.
 *
 * @returns oldest first
 */
export function findIncidents({
  records,
  pushes,
  now,
  options = INCIDENT_OPTIONS,
}: GroupRequest): GroupedIncident[] {
  const known = pushes !== null;
  return [...walkAccounts({ records, pushes: pushes ?? [], now, options }).values()]
    .flatMap((walk) => {
      const drafts = new IncidentDrafts(options);
      addWindows(drafts, cutIntoWindows(walk.chains, options), { ...walk, known, now });
      return drafts.all;
    })
    .map((draft): GroupedIncident => {
      const { startedAt, id } = draft.chains.reduce((first, chain) =>
        compareStarts(chain, first) < 0 ? chain : first,
      );
      return { startedAt, id, summarize: () => summarizeIncident(draft, known, now, options) };
    })
    .sort(compareStarts);
}

/** Outages that began within one window. */
export interface OutageWindow {
  /** Start, epoch ms UTC. */
  from: number;
  /** End, epoch ms UTC: the start of the next window, if that begins before this one has its full length. */
  to: number;
  /** Outages, each with its stream's full key, oldest first. */
  outages: [stream: string, chain: Chain][];
}

/**
 * Cuts the outages of one account into windows.
 *
 * @param chains - each with its stream's full key; sorted in place
 */
export function cutIntoWindows(
  chains: [stream: string, chain: Chain][],
  { joinMs }: IncidentOptions,
  settled?: Settled,
): OutageWindow[] {
  // To destructure the pairs would make two iterators for each comparison.
  chains.sort((a, b) => compareStarts(a[1], b[1]));
  const starts = chains.map(([, { startedAt }]) => startedAt);
  const windows = cutWindows(starts, joinMs, settled);
  return windows.map(({ from, first }, place) => {
    const next = windows[place + 1];
    return {
      from,
      to: Math.min(from + joinMs, next?.from ?? Number.POSITIVE_INFINITY),
      outages: chains.slice(first, next?.first),
    };
  });
}

/** The pushes that were live around windows. */
export interface LivePushes {
  spans: readonly PlacedSpan[];
  /** Whether these are all pushes that were live. */
  known: boolean;
  /** Up to when the windows were seen, epoch ms UTC. */
  now: number;
}

/**
 * Adds windows to drafts.
 *
 * @param windows - in order; none before a window that the drafts have
 * @returns for each window the drafts that its outages belong to
 */
export function addWindows(
  drafts: IncidentDrafts,
  windows: readonly OutageWindow[],
  { spans, known, now }: LivePushes,
): ReadonlySet<Draft>[] {
  if (windows.length === 0) {
    return [];
  }
  const sweep = new ExposureSweep(spans, known);
  return windows.map(({ from, to, outages }) => {
    const byCause = new Map<string, Map<string, Chain[]>>();
    for (const [stream, chain] of outages) {
      const causeKey = causeKeyOf(chain);
      const streams = byCause.get(causeKey) ?? new Map<string, Chain[]>();
      byCause.set(causeKey, streams);
      const ofStream = streams.get(stream);
      if (ofStream) {
        ofStream.push(chain);
      } else {
        streams.set(stream, [chain]);
      }
    }
    return drafts.take(byCause, from, sweep.at(from, to, now));
  });
}

/**
 * Tells whether an outage is over and lies in a window that was forgotten before all that is kept. Those between kept
 * windows are grouped again with them: without them, what is kept could be grouped otherwise than before.
 */
export function isForgotten(
  { startedAt, endedAt }: Pick<Chain, 'startedAt' | 'endedAt'>,
  settled: Settled | undefined,
  now: number,
  { holdMs, joinMs }: IncidentOptions,
): boolean {
  return (
    settled !== undefined &&
    startedAt < Math.min(settled.until, settled.anchors[0] ?? settled.until) &&
    endedAt !== null &&
    endedAt + holdMs <= now &&
    anchorOf(startedAt, settled, joinMs) === null
  );
}
