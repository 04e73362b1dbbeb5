import { createHash } from 'node:crypto';
import type { ArrivedEnd } from '../../css/read-arrival.ts';
import type { BreakEvent } from '../../model/break-event.ts';
import type { FactValue } from '../../model/facts.ts';
import type { ReasonCode } from '../../model/reason-code.ts';
import { matchReason, type ReasonMatch } from '../../reasons/match-reason.ts';
import { reasonById } from '../../reasons/reason-catalogue.ts';
import { pairObservations } from './pair-observations.ts';
import type { Pairable, Reach } from './pairing-terms.ts';

/** One source's account of the end of a push. */
export interface Observation extends ArrivedEnd {
  /** Its place in the journal; undefined when it was not looked up, as it stands alone. */
  seq: number | undefined;
}

/** The sightings of one event: of each source one at most, and one at least. */
export interface ObservationGroup {
  /** Callback first, then API, then file. */
  observations: Observation[];
  /** All that this hangs on lies in here. */
  reach: Reach;
}

/** An event without what diagnosis and pairing of breaks with pushes add to it. */
export type MergedEvent = Omit<BreakEvent, 'outcome' | 'recoveredAt' | 'facts'>;

/** Whose words win where several speak: the callback is written at the moment of the break. */
const RANK = { callback: 0, api: 1, file: 2 };

/** Finds the reason of an event from everything that its sources said. */
export function reasonOf(
  event: Pick<BreakEvent, 'code' | 'reasonText' | 'bypassCode'>,
): ReasonMatch {
  return matchReason({
    errcode: event.code?.errcode ?? null,
    subErrcode: event.code?.subErrcode ?? null,
    text: event.reasonText,
    bypassCode: event.bypassCode,
  });
}

/** Names a sighting among all of its account. */
export function observationKey({
  source,
  key,
}: Pick<Observation['sourceKey'], 'source' | 'key'>): string {
  return `${source} ${key}`;
}

interface Node extends Pairable {
  observations: Observation[];
  matches: ReasonMatch[];
}

/**
 * Finds out which sightings of one stream are the same break. It is a pure function of the
 * sightings: neither their order nor what was concluded before plays a part, so whatever order and
 * batches they arrive in, the events are the same in the end. Callbacks are paired with the API's
 * records first, then what was read from files joins them.
 *
 * @param known - sightings are known within this only (everywhere, when absent)
 */
export function groupObservations(
  observations: readonly Observation[],
  known?: Reach,
): ObservationGroup[] {
  const of = (source: Observation['sourceKey']['source']) =>
    observations.filter((one) => one.sourceKey.source === source).map(nodeOf);
  const online = pairUp(of('callback'), of('api'), known);
  const files = of('file');
  return files.length === 0 ? online.map(({ group }) => group) : joinFiles(online, files, known);
}

interface Paired {
  node: Node;
  group: ObservationGroup;
}

function nodeOf(observation: Observation): Node {
  const { endedAt, startedAt, sourceKey } = observation;
  return {
    endedAt,
    startedAt,
    key: observationKey(sourceKey),
    observations: [observation],
    matches: [reasonOf(observation)],
  };
}

function pairUp(left: Node[], right: Node[], known: Reach | undefined): Paired[] {
  return pairObservations(left, right, couldBeSame, known).map((pairing) => {
    const { left: first, right: second, reach } = pairing;
    const lead = (first ?? second) as Node;
    const node: Node = {
      ...lead,
      startedAt: lead.startedAt ?? second?.startedAt ?? null,
      observations: [...(first?.observations ?? []), ...(second?.observations ?? [])],
      matches: [...(first?.matches ?? []), ...(second?.matches ?? [])],
    };
    return { node, group: { observations: node.observations, reach } };
  });
}

