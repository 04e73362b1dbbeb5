import type { BreakRecord } from '../model/break.ts';
import type { Chain, Incident } from '../model/incident.ts';
import type { Push } from '../model/push.ts';
import { causeKeyOf } from './cause-of-outage.ts';
import { anchorOf, cutWindows, type Settled } from './cut-windows.ts';
import { type Draft, IncidentDrafts } from './draft-incidents.ts';
import { INCIDENT_OPTIONS, type IncidentOptions } from './options.ts';
import { summarizeIncident } from './summarize-incident.ts';
import { type AccountWalk, ExposureSweep, walkAccounts } from './walk-accounts.ts';

/** Input of {@link groupIncidents}. */
export interface GroupRequest {
  /** Breaks and, when known, normal ends, in any order. */
  records: readonly BreakRecord[];
  /**
   * Breaks of outages that are over and were grouped before. They only tell where their streams were.
   */
  earlier?: readonly BreakRecord[];
  /**
   * Pushes that no record reports, such as those that are still live. Null when they are not known;
   * then the share of live pushes that an incident hit is not known either.
   */
  pushes: readonly Push[] | null;
  /** Epoch ms UTC; later events do not count. */
  now: number;
  options?: IncidentOptions;
  /** Decisions of earlier groupings, by account; none when absent. */
  settled?: ReadonlyMap<string, Settled>;
}

/**
 * Groups breaks into incidents. Outages of one account that begin within two minutes of each other
 * and have one cause key are searched for a common scope. Later outages in the same scope, or of the
 * same stream within the hold time, join. Order and repetition of the input change nothing. Records
 * must be stripped by `stripRecord`. Takes O(n log n) of breaks and pushes.
 *
 * @returns oldest first
 */
export function groupIncidents({
  records,
  earlier = [],
  pushes,
  now,
  options = INCIDENT_OPTIONS,
  settled,
}: GroupRequest): Incident[] {
  const accounts = walkAccounts([...records, ...earlier], pushes ?? [], now);
  const earlierIds = new Set(earlier.map(({ event }) => event.id));
  // An outage in a forgotten window is over; otherwise its window would have been kept.
  const isForgotten = ({ startedAt, endedAt }: Chain, before: Settled) =>
    startedAt < before.until &&
    endedAt !== null &&
    endedAt + options.holdMs <= now &&
    anchorOf(startedAt, before, options.joinMs) === null;
  return [...accounts]
    .flatMap(([account, { chains, spans }]) => {
      const before = settled?.get(account);
      const kept = chains.filter(
        ([, chain]) => !earlierIds.has(chain.id) && !(before && isForgotten(chain, before)),
      );
      return groupAccount({ chains: kept, spans }, pushes !== null, options, before);
    })
    .map((draft) => summarizeIncident(draft, pushes !== null, now, options))
    .sort((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1));
}

function groupAccount(
  { chains, spans }: AccountWalk,
  known: boolean,
  options: IncidentOptions,
  settled: Settled | undefined,
): Draft[] {
  chains.sort(
    ([, a], [, b]) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  );
  const drafts = new IncidentDrafts(options);
  const sweep = new ExposureSweep(spans, known);
  const starts = chains.map(([, { startedAt }]) => startedAt);
  const windows = cutWindows(starts, options.joinMs, settled);
  for (const [place, { from, first }] of windows.entries()) {
    const byCause = new Map<string, Map<string, Chain[]>>();
    for (const [stream, chain] of chains.slice(first, windows[place + 1]?.first)) {
      const causeKey = causeKeyOf(chain);
      const streams = byCause.get(causeKey) ?? new Map<string, Chain[]>();
      byCause.set(causeKey, streams);
      const known = streams.get(stream);
      if (known) {
        known.push(chain);
      } else {
        streams.set(stream, [chain]);
      }
    }
    drafts.take(byCause, from, sweep.at(from, from + options.joinMs));
  }
  return drafts.all;
}
