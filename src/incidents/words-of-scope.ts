import type { BreakEvent } from '../model/break.ts';
import type { Facts } from '../model/facts.ts';
import type { DisplayedIncident, Incident, IncidentDisplay, ScopeKind } from '../model/incident.ts';

/** Facts of one push. They are not true of other streams with the same cause. */
const FACTS_OF_ONE = [
  'stream',
  'secondsLive',
  'durationMs',
  'txTime',
  'secondsPastExpiry',
  'secondsPastExpiryAtBreak',
  'secondsSincePreviousBreak',
  'breaksOfStream10m',
  'endsOfStream10m',
  'room',
  'user',
  'streamType',
  'samplesBeforeBreak',
  'fpsBeforeBreak',
  'videoRateBeforeBreak',
  'recordId',
  'contact',
  'vip',
] as const;

/** Facts that name a place, and the counts that are about that place. */
const FACTS_OF_PLACE = {
  clientIp: ['breaksOfClientIp5m', 'sameReasonOfAddress5m', 'linkCutsOfAddress5m'],
  node: [
    'breaksOfNode5m',
    'sameReasonOfNode5m',
    'linkCutsOfNode5m',
    'liveOfNode5m',
    'shareOfNode5m',
    'linkCutShareOfNode5m',
  ],
  domain: ['breaksOfDomain5m', 'sameReasonOfDomain5m', 'liveOfDomain5m', 'shareOfDomain5m'],
  app: ['sameReasonOfApp5m', 'liveOfApp5m', 'shareOfApp5m'],
} as const;
type PlaceName = keyof typeof FACTS_OF_PLACE;

/** Rules about one place have it in their id, as in `network/node-wide-cut`. */
const CLAIMS: readonly { id: RegExp; kind: ScopeKind; place: Exclude<PlaceName, 'app'> }[] = [
  { id: /\bsite-wide\b/, kind: 'clientNetwork', place: 'clientIp' },
  { id: /\bnode-wide\b/, kind: 'node', place: 'node' },
  { id: /\bdomain-wide\b/, kind: 'domain', place: 'domain' },
];

/** Rules about one stream: others are fine, or it breaks again and again. */
const ABOUT_ONE = /\b(?:single-stream|flapping)\b/;

/** Returns the kind of scope that a rule is about by its id; null for any other rule. */
export function kindOfRule(ruleId: string): ScopeKind | null {
  if (ABOUT_ONE.test(ruleId)) {
    return 'stream';
  }
  return CLAIMS.find(({ id }) => id.test(ruleId))?.kind ?? null;
}

/**
 * Removes from the facts of a break what is not true of all streams of its incident, so that a text about
 * many streams names no address, node or URL of one of them.
 */
export function factsOfAll(facts: Facts, incident: Incident | DisplayedIncident): Facts {
  if (incident.streams < 2) {
    return facts;
  }
  const gone = new Set<string>(FACTS_OF_ONE);
  const places = countPlaces(incident);
  for (const [place, counts] of Object.entries(FACTS_OF_PLACE)) {
    if (places[place as PlaceName] > 1) {
      for (const name of [place, ...counts]) {
        gone.add(name);
      }
    }
  }
  return Object.fromEntries(Object.entries(facts).filter(([name]) => !gone.has(name)));
}

/** A rule about one place, though the streams were in several. */
export interface PlaceConflict {
  place: 'address' | 'node' | 'domain';
  /** Number of places of the streams. */
  count: number;
}

/** Tells whether the rule of an incident is about one place, but its streams were in several. */
export function conflictOf(incident: Incident | DisplayedIncident): PlaceConflict | null {
  const claim = CLAIMS.find(({ id }) => id.test(incident.cause.verdict.rule.id));
  if (!claim || incident.streams < 2 || incident.scope.kind === claim.kind) {
    return null;
  }
  const count = countPlaces(incident)[claim.place];
  return count < 2 ? null : { place: claim.place === 'clientIp' ? 'address' : claim.place, count };
}

type Places = Readonly<Record<PlaceName, Set<string>>>;

/** Each text of a card asks for the places again, and an incident may have many thousand breaks. */
const placesOfIncident = new WeakMap<Incident['chains'], IncidentDisplay['places']>();

/** Counts the different places of the streams of an incident, as far as known. */
export function countPlaces(incident: Incident | DisplayedIncident): IncidentDisplay['places'] {
  if ('display' in incident) {
    return incident.display.places;
  }
  const { chains, past } = incident;
  let known = placesOfIncident.get(chains);
  if (known === undefined) {
    const { clientIp, node, domain, app } = findPlaces(chains, past);
    known = { clientIp: clientIp.size, node: node.size, domain: domain.size, app: app.size };
    placesOfIncident.set(chains, known);
  }
  return known;
}

function findPlaces(chains: Incident['chains'], past: Incident['past']): Places {
  const places: Places = {
    clientIp: new Set(),
    node: new Set(),
    domain: new Set(),
    app: new Set(),
  };
  const add = ({ clientIp, node, domain, app }: BreakEvent) => {
    if (clientIp !== null) {
      places.clientIp.add(clientIp);
    }
    if (node !== null) {
      places.node.add(node);
    }
    places.domain.add(domain);
    places.app.add(`${domain}/${app}`);
  };
  for (const { breaks } of chains) {
    for (const { event } of breaks) {
      add(event);
    }
  }
  for (const { record } of past?.samples.values() ?? []) {
    add(record.event);
  }
  return places;
}
