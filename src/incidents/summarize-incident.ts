import { type BreakRecord, streamText } from '../model/break.ts';
import type {
  Chain,
  Incident,
  IncidentPast,
  IncidentState,
  PastCause,
  RuleCounts,
  Scope,
  ScopeKind,
  TimelineEntry,
} from '../model/incident.ts';
import { causeKeyOf } from './cause-of-outage.ts';
import type { Draft } from './draft-incidents.ts';
import { compareStarts, earlierChain, later } from './incident-order.ts';
import { joinPasts, MAX_LATEST } from './incident-past.ts';
import type { IncidentOptions } from './options.ts';
import { countRule } from './parts-of-past.ts';
import type { NEARBY_FACTS } from './strip-record.ts';
import { kindOfRule } from './words-of-scope.ts';

/** What an incident shows of its outages. */
type Summary = Pick<Incident, 'state' | 'endedAt' | 'holdUntil' | 'timeline'>;

/** A chain with the end that counts: its own, or the moment when it was given up. */
interface Stretch {
  chain: Chain;
  stream: string;
  start: number;
  /** Infinite while it lasts. */
  end: number;
  givenUp: boolean;
}

/**
 * Works out what an incident shows.
 *
 * @param known - whether the live pushes are known, so that a share can be told
 * @param now - epoch ms UTC
 */
export function summarizeIncident(
  draft: Draft,
  known: boolean,
  now: number,
  options: IncidentOptions,
): Incident {
  const chains = [...draft.chains].sort(compareStarts);
  const past = joinPasts(draft.pasts);
  const oldest = chains[0] ?? (past as IncidentPast).first;
  const first = past ? earlierChain(past.first, oldest) : oldest;
  const stretches = chains.map((chain) => stretchOf(chain, now, options));
  const down = stretches.filter(({ end }) => end === Number.POSITIVE_INFINITY);
  const downStreams = new Set(down.map(({ stream }) => stream)).size;
  const streams = draft.streams.size;
  const scope =
    draft.scope && streams > 1
      ? draft.scope
      : {
          kind: 'stream' as const,
          account: first.account,
          value: `${first.domain}/${first.app}/${first.stream}`,
        };
  const cause = causeOf(draft, past, down, stretches);
  const firstCause = firstCauseOf(chains, past, cause);
  const liveBefore = known && scope.kind !== 'stream' ? draft.liveBefore : null;
  const wereLive = new Set(
    stretches.filter(({ chain }) => chain.firstCause).map(({ stream }) => stream),
  );
  for (const [stream, { wasLive }] of past?.streams ?? []) {
    if (wasLive) {
      wereLive.add(stream);
    }
  }
  return {
    id: `inc-${first.id}`,
    ...courseOf(draft, past, stretches, now, options),
    scope,
    startedAt: first.startedAt,
    updatedAt: stretches.reduce(
      (latest, { chain }) =>
        Math.max(latest, chain.endedAt ?? 0, chain.breaks.at(-1)?.event.endedAt ?? 0),
      past?.updatedAt ?? 0,
    ),
    chains,
    past,
    outages: draft.outages,
    firstCut: first.firstCause,
    streams,
    streamsDown: downStreams,
    liveBefore,
    share: liveBefore && wereLive.size > 0 ? Math.min(1, wereLive.size / liveBefore) : null,
    lostMs: lostMs(stretches, past, now),
    cause,
    firstCause,
    afterEffects: afterEffects(chains, past, [cause, firstCause]),
  };
}

/** Breaks to choose from: those in memory, and counts of folded ones. */
interface Choice {
  records: BreakRecord[];
  past: readonly PastCause[];
}

/** Chooses the break that stands for the cause: of what is still down, else of all. */
function causeOf(
  { causeKey, scope, streams, common }: Draft,
  past: IncidentPast | null,
  down: readonly Stretch[],
  all: readonly Stretch[],
): BreakRecord {
  const decisiveOf = (some: readonly Stretch[]) => some.map(({ chain }) => chain.decisive);
  const pastCauses = [...(past?.causes.values() ?? [])];
  const whole: Choice = { records: decisiveOf(all), past: pastCauses };
  const current: Choice = down.length > 0 ? { records: decisiveOf(down), past: [] } : whole;
  if (!scope || streams.size < 2) {
    return standIn(current);
  }
  // Of the breaks of a storm, those judged when it could be seen know more.
  const isInformed = ({ chain }: Stretch) => causeKeyOf(chain) === causeKey;
  const informedOf = (some: readonly Stretch[], causes: readonly PastCause[]): Choice => ({
    records: decisiveOf(some.filter(isInformed)),
    past: causes.filter((one) => one.causeKey === causeKey),
  });
  const kinds = [scope, ...common].map(({ kind }) => kind);
  const ofAll = fitting(informedOf(all, pastCauses), kinds);
  const ofDown = fitting(informedOf(down, []), kinds);
  const informed = [ofDown, ofAll].find(isNotEmpty) ?? current;
  const { reason } = standIn(informed).verdict;
  const same: Choice = {
    records: ofAll.records.filter(({ verdict }) => verdict.reason === reason),
    past: ofAll.past.filter((one) => one.reason === reason),
  };
  return isNotEmpty(same) ? bestInformed(same, scope) : standIn(informed);
}