function joinFiles(
  online: readonly Paired[],
  files: Node[],
  known: Reach | undefined,
): ObservationGroup[] {
  const reaches = new Map(online.map(({ node, group }) => [node.key, group.reach]));
  return pairUp(
    online.map(({ node }) => node),
    files,
    known,
  ).map(({ node, group }) => {
    const { from, to } = reaches.get(node.key) ?? group.reach;
    const reach = { from: Math.min(from, group.reach.from), to: Math.max(to, group.reach.to) };
    return { observations: group.observations, reach };
  });
}

function couldBeSame(left: Node, right: Node): boolean {
  return left.matches.every((one) => right.matches.every((other) => couldShareReason(one, other)));
}

/** What tells nothing fits all: no code, or 0, with words that nobody knows. */
function tellsNothing({ reason, code }: ReasonMatch): boolean {
  return (reason === 'unrecognized' || reason === 'unknown') && !code?.errcode;
}

function couldShareReason(one: ReasonMatch, other: ReasonMatch): boolean {
  return (
    one.reason === other.reason ||
    tellsNothing(one) ||
    tellsNothing(other) ||
    one.alternates.includes(other.reason) ||
    other.alternates.includes(one.reason) ||
    codesOf(one).some((code) => codesOf(other).some((second) => couldBeSameCode(code, second)))
  );
}

function codesOf({ code, reason }: ReasonMatch): readonly ReasonCode[] {
  return code ? [code] : (reasonById(reason)?.codes ?? []);
}

/** Callbacks are not documented to have a sub code, so one without fits any of its errcode. */
function couldBeSameCode(one: ReasonCode, other: ReasonCode): boolean {
  return (
    one.errcode === other.errcode &&
    (!one.subErrcode || !other.subErrcode || one.subErrcode === other.subErrcode)
  );
}

/**
 * Makes one event of its sightings: the callback's words win where several speak, and gaps are
 * filled from the others.
 *
 * Its id comes from the sighting that the journal has first. So it stays when another source tells
 * of the same break later, whichever that is, and the journal alone determines it: deriving it all
 * again gives the same ids. (An id made from the callback's key would change when the API came
 * first, under the eyes of whoever had kept it.) As no sighting is part of two events, no two
 * events share an id.
 */
export function mergeObservations(observations: readonly Observation[]): MergedEvent {
  const ranked = [...observations].sort(
    (a, b) => RANK[a.sourceKey.source] - RANK[b.sourceKey.source],
  );
  const [best] = ranked as [Observation];
  const arrived = [...observations].sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0));
  const first = <K extends keyof Observation>(name: K) =>
    (ranked.find((one) => one[name] !== null) ?? best)[name];
  const event = {
    id: idOf(arrived[0] as Observation),
    account: best.account,
    domain: best.domain,
    app: best.app,
    stream: best.stream,
    startedAt: first('startedAt'),
    endedAt: best.endedAt,
    durationMs: first('durationMs'),
    code: first('code'),
    bypassCode: first('bypassCode'),
    // The API's sentence is one of the reason table; a callback's errmsg may be raw and English.
    reasonText:
      ranked.find((one) => one.reasonText !== null && one.sourceKey.source !== 'callback')
        ?.reasonText ?? best.reasonText,
    clientIp: first('clientIp'),
    node: first('node'),
    resolution: first('resolution'),
    sequence: first('sequence'),
    sources: arrived.map((one) => one.sourceKey),
  };
  return { ...event, reason: reasonOf(event).reason };
}

/** What was derived from the push URL, of all sightings together. */
export function mergeDerived(observations: readonly Observation[]): Record<string, FactValue> {
  const derived: Record<string, FactValue> = {};
  for (const observation of [...observations].sort(
    (a, b) => RANK[b.sourceKey.source] - RANK[a.sourceKey.source],
  )) {
    Object.assign(derived, observation.derived);
    if (observation.setId !== null) {
      derived.mainlandChina = observation.setId >= 1 && observation.setId <= 6;
    }
  }
  return derived;
}

function idOf({ account, sourceKey }: Observation): string {
  return createHash('sha256')
    .update(JSON.stringify([account, sourceKey.source, sourceKey.key]))
    .digest('hex')
    .slice(0, 20);
}
