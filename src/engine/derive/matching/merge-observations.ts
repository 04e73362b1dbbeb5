import { createHash } from 'node:crypto';
import type { ArrivedEnd } from '../../../css/read-arrival.ts';
import type { BreakEvent, ReasonCode } from '../../../model/break.ts';
import type { FactValue } from '../../../model/facts.ts';
import { matchReason, type ReasonMatch } from '../../../reasons/match-reason.ts';
import { reasonById } from '../../../reasons/reason-catalogue.ts';
import { pairObservations } from './pair-observations.ts';
import type { Pairable, TimeSpan } from './pairing.ts';

/** One source's report of the end of a push. */
export interface Observation extends ArrivedEnd {
  /** Its place in the journal; undefined when it was not read because nothing depends on it. */
  seq: number | undefined;
}

/** The observations of one event: at least one, and at most one from each source. */
export interface ObservationGroup {
  /** Callback first, then API, then file. */
  observations: Observation[];
  /** Observations outside this span cannot change the group. */
  dependsOn: TimeSpan;
}

/** An event before diagnosis and recovery are added. */
export type MergedEvent = Omit<BreakEvent, 'outcome' | 'recoveredAt' | 'facts'>;

/** Lower wins where sources disagree: CSS writes the callback at the moment of the break. */
const SOURCE_RANK = { callback: 0, api: 1, file: 2 };

/** Finds the reason of an event from everything its sources reported. */
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

/** Identifies an observation within its account. */
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
 * Groups the observations of one stream that report the same break. The result depends on the
 * observations alone, not on their order or on earlier results, so any order and any batches of
 * arrival give the same events. Callbacks are paired with API records first; file records are then
 * added to those pairs.
 *
 * @param known - the span for which all observations were read; all time when absent
 */
export function groupObservations(
  observations: readonly Observation[],
  known?: TimeSpan,
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

function pairUp(left: Node[], right: Node[], known: TimeSpan | undefined): Paired[] {
  return pairObservations(left, right, couldBeSame, known).map((pairing) => {
    const { left: first, right: second, dependsOn } = pairing;
    const lead = (first ?? second) as Node;
    const node: Node = {
      ...lead,
      startedAt: lead.startedAt ?? second?.startedAt ?? null,
      observations: [...(first?.observations ?? []), ...(second?.observations ?? [])],
      matches: [...(first?.matches ?? []), ...(second?.matches ?? [])],
    };
    return { node, group: { observations: node.observations, dependsOn } };
  });
}

function joinFiles(
  online: readonly Paired[],
  files: Node[],
  known: TimeSpan | undefined,
): ObservationGroup[] {
  const dependsOnOf = new Map(online.map(({ node, group }) => [node.key, group.dependsOn]));
  return pairUp(
    online.map(({ node }) => node),
    files,
    known,
  ).map(({ node, group }) => {
    const { from, to } = dependsOnOf.get(node.key) ?? group.dependsOn;
    const dependsOn = {
      from: Math.min(from, group.dependsOn.from),
      to: Math.max(to, group.dependsOn.to),
    };
    return { observations: group.observations, dependsOn };
  });
}

function couldBeSame(left: Node, right: Node): boolean {
  return left.matches.every((one) => right.matches.every((other) => couldShareReason(one, other)));
}

/** No code, or code 0, and a text that we do not know: such a report fits any other. */
function isUninformative({ reason, code }: ReasonMatch): boolean {
  return (reason === 'unrecognized' || reason === 'unknown') && !code?.errcode;
}

function couldShareReason(one: ReasonMatch, other: ReasonMatch): boolean {
  return (
    one.reason === other.reason ||
    isUninformative(one) ||
    isUninformative(other) ||
    one.alternates.includes(other.reason) ||
    other.alternates.includes(one.reason) ||
    codesOf(one).some((code) => codesOf(other).some((second) => couldBeSameCode(code, second)))
  );
}

function codesOf({ code, reason }: ReasonMatch): readonly ReasonCode[] {
  return code ? [code] : (reasonById(reason)?.codes ?? []);
}

/** Callbacks have no documented sub code, so a code without one fits every sub code of its errcode. */
function couldBeSameCode(one: ReasonCode, other: ReasonCode): boolean {
  return (
    one.errcode === other.errcode &&
    (!one.subErrcode || !other.subErrcode || one.subErrcode === other.subErrcode)
  );
}

/**
 * Merges the observations of one event. Where they disagree, the callback wins; what it lacks is
 * filled from the others.
 *
 * The id is made from the observation that comes first in the journal. It therefore stays the same
 * when another source reports the break later, and deriving the journal again gives the same ids.
 * (An id made from the callback's key would change if the API record had arrived first.) No
 * observation belongs to two events, so ids are unique.
 */
export function mergeObservations(observations: readonly Observation[]): MergedEvent {
  const ranked = [...observations].sort(
    (a, b) => SOURCE_RANK[a.sourceKey.source] - SOURCE_RANK[b.sourceKey.source],
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
    // The API uses the texts of the reason table; a callback's errmsg may be a raw English message.
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

/** Merges the facts that all observations derived from the push URL. */
export function mergeDerived(observations: readonly Observation[]): Record<string, FactValue> {
  const derived: Record<string, FactValue> = {};
  for (const observation of [...observations].sort(
    (a, b) => SOURCE_RANK[b.sourceKey.source] - SOURCE_RANK[a.sourceKey.source],
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
