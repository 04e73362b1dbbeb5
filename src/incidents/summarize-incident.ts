import type { BreakRecord } from '../model/break.ts';
import type {
  Chain,
  Incident,
  IncidentState,
  Scope,
  ScopeKind,
  TimelineEntry,
} from '../model/incident.ts';
import { causeKeyOf } from './cause-of-outage.ts';
import type { Draft } from './draft-incidents.ts';
import type { IncidentOptions } from './options.ts';
import type { NEARBY_FACTS } from './strip-record.ts';

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
  const chains = [...draft.chains].sort(
    (a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1),
  );
  const [first] = chains as [Chain];
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
  const cause = causeOf(draft, down, stretches);
  const cut = chains.flatMap(({ firstCause }) => (firstCause ? [firstCause] : []));
  const otherCut = cut.filter(({ verdict }) => verdict.reason !== cause.verdict.reason);
  const firstCause = otherCut.length * 2 > cut.length ? standIn(otherCut) : null;
  const liveBefore = known && scope.kind !== 'stream' ? draft.liveBefore : null;
  const wereLive = new Set(
    stretches.filter(({ chain }) => chain.firstCause).map(({ stream }) => stream),
  ).size;
  return {
    id: `inc-${first.id}`,
    ...courseOf(stretches, now, options),
    scope,
    startedAt: first.startedAt,
    updatedAt: stretches.reduce(
      (latest, { chain }) =>
        Math.max(latest, chain.endedAt ?? 0, chain.breaks.at(-1)?.event.endedAt ?? 0),
      0,
    ),
    chains,
    streams,
    streamsDown: downStreams,
    liveBefore,
    share: liveBefore && wereLive > 0 ? Math.min(1, wereLive / liveBefore) : null,
    lostMs: lostMs(stretches, now),
    cause,
    firstCause,
    afterEffects: afterEffects(chains, [cause, firstCause]),
  };
}

/** What stands for the cause: of what is still down, else of all. */
function causeOf(
  { causeKey, scope, streams }: Draft,
  down: readonly Stretch[],
  all: readonly Stretch[],
): BreakRecord {
  const decisiveOf = (some: readonly Stretch[]) => some.map(({ chain }) => chain.decisive);
  const current = down.length > 0 ? down : all;
  if (!scope || streams.size < 2) {
    return standIn(decisiveOf(current));
  }
  // Of the breaks of a storm, those judged when it could be seen know more.
  const isInformed = ({ chain }: Stretch) => causeKeyOf(chain) === causeKey;
  const informed = [current, all, current]
    .map((some, place) => (place < 2 ? some.filter(isInformed) : some))
    .find(({ length }) => length > 0) as readonly Stretch[];
  const { reason } = standIn(decisiveOf(informed)).verdict;
  const same = decisiveOf(all.filter(isInformed)).filter(
    ({ verdict }) => verdict.reason === reason,
  );
  return standIn(same.length > 0 ? bestInformed(same, scope) : decisiveOf(informed));
}

/** What a break saw of a storm in this kind of scope, before it. */
const SEEN_IN: Partial<Record<ScopeKind, (typeof NEARBY_FACTS)[number]>> = {
  node: 'breaksOfNode5m',
  clientNetwork: 'breaksOfClientIp5m',
};
/** Who saw this part of what another saw is as well informed. */
const WELL_INFORMED = 0.75;

/**
 * The first breaks of a storm were judged before there was anything to be seen of it. Those that saw
 * most of it know more, or else the latter half.
 */
function bestInformed(records: readonly BreakRecord[], { kind }: Scope): BreakRecord[] {
  const seenBy = ({ event }: BreakRecord) => {
    const count = event.facts[SEEN_IN[kind] ?? 'breaksOfDomain5m'];
    return typeof count === 'number' ? count : 0;
  };
  const max = records.reduce((sum, record) => Math.max(sum, seenBy(record)), 0);
  return max > 0
    ? records.filter((record) => seenBy(record) >= max * WELL_INFORMED)
    : [...records]
        .sort((a, b) => (later(a, b) === a ? 1 : -1))
        .slice(Math.floor(records.length / 2));
}

