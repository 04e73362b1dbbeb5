import type { BreakEvent, BreakRecord, StreamKey } from '../model/break.ts';
import type { Chain } from '../model/incident.ts';
import type { Push } from '../model/push.ts';

/** A stretch of time in which a push was live, epoch ms UTC. */
export interface LiveSpan {
  start: number;
  /** When it ended: as a source reported it, or when the next push or a break ended it. Null while it is live. */
  end: number | null;
  /** When it ended as a source reported it; null when none did. */
  reportedEnd: number | null;
  /** When the first source reported it. A push whose start was missed is known only by its break. */
  knownAt: number;
  /** Keys of the scopes that it was in, when its place was found before. */
  keys?: readonly string[] | undefined;
  /** Until when its place counts as known, epoch ms UTC. */
  keysUntil?: number | undefined;
}

/** What remains of a stream whose older breaks and pushes were dropped. Times are epoch ms UTC. */
export interface StreamPast {
  stream: StreamKey;
  /** All breaks before this moment were dropped. No outage was open then. */
  at: number;
  /** Pushes that were live at that moment, and later ones that only a dropped break told as its recovery. */
  spans: LiveSpan[];
  /** The last nodes and client addresses before that moment, each with the break that told it; oldest first. */
  places: readonly ToldPlace[];
  /** Last dropped break, and last dropped try that was refused. */
  lastBreakAt: number;
  lastRefusalAt: number;
  /** End of its last outage that was dropped. */
  lastDownAt: number;
}

/** Node and client address of a stream as a break told them. */
export interface ToldPlace {
  /** Epoch ms UTC. */
  at: number;
  node: string | null;
  clientIp: string | null;
}

/** One stream's history, put in order. */
export interface StreamWalk {
  /** Outages, oldest first. */
  chains: Chain[];
  spans: LiveSpan[];
  /** When a push ended as planned and none began since; null otherwise. */
  endedAt: number | null;
}

/** Two sources report one start at most this far apart, in ms. */
export const SAME_START_MS = 2_000;

/**
 * Walks through one stream's breaks and pushes in order of time, whatever the order and number in
 * which they are given, and cuts them into outages. Ignores everything after `now`.
 *
 * @param records - ends of pushes, normal ones too when known
 * @param pushes - pushes, in addition to those that the records report
 * @param now - epoch ms UTC
 * @param past - what remains of dropped breaks; none when absent
 */
export function walkStream(
  records: readonly BreakRecord[],
  pushes: readonly Push[],
  now: number,
  past?: StreamPast,
): StreamWalk {
  return walkInOrder(inOrder(records, now), pushes, now, past);
}

/**
 * The same for ends that are given once each, in the order of {@link compareEnds}, and none after `now`.
 *
 * @param now - epoch ms UTC
 */
export function walkInOrder(
  ends: readonly BreakRecord[],
  pushes: readonly Push[],
  now: number,
  past?: StreamPast,
): StreamWalk {
  const spans = liveSpans(ends, pushes, now, past?.spans ?? []);
  const chains: Chain[] = [];
  let open: Chain | null = null;
  let endedAt: number | null = null;
  let last: LiveSpan | undefined;
  let next = 0;
  const goOnTo = (moment: number) => {
    for (let span = spans[next]; span && span.start <= moment; span = spans[next]) {
      if (last) {
        last.end ??= span.start;
      }
      last = span;
      next += 1;
      endedAt = null;
      if (open) {
        open.endedAt = recoveryOf(open, span, moment);
        open.end = 'recovered';
        open = null;
      }
    }
  };
  for (const record of ends) {
    const { event, verdict } = record;
    // A push that begins in the very moment of a break recovers it, so it comes after the break.
    goOnTo(event.endedAt - 1);
    if (isCovered(record, last)) {
      if (verdict.outcome === 'broken') {
        const chain = chainOf(record);
        chains.push({ ...chain, endedAt: event.endedAt, end: 'recovered' });
      }
      continue;
    }
    if (last && last.end === null) {
      last.end = event.endedAt;
    }
    if (verdict.outcome === 'ended') {
      endedAt = event.endedAt;
      if (open) {
        (open as Chain).endedAt = event.endedAt;
        (open as Chain).end = 'stopped';
        open = null;
      }
    } else if (open) {
      (open as Chain).breaks.push(record);
    } else {
      open = chainOf(record);
      chains.push(open);
      endedAt = null;
    }
  }
  goOnTo(now);
  for (const chain of chains) {
    nameCauses(chain);
  }
  return { chains, spans, endedAt };
}

/**
 * The break names its recovery by the clock of the best source. The end of that push may report the
 * start again, hours later and a second off, and must not change an outage that is over.
 */
function recoveryOf({ breaks }: Chain, { start }: LiveSpan, now: number): number {
  const named = breaks.at(-1)?.event.recoveredAt ?? start;
  return named <= now && Math.abs(named - start) <= SAME_START_MS ? named : start;
}

/**
 * Each break once, in order of time. Of two versions of a break the same one is taken each time. Two
 * sources' clocks may put the first refused try into the very second of the break before it.
 */
export function inOrder(records: readonly BreakRecord[], now: number): BreakRecord[] {
  return orderOfStore(records, now) ?? sortedOnce(records, now);
}

/** The order of records that come as a store gives them, the newest first and each once; null of all others. */
function orderOfStore(records: readonly BreakRecord[], now: number): BreakRecord[] | null {
  for (let index = 1; index < records.length; index++) {
    const before = records[index - 1] as BreakRecord;
    const record = records[index] as BreakRecord;
    if (before.event.endedAt <= record.event.endedAt) {
      return null;
    }
  }
  if (new Set(records.map(({ event }) => event.id)).size < records.length) {
    return null;
  }
  return records.filter(({ event }) => event.endedAt <= now).reverse();
}

