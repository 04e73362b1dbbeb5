import type { BreakRecord } from '../model/break-record.ts';
import type { Chain, Incident } from '../model/incident.ts';
import type { Push } from '../model/push.ts';
import { anchorOf, cutWindows, type Settled } from './cut-windows.ts';
import { type Draft, IncidentDrafts } from './draft-incidents.ts';
import { familyOf } from './family-of.ts';
import { ExposureSweep } from './measure-exposure.ts';
import { INCIDENT_OPTIONS, type IncidentOptions } from './options.ts';
import { summarizeIncident } from './summarize-incident.ts';
import { type AccountWalk, walkAccounts } from './walk-accounts.ts';

/** What incidents are made of. */
export interface GroupRequest {
  /** Breaks and, when known, normal ends, in any order. */
  records: readonly BreakRecord[];
  /**
   * Breaks of outages that are over and were grouped before. They only tell where their streams were.
   */
  earlier?: readonly BreakRecord[];
  /**
   * Pushes that the records do not tell of, such as those that are still live. Null when they are not
   * known: then nobody can say which part of the live pushes an incident hit.
   */
  pushes: readonly Push[] | null;
  /** Epoch ms UTC; later events do not count. */
  now: number;
  options?: IncidentOptions;
  /** What is settled of earlier groupings, by account; all is open when absent. */
  settled?: ReadonlyMap<string, Settled>;
}

/**
 * Groups breaks into incidents. Outages of one account that begin within two minutes of each other
 * and have one kind of cause are searched for what they have in common; what comes later in the same
 * scope, or in the same stream within the hold time, joins. Order and repetition of the input
 * change nothing. Time grows with n log n of the breaks and pushes.
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
  // An outage of a window that was laid aside is over, or its window would still be there.
  const isLaidAside = ({ startedAt, endedAt }: Chain, before: Settled) =>
    startedAt < before.until &&
    endedAt !== null &&
    endedAt + options.holdMs <= now &&
    anchorOf(startedAt, before, options.joinMs) === null;
  return [...accounts]
    .flatMap(([account, { chains, spans }]) => {
      const before = settled?.get(account);
      const kept = chains.filter(
        ([, chain]) => !earlierIds.has(chain.id) && !(before && isLaidAside(chain, before)),
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
    const families = new Map<string, Map<string, Chain[]>>();
    for (const [stream, chain] of chains.slice(first, windows[place + 1]?.first)) {
      const family = familyOf(chain);
      const streams = families.get(family) ?? new Map<string, Chain[]>();
      families.set(family, streams);
      const known = streams.get(stream);
      if (known) {
        known.push(chain);
      } else {
        streams.set(stream, [chain]);
      }
    }
    drafts.take(families, from, sweep.at(from, from + options.joinMs));
  }
  return drafts.all;
}