function stretchOf(chain: Chain, now: number, { giveUpMs }: IncidentOptions): Stretch {
  const stream = JSON.stringify([chain.account, chain.domain, chain.app, chain.stream]);
  const lastTry = chain.breaks.at(-1)?.event.endedAt ?? chain.startedAt;
  const givenUp = chain.endedAt === null && now - lastTry >= giveUpMs;
  const end = givenUp ? lastTry + giveUpMs : (chain.endedAt ?? Number.POSITIVE_INFINITY);
  return { chain, stream, start: chain.startedAt, end, givenUp };
}

/** Time down, overlaps of one stream counted once, summed over streams. */
function lostMs(stretches: readonly Stretch[], now: number): number {
  const until = new Map<string, number>();
  let lost = 0;
  for (const { stream, start, end } of stretches) {
    const from = Math.max(start, until.get(stream) ?? start);
    const to = Math.min(end, now);
    if (to > from) {
      lost += to - from;
      until.set(stream, to);
    }
  }
  return lost;
}

/** The break that stands for many: of the most frequent rule the latest. */
function standIn(records: readonly BreakRecord[]): BreakRecord {
  const byRule = new Map<string, { count: number; record: BreakRecord }>();
  for (const record of records) {
    const { id } = record.verdict.rule;
    const known = byRule.get(id);
    if (known) {
      known.count += 1;
      known.record = later(known.record, record);
    } else {
      byRule.set(id, { count: 1, record });
    }
  }
  const [best] = [...byRule.values()].sort(
    (a, b) => b.count - a.count || (later(a.record, b.record) === a.record ? -1 : 1),
  );
  return (best as { record: BreakRecord }).record;
}

function later(a: BreakRecord, b: BreakRecord): BreakRecord {
  const isLater = b.event.endedAt - a.event.endedAt || (a.event.id < b.event.id ? 1 : -1);
  return isLater > 0 ? b : a;
}

function afterEffects(
  chains: readonly Chain[],
  named: readonly (BreakRecord | null)[],
): Record<string, number> {
  const reasons = new Set(named.map((record) => record?.verdict.reason));
  const counts = new Map<string, number>();
  for (const { breaks } of chains) {
    for (const { verdict } of breaks) {
      if (!reasons.has(verdict.reason)) {
        counts.set(verdict.reason, (counts.get(verdict.reason) ?? 0) + 1);
      }
    }
  }
  return Object.fromEntries([...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)));
}

/** The turns of an incident, and where it stands after them. */
function courseOf(
  stretches: readonly Stretch[],
  now: number,
  { holdMs }: IncidentOptions,
): Summary {
  const changes = stretches.flatMap(({ start, end, givenUp }) => [
    { at: start, by: 1, givenUp: false },
    ...(end <= now ? [{ at: end, by: -1, givenUp }] : []),
  ]);
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
    .reduce((at, { event }) => Math.min(at, event.endedAt), Number.POSITIVE_INFINITY);
  if (opened && blocked <= now) {
    const place = timeline.findIndex(({ at }) => at > blocked);
    const downThen = changes.reduce((sum, { at, by }) => (at <= blocked ? sum + by : sum), 0);
    timeline.splice(place < 0 ? timeline.length : place, 0, {
      at: blocked,
      kind: 'blocked',
      down: downThen,
    });
  }
  if (down > 0) {
    return { state: 'open', endedAt: null, holdUntil: null, timeline };
  }
  const endedAt = stretches.reduce((latest, { end }) => Math.max(latest, end), 0);
  const holdUntil = endedAt + holdMs;
  const state: IncidentState = silent ? 'silent' : now < holdUntil ? 'recovered' : 'resolved';
  if (state === 'resolved') {
    timeline.push({ at: holdUntil, kind: 'resolved', down: 0 });
  }
  return { state, endedAt, holdUntil, timeline };
}