/**
 * Without rules that are about another kind of place than the streams have in common: the uplink of one
 * address does not stand for a group of many. All of them when no other rule is left.
 */
function fitting(choice: Choice, kinds: readonly ScopeKind[]): Choice {
  const fits = (record: BreakRecord) => {
    const kind = kindOfRule(record.verdict.rule.id);
    return kind === null || kinds.includes(kind);
  };
  const onlyFitting = (counts: RuleCounts): RuleCounts =>
    new Map([...counts].filter(([, { record }]) => fits(record)));
  const some: Choice = {
    records: choice.records.filter(fits),
    past: choice.past
      .map((cause) => ({
        ...cause,
        rules: onlyFitting(cause.rules),
        nearby: new Map(
          [...cause.nearby].map(([name, counts]) => [
            name,
            new Map(
              [...counts]
                .map(([count, rules]) => [count, onlyFitting(rules)] as const)
                .filter(([, rules]) => rules.size > 0),
            ),
          ]),
        ),
        latest: cause.latest.filter(fits),
      }))
      .filter(({ rules }) => rules.size > 0),
  };
  return isNotEmpty(some) ? some : choice;
}

function isNotEmpty({ records, past }: Choice): boolean {
  return records.length > 0 || past.length > 0;
}

/** What cut most of the live pushes, when it is not the cause. */
function firstCauseOf(
  chains: readonly Chain[],
  past: IncidentPast | null,
  cause: BreakRecord,
): BreakRecord | null {
  const { reason } = cause.verdict;
  const others: RuleCounts = new Map();
  let cuts = 0;
  let otherCuts = 0;
  const add = (record: BreakRecord, count: number) => {
    cuts += count;
    if (record.verdict.reason !== reason) {
      otherCuts += count;
      countRule(others, record, count);
    }
  };
  for (const { firstCause } of chains) {
    if (firstCause) {
      add(firstCause, 1);
    }
  }
  for (const rules of past?.cuts.values() ?? []) {
    for (const { record, count } of rules.values()) {
      add(record, count);
    }
  }
  return otherCuts * 2 > cuts ? mostFrequent(others) : null;
}

/** What a break saw of a storm in this kind of scope, before it. */
const SEEN_IN: Partial<Record<ScopeKind, (typeof NEARBY_FACTS)[number]>> = {
  node: 'breaksOfNode5m',
  clientNetwork: 'breaksOfClientIp5m',
};
/** A break that knew this part of what another knew is as well informed. */
const WELL_INFORMED = 0.75;

/**
 * The first breaks of a storm were diagnosed before there was anything to be seen of it. Those that knew
 * of most breaks around them are better informed; when none knew of any, the latter half are, up to 100.
 */
function bestInformed({ records, past }: Choice, { kind }: Scope): BreakRecord {
  const fact = SEEN_IN[kind] ?? 'breaksOfDomain5m';
  const seenBy = ({ event }: BreakRecord) => {
    const count = event.facts[fact];
    return typeof count === 'number' ? count : 0;
  };
  const seen = past.flatMap(({ nearby }) => [...(nearby.get(fact) ?? [])]);
  const max = Math.max(
    records.reduce((most, record) => Math.max(most, seenBy(record)), 0),
    seen.reduce((most, [count]) => Math.max(most, count), 0),
  );
  if (max > 0) {
    const rules: RuleCounts = new Map();
    for (const record of records) {
      if (seenBy(record) >= max * WELL_INFORMED) {
        countRule(rules, record);
      }
    }
    for (const [count, counts] of seen) {
      if (count >= max * WELL_INFORMED) {
        addCounts(rules, counts);
      }
    }
    return mostFrequent(rules);
  }
  const all = records.length + past.reduce((sum, { rules }) => sum + sumOf(rules), 0);
  const latest = [...records, ...past.flatMap((one) => one.latest)].sort((a, b) =>
    later(a, b) === a ? 1 : -1,
  );
  const latter = Math.min(all - Math.floor(all / 2), MAX_LATEST);
  return standIn({ records: latest.slice(-latter), past: [] });
}

function stretchOf(chain: Chain, now: number, { giveUpMs }: IncidentOptions): Stretch {
  const stream = streamText(chain);
  const lastTry = chain.breaks.at(-1)?.event.endedAt ?? chain.startedAt;
  const givenUp = chain.endedAt === null && now - lastTry >= giveUpMs;
  const end = givenUp ? lastTry + giveUpMs : (chain.endedAt ?? Number.POSITIVE_INFINITY);
  return { chain, stream, start: chain.startedAt, end, givenUp };
}

