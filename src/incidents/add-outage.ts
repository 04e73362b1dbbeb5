import { type BreakRecord, streamText } from '../model/break.ts';
import {
  type Chain,
  type IncidentPast,
  isFlap,
  type PastCause,
  type PastStream,
} from '../model/incident.ts';
import { causeKeyOf } from './cause-of-outage.ts';
import type { AlertThreshold, FoldContext } from './fold-context.ts';
import { earlierChain, later } from './incident-order.ts';
import type { IncidentOptions } from './options.ts';
import {
  addExample,
  countRule,
  earliest,
  entry,
  newCause,
  newRule,
  withFirstBreak,
} from './parts-of-past.ts';
import { NEARBY_FACTS } from './strip-record.ts';

const MAX_SAMPLES = 20_000;
/** Moments of one group whose alert has not reached its threshold. */
const MAX_MOMENTS = 2_000;

/** Adds an outage that is over to totals. Outages of one stream come oldest first. @param past - changed */
export function addOutage(past: IncidentPast, chain: Chain, context: FoldContext): void {
  const { startedAt, breaks, firstCause, decisive, blocker } = chain;
  const endedAt = chain.endedAt as number;
  const lastBreakAt = (breaks.at(-1) as BreakRecord).event.endedAt;
  past.outages += 1;
  past.breaks += breaks.length;
  past.first = earlierChain(past.first, withFirstBreak(chain));
  past.names.add(past.first.id);
  addExample(past, { startedAt, id: chain.id, name: nameOf(chain) });
  past.updatedAt = Math.max(past.updatedAt, endedAt, lastBreakAt);
  past.endedAt = Math.max(past.endedAt, endedAt);
  past.down.push({ from: startedAt, to: endedAt });
  addStream(past, chain, { endedAt, lastBreakAt }, context.options);
  if (firstCause) {
    countRule(
      entry(past.cuts, firstCause.verdict.reason, () => new Map()),
      firstCause,
    );
  }
  const causeKey = causeKeyOf(chain);
  const { reason } = decisive.verdict;
  addCause(
    entry(past.causes, `${causeKey}\n${reason}`, () => newCause(causeKey, reason)),
    decisive,
  );
  for (const record of breaks) {
    const { event, verdict } = record;
    past.reasons.set(verdict.reason, (past.reasons.get(verdict.reason) ?? 0) + 1);
    addToRule(past, record, context);
    addSample(past, record, record === decisive);
    if (context.isName(event.id)) {
      past.names.add(event.id);
    }
    if (firstCause && blocker && verdict.outcome === 'refused') {
      past.blockedAt = Math.min(past.blockedAt, event.endedAt);
    }
  }
}

function nameOf({ domain, app, stream }: Chain): string {
  return `${domain}/${app}/${stream}`;
}

function addStream(
  past: IncidentPast,
  chain: Chain,
  { endedAt, lastBreakAt }: { endedAt: number; lastBreakAt: number },
  options: IncidentOptions,
): void {
  const { account, domain, app, stream, startedAt } = chain;
  const last = { account, domain, app, stream, startedAt, lastBreakAt };
  const key = streamText(chain);
  const known = past.streams.get(key);
  const from = Math.max(startedAt, known?.endedAt ?? startedAt);
  past.lostMs += Math.max(0, endedAt - from);
  const next: PastStream = known ?? {
    last,
    endedAt,
    wasLive: false,
    cuts: [],
    flapsSince: null,
  };
  next.last = last.startedAt >= next.last.startedAt ? last : next.last;
  next.endedAt = Math.max(next.endedAt, endedAt);
  next.wasLive ||= chain.firstCause !== null;
  if (isFlap(chain)) {
    next.flapsSince = addCut(next.cuts, startedAt, next.flapsSince, options);
  }
  past.streams.set(key, next);
}

/** Windows of flapping, ms. */
type FlapOptions = Pick<IncidentOptions, 'flapBreaks' | 'flapWindowMs' | 'steadyMs'>;

/**
 * Adds a cut to the latest cuts of a stream.
 *
 * @param cuts - starts of the latest cuts, in order; changed
 * @param since - since when the stream had been flapping before this cut
 * @returns since when it has been flapping; null when it is not
 */
function addCut(
  cuts: number[],
  startedAt: number,
  since: number | null,
  { flapBreaks, flapWindowMs, steadyMs }: FlapOptions,
): number | null {
  const before = cuts.at(-1);
  const found = before !== undefined && startedAt - before >= steadyMs ? null : since;
  const first = cuts[cuts.length - flapBreaks + 1];
  cuts.push(startedAt);
  cuts.splice(0, cuts.length - flapBreaks + 1);
  return found ?? (first !== undefined && startedAt - first <= flapWindowMs ? first : null);
}

function addCause(cause: PastCause, record: BreakRecord): void {
  countRule(cause.rules, record);
  for (const name of NEARBY_FACTS) {
    const count = record.event.facts[name];
    if (typeof count === 'number' && count > 0) {
      const ofFact = entry(cause.nearby, name, () => new Map());
      countRule(
        entry(ofFact, count, () => new Map()),
        record,
      );
    }
  }
  cause.latest.push(record);
}

function addToRule(past: IncidentPast, record: BreakRecord, context: FoldContext): void {
  const { verdict, event } = record;
  if (verdict.outcome === 'ended') {
    return;
  }
  const { id } = verdict.rule;
  const rule = entry(past.rules, `${id}\n${verdict.reason}`, () => newRule(id, record));
  rule.count += 1;
  rule.record = later(rule.record, record);
  const alert = context.thresholdOf(record);
  if (alert && event.endedAt < (rule.reached ?? Number.POSITIVE_INFINITY)) {
    const moments = entry(rule.groups, alert.group, () => []);
    insert(moments, event.endedAt);
    moments.splice(0, moments.length - MAX_MOMENTS);
    rule.reached = earliest(rule.reached, firstReached(moments, alert));
  }
}

/**
 * Finds when there were as many breaks within the window as an alert needs.
 *
 * @param moments - in order, epoch ms UTC
 */
function firstReached(
  moments: readonly number[],
  { threshold, windowMs }: AlertThreshold,
): number | null {
  return (
    moments.find(
      (moment, index) =>
        index >= threshold - 1 && moment - (moments[index - threshold + 1] as number) <= windowMs,
    ) ?? null
  );
}

function insert(moments: number[], moment: number): void {
  let place = moments.length;
  while (place > 0 && (moments[place - 1] as number) > moment) {
    place -= 1;
  }
  moments.splice(place, 0, moment);
}

function addSample(past: IncidentPast, record: BreakRecord, decisive: boolean): void {
  const { event, verdict } = record;
  const { domain, app, stream, node, clientIp } = event;
  const key = [domain, app, stream, verdict.rule.id, verdict.reason, node, clientIp].join('\n');
  const known = past.samples.get(key);
  if (known) {
    known.decisive ||= decisive;
  } else if (past.samples.size < MAX_SAMPLES) {
    past.samples.set(key, { record, decisive });
  }
}
