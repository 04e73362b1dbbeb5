import { type BreakRecord, streamText } from '../model/break.ts';
import {
  type Chain,
  type IncidentPast,
  isFlap,
  type PastCause,
  type PastRule,
  type PastStream,
  type RuleCounts,
} from '../model/incident.ts';
import { causeKeyOf } from './cause-of-outage.ts';
import type { IncidentOptions } from './options.ts';
import { NEARBY_FACTS } from './strip-record.ts';

const MAX_EXAMPLES = 10;
/** Stretches of down time; an incident stores fewer turns than these make. */
const MAX_DOWN = 300;
/** The latest decisive breaks of one reason. */
export const MAX_LATEST = 100;
const MAX_SAMPLES = 20_000;
/** Moments of one group whose alert has not reached its threshold. */
const MAX_MOMENTS = 2_000;

/** When an alert counts breaks together: their group, and the number of them within a time. */
interface AlertThreshold {
  group: string;
  threshold: number;
  windowMs: number;
}

/** What is folded beside the outages themselves. */
export interface FoldContext {
  /** The threshold of the alert of a break's rule; null when the rule has no alert. */
  thresholdOf(record: BreakRecord): AlertThreshold | null;
  /** Tells whether an incident or an alert is named after this break. */
  isName(id: string): boolean;
  options: IncidentOptions;
}

/**
 * Folds outages that are over into totals. The order of the outages of different streams changes
 * nothing; those of one stream come oldest first.
 *
 * @param chains - outages of one incident; at least one
 * @param pasts - totals of its earlier ones; they are not changed
 */
export function foldOutages(
  chains: readonly Chain[],
  pasts: readonly IncidentPast[],
  context: FoldContext,
): IncidentPast {
  const totals = emptyPast(chains[0] as Chain);
  for (const past of pasts) {
    addPast(totals, past);
  }
  for (const chain of chains) {
    addOutage(totals, chain, context);
  }
  tidy(totals);
  return totals;
}

/**
 * Joins totals of incidents that became one.
 *
 * @param pasts - at least one; they are not changed
 */
export function joinPasts(pasts: readonly IncidentPast[]): IncidentPast | null {
  const [first, ...others] = pasts;
  if (!first || others.length === 0) {
    return first ?? null;
  }
  const all = emptyPast(first.first);
  for (const past of pasts) {
    addPast(all, past);
  }
  tidy(all);
  return all;
}

/** Adds a break to counts by rule. */
export function countRule(rules: RuleCounts, record: BreakRecord, count = 1): void {
  const { id } = record.verdict.rule;
  const known = rules.get(id);
  if (known) {
    known.count += count;
    known.record = later(known.record, record);
  } else {
    rules.set(id, { count, record });
  }
}

/** Returns the later one of two breaks; the one with the smaller id when they have one time. */
export function later(a: BreakRecord, b: BreakRecord): BreakRecord {
  const isLater = b.event.endedAt - a.event.endedAt || (a.event.id < b.event.id ? 1 : -1);
  return isLater > 0 ? b : a;
}

/** Returns the earlier one of two outages. */
export function earlierChain(a: Chain, b: Chain): Chain {
  return compareStarts(a, b) < 0 ? a : b;
}

function emptyPast(first: Chain): IncidentPast {
  return {
    outages: 0,
    breaks: 0,
    first: withFirstBreak(first),
    examples: [],
    streams: new Map(),
    updatedAt: 0,
    endedAt: Number.NEGATIVE_INFINITY,
    lostMs: 0,
    down: [],
    blockedAt: Number.POSITIVE_INFINITY,
    cuts: new Map(),
    causes: new Map(),
    reasons: new Map(),
    rules: new Map(),
    samples: new Map(),
    names: new Set(),
  };
}

function withFirstBreak(chain: Chain): Chain {
  return { ...chain, breaks: chain.breaks.slice(0, 1) };
}