/** Time down, overlaps of one stream counted once, summed over streams. */
function lostMs(stretches: readonly Stretch[], past: IncidentPast | null, now: number): number {
  const until = new Map<string, number>();
  let lost = past?.lostMs ?? 0;
  for (const { stream, start, end } of stretches) {
    const before = until.get(stream) ?? past?.streams.get(stream)?.endedAt;
    const from = Math.max(start, before ?? start);
    const to = Math.min(end, now);
    if (to > from) {
      lost += to - from;
      until.set(stream, to);
    }
  }
  return lost;
}

/** The break that stands for many: the latest one of the most frequent rule. */
function standIn({ records, past }: Choice): BreakRecord {
  const rules: RuleCounts = new Map();
  for (const record of records) {
    countRule(rules, record);
  }
  for (const cause of past) {
    addCounts(rules, cause.rules);
  }
  return mostFrequent(rules);
}

function addCounts(rules: RuleCounts, counts: RuleCounts): void {
  for (const { record, count } of counts.values()) {
    countRule(rules, record, count);
  }
}

function sumOf(rules: RuleCounts): number {
  return [...rules.values()].reduce((sum, { count }) => sum + count, 0);
}

function mostFrequent(rules: RuleCounts): BreakRecord {
  const [best] = [...rules.values()].sort(
    (a, b) => b.count - a.count || (later(a.record, b.record) === a.record ? -1 : 1),
  );
  return (best as { record: BreakRecord }).record;
}

function afterEffects(
  chains: readonly Chain[],
  past: IncidentPast | null,
  named: readonly (BreakRecord | null)[],
): Record<string, number> {
  const reasons = new Set(named.map((record) => record?.verdict.reason));
  const counts = new Map([...(past?.reasons ?? [])].filter(([reason]) => !reasons.has(reason)));
  for (const { breaks } of chains) {
    for (const { verdict } of breaks) {
      if (!reasons.has(verdict.reason)) {
        counts.set(verdict.reason, (counts.get(verdict.reason) ?? 0) + 1);
      }
    }
  }
  return Object.fromEntries([...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)));
}

/** The turns of an incident, and its state after them. */
function courseOf(
  draft: Draft,
  past: IncidentPast | null,
  stretches: readonly Stretch[],
  now: number,
  { holdMs }: IncidentOptions,
): Summary {
  const changes = stretches.flatMap(({ start, end, givenUp }) => [
    { at: start, by: 1, givenUp: false },
    ...(end <= now ? [{ at: end, by: -1, givenUp }] : []),
  ]);
  for (const { from, to } of past?.down ?? []) {
    changes.push({ at: from, by: 1, givenUp: false }, { at: to, by: -1, givenUp: false });
  }
  changes.sort((a, b) => a.at - b.at || b.by - a.by);
  const timeline: TimelineEntry[] = [];
  let down = 0;
  let silent = false;
  for (const { at, by, givenUp } of changes) {
    const before = down;
    down += by;
    silent = givenUp;
    if (before === 0 && by > 0) {
      timeline.push({ at, kind: timeline.length === 0 ? 'opened' : 'reopened', down });
    } else if (down === 0) {
      timeline.push({ at, kind: givenUp ? 'silent' : 'recovered', down });
    }
  }
  const opened = timeline[0];
  const blocked = stretches
    .filter(({ chain }) => chain.blocker && chain.firstCause)
    .flatMap(({ chain }) => chain.breaks.filter(({ verdict }) => verdict.outcome === 'refused'))
    .reduce((at, { event }) => Math.min(at, event.endedAt), past?.blockedAt ?? Infinity);
  if (opened && blocked <= now) {
    const place = timeline.findIndex(({ at }) => at > blocked);
    const downThen = changes.reduce((sum, { at, by }) => (at <= blocked ? sum + by : sum), 0);
    const isKnown = draft.blocked?.at === blocked;
    draft.blocked = isKnown ? draft.blocked : { at: blocked, kind: 'blocked', down: downThen };
    timeline.splice(place < 0 ? timeline.length : place, 0, draft.blocked as TimelineEntry);
  }
  if (down > 0) {
    return { state: 'open', endedAt: null, holdUntil: null, timeline };
  }
  const endedAt = stretches.reduce((latest, { end }) => Math.max(latest, end), past?.endedAt ?? 0);
  const holdUntil = endedAt + holdMs;
  const state: IncidentState = silent ? 'silent' : now < holdUntil ? 'recovered' : 'resolved';
  if (state === 'resolved') {
    timeline.push({ at: holdUntil, kind: 'resolved', down: 0 });
  }
  return { state, endedAt, holdUntil, timeline };
}
