import { silentSince } from '../model/break.ts';
import type { DisplayedIncident, Incident, IncidentDisplay } from '../model/incident.ts';
import { streamsOfIncident } from './streams-of-incident.ts';
import { countPlaces } from './words-of-scope.ts';

/** A phone shows this many streams; the others are counted. */
const MAX_STREAMS = 5;

/** A turn asks for the same incident twice: to store it, and for the card of its alert. */
const lastDisplays = new WeakMap<Incident['chains'], IncidentDisplay>();

/**
 * Returns what a card shows of the outages of an incident: as it was stored with the incident, else computed.
 *
 * @param now - epoch ms UTC
 */
export function displayOf(incident: Incident | DisplayedIncident, now: number): IncidentDisplay {
  if ('display' in incident) {
    return incident.display;
  }
  const known = lastDisplays.get(incident.chains);
  if (known?.countedAt === now) {
    return known;
  }
  const display = computeDisplay(incident, now);
  lastDisplays.set(incident.chains, display);
  return display;
}

function computeDisplay(incident: Incident, now: number): IncidentDisplay {
  const { chains, streams, startedAt, firstCut } = incident;
  const ofStreams = streams > 1 ? streamsOfIncident(incident, now) : [];
  return {
    countedAt: now,
    outages: incident.outages,
    silentSince: firstCut
      ? silentSince({
          ...firstCut.verdict,
          startedAt: firstCut.event.startedAt,
          endedAt: startedAt,
        })
      : null,
    downSince: chains.findLast(({ endedAt }) => endedAt === null)?.startedAt ?? null,
    shownStreams: ofStreams.slice(0, MAX_STREAMS),
    domains: streams > 1 ? new Set(ofStreams.map(({ domain }) => domain)).size : 1,
    places: countPlaces(incident),
  };
}