function sortedOnce(records: readonly BreakRecord[], now: number): BreakRecord[] {
  const byId = new Map<string, BreakRecord>();
  for (const record of records) {
    const known = byId.get(record.event.id);
    if (record.event.endedAt > now) {
      continue;
    }
    if (!known || (known !== record && JSON.stringify(known) < JSON.stringify(record))) {
      byId.set(record.event.id, record);
    }
  }
  return [...byId.values()].sort(compareEnds);
}

/** Order in which the ends of a stream's pushes are walked through. */
export function compareEnds(a: BreakRecord, b: BreakRecord): number {
  return (
    a.event.endedAt - b.event.endedAt ||
    Number(a.verdict.outcome === 'refused') - Number(b.verdict.outcome === 'refused') ||
    (a.event.id < b.event.id ? -1 : a.event.id > b.event.id ? 1 : 0)
  );
}

function liveSpans(
  ends: readonly BreakRecord[],
  pushes: readonly Push[],
  now: number,
  past: readonly LiveSpan[],
): LiveSpan[] {
  const reported: ReportedSpan[] = [];
  const report = (
    start: number,
    end: number | null,
    { knownAt, follows, keys, keysUntil }: Omit<ReportedSpan, 'start' | 'end'>,
  ) => {
    if (start <= now) {
      const ended = end !== null && end <= now ? end : null;
      reported.push({ start, end: ended, knownAt, follows, keys, keysUntil });
    }
  };
  for (const { startedAt, endedAt } of pushes) {
    report(startedAt, endedAt, { knownAt: startedAt });
  }
  for (const span of past) {
    report(span.start, span.reportedEnd, span);
  }
  for (const { event, verdict } of ends) {
    if (
      event.startedAt !== null &&
      event.startedAt < event.endedAt &&
      verdict.outcome !== 'refused'
    ) {
      report(event.startedAt, event.endedAt, { knownAt: event.endedAt });
    }
    // Another push was live when this one ended: no push began then.
    const isBeside =
      event.recoveredAt === event.endedAt && reported.some((span) => covers(span, event));
    if (event.recoveredAt !== null && !isBeside) {
      report(event.recoveredAt, null, { knownAt: event.recoveredAt, follows: event.endedAt });
    }
  }
  reported.sort((a, b) => a.start - b.start || (a.end ?? 0) - (b.end ?? 0));
  const spans: LiveSpan[] = [];
  for (const span of reported) {
    const before = spans.at(-1);
    if (before && span.start - before.start <= SAME_START_MS && isSamePush(before, span)) {
      before.reportedEnd ??= span.end;
      before.end = before.reportedEnd;
      before.knownAt = Math.min(before.knownAt, span.knownAt);
      before.keysUntil ??= span.keysUntil;
      before.keys ??= span.keys;
    } else {
      const { start, end, knownAt, keys, keysUntil } = span;
      spans.push({ start, end, reportedEnd: end, knownAt, keys, keysUntil });
    }
  }
  return spans;
}

/** Whether a push began after the one that ended, before its end, and was live then. */
function covers({ start, end }: ReportedSpan, { startedAt, endedAt }: BreakEvent): boolean {
  return (
    startedAt !== null &&
    start > startedAt + SAME_START_MS &&
    start < endedAt &&
    (end === null || end > endedAt)
  );
}

/** A push as one source reported it. */
interface ReportedSpan extends Omit<LiveSpan, 'reportedEnd'> {
  /** End of the push that this one recovered, if a break reported it. */
  follows?: number | undefined;
}

function isSamePush(before: LiveSpan, span: ReportedSpan): boolean {
  // A push of a second and its recovery begin almost together, but one ended before the other began.
  if (span.follows !== undefined && before.end !== null && before.end <= span.follows) {
    return false;
  }
  return (
    before.end === null || span.end === null || Math.abs(before.end - span.end) <= SAME_START_MS
  );
}

/**
 * Tells whether another push of the stream was live when this one ended, so that viewers lost
 * nothing. A refused try speaks against a live push whose end is not known.
 */
function isCovered({ event, verdict }: BreakRecord, last: LiveSpan | undefined): boolean {
  if (!last) {
    return false;
  }
  if (verdict.outcome === 'refused') {
    return last.end !== null && last.end > event.endedAt;
  }
  const isOther =
    event.startedAt !== null && last.start > Math.max(event.startedAt, 0) + SAME_START_MS;
  return isOther && (last.end === null || last.end > event.endedAt);
}

function chainOf(record: BreakRecord): Chain {
  const { account, domain, app, stream, id, endedAt } = record.event;
  return {
    account,
    domain,
    app,
    stream,
    id,
    startedAt: endedAt,
    endedAt: null,
    end: null,
    breaks: [record],
    firstCause: null,
    blocker: null,
    decisive: record,
  };
}

/**
 * First cause: what cut the live push. Blocker: the cause of the latest refusals; one that nobody
 * knows gives way to the latest that is known.
 */
function nameCauses(chain: Chain): void {
  const [first] = chain.breaks as [BreakRecord, ...BreakRecord[]];
  const refusals = chain.breaks.filter(({ verdict }) => verdict.outcome === 'refused');
  const known = refusals.findLast(({ verdict }) => verdict.category !== 'unknown');
  chain.firstCause = first.verdict.outcome === 'broken' ? first : null;
  chain.blocker = known ?? refusals.at(-1) ?? null;
  chain.decisive = chain.blocker ?? first;
}