function addOutage(past: IncidentPast, chain: Chain, context: FoldContext): void {
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

function addExample(past: IncidentPast, example: IncidentPast['examples'][number]): void {
  const { examples } = past;
  const known = examples.find(({ name }) => name === example.name);
  if (known) {
    if (compareStarts(example, known) < 0) {
      Object.assign(known, example);
      examples.sort(compareStarts);
    }
  } else if (
    examples.length < MAX_EXAMPLES ||
    compareStarts(example, examples.at(-1) as typeof example) < 0
  ) {
    examples.push({ ...example });
    examples.sort(compareStarts);
    examples.length = Math.min(examples.length, MAX_EXAMPLES);
  }
}

/** Order of outages and of incidents: by start, then by id. */
export function compareStarts(
  a: { startedAt: number; id: string },
  b: { startedAt: number; id: string },
): number {
  return a.startedAt - b.startedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
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

function newCause(causeKey: string, reason: string): PastCause {
  return { causeKey, reason, rules: new Map(), nearby: new Map(), latest: [] };
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

function newRule(rule: string, record: BreakRecord): PastRule {
  const { reason } = record.verdict;
  return { rule, reason, count: 0, record, reached: null, groups: new Map() };
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

function earliest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
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

/** Brings bounded lists into order and to their length. */
function tidy(past: IncidentPast): void {
  past.down = unionOf(past.down);
  past.down.splice(1, past.down.length - MAX_DOWN);
  for (const cause of past.causes.values()) {
    if (cause.latest.length > MAX_LATEST) {
      cause.latest.sort((a, b) => (later(a, b) === a ? 1 : -1));
      cause.latest.splice(0, cause.latest.length - MAX_LATEST);
    }
  }
  for (const rule of past.rules.values()) {
    for (const [group, moments] of rule.reached === null ? [] : rule.groups) {
      const kept = moments.filter((moment) => moment <= (rule.reached as number));
      if (kept.length === 0) {
        rule.groups.delete(group);
      } else if (kept.length < moments.length) {
        rule.groups.set(group, kept);
      }
    }
  }
}

/** Joins stretches of time that overlap or touch. */
function unionOf(stretches: IncidentPast['down']): IncidentPast['down'] {
  stretches.sort((a, b) => a.from - b.from || a.to - b.to);
  const joined: IncidentPast['down'] = [];
  for (const { from, to } of stretches) {
    const last = joined.at(-1);
    if (last && from <= last.to) {
      last.to = Math.max(last.to, to);
    } else {
      joined.push({ from, to });
    }
  }
  return joined;
}

function addPast(all: IncidentPast, past: IncidentPast): void {
  all.outages += past.outages;
  all.breaks += past.breaks;
  all.first = earlierChain(all.first, past.first);
  for (const example of past.examples) {
    addExample(all, example);
  }
  for (const [key, stream] of past.streams) {
    const known = all.streams.get(key);
    all.streams.set(
      key,
      known ? joinStreams(known, stream) : { ...stream, cuts: [...stream.cuts] },
    );
  }
  all.updatedAt = Math.max(all.updatedAt, past.updatedAt);
  all.endedAt = Math.max(all.endedAt, past.endedAt);
  all.lostMs += past.lostMs;
  all.down.push(...past.down);
  all.blockedAt = Math.min(all.blockedAt, past.blockedAt);
  for (const [reason, rules] of past.cuts) {
    addRules(
      entry(all.cuts, reason, () => new Map()),
      rules,
    );
  }
  for (const [key, cause] of past.causes) {
    const own = entry(all.causes, key, () => newCause(cause.causeKey, cause.reason));
    addRules(own.rules, cause.rules);
    own.latest.push(...cause.latest);
    for (const [name, counts] of cause.nearby) {
      for (const [count, rules] of counts) {
        addRules(
          entry(
            entry(own.nearby, name, () => new Map()),
            count,
            () => new Map(),
          ),
          rules,
        );
      }
    }
  }
  for (const [reason, count] of past.reasons) {
    all.reasons.set(reason, (all.reasons.get(reason) ?? 0) + count);
  }
  for (const [key, rule] of past.rules) {
    const own = entry(all.rules, key, () => newRule(rule.rule, rule.record));
    own.count += rule.count;
    own.record = later(own.record, rule.record);
    own.reached = earliest(own.reached, rule.reached);
    for (const [group, moments] of rule.groups) {
      const joined = [...(own.groups.get(group) ?? []), ...moments];
      own.groups.set(
        group,
        joined.sort((a, b) => a - b),
      );
    }
  }
  for (const [key, { record, decisive }] of past.samples) {
    const known = all.samples.get(key);
    all.samples.set(key, { record, decisive: decisive || (known?.decisive ?? false) });
  }
  for (const name of past.names) {
    all.names.add(name);
  }
}

function joinStreams(a: PastStream, b: PastStream): PastStream {
  const [first, second] = a.last.startedAt <= b.last.startedAt ? [a, b] : [b, a];
  return {
    last: second.last,
    endedAt: Math.max(a.endedAt, b.endedAt),
    wasLive: a.wasLive || b.wasLive,
    cuts: second.cuts.length > 0 ? second.cuts : first.cuts,
    flapsSince: earliest(first.flapsSince, second.flapsSince),
  };
}

function addRules(all: RuleCounts, rules: RuleCounts): void {
  for (const { record, count } of rules.values()) {
    countRule(all, record, count);
  }
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) {
    return known;
  }
  const made = make();
  map.set(key, made);
  return made;
}
