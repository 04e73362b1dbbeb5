import { type ArrivedEnd, readArrival } from '../css/read-arrival.ts';
import type { Diagnoser } from '../diagnosis/create-diagnoser.ts';
import type { BreakEvent, StreamKey } from '../model/break-event.ts';
import type { BreakRecord } from '../model/break-record.ts';
import type { Diagnosis, Verdict } from '../model/diagnosis.ts';
import { FACT_CATALOGUE, STREAM_WINDOW_MS, WIDE_WINDOW_MS } from '../model/fact-catalogue.ts';
import type { Facts, FactValue } from '../model/facts.ts';
import type { StoredJournalEntry } from '../model/journal-entry.ts';
import type { Push } from '../model/push.ts';
import { outcomeOf } from '../reasons/outcome-of.ts';
import type { DerivedBatch, Store, Surroundings } from '../store/store.ts';
import { type ApiState, buildFacts } from './build-facts.ts';
import { computeRecovery } from './compute-recovery.ts';
import {
  findMergeTarget,
  MERGE_TOLERANCE_MS,
  type MergedEvent,
  mergeEnd,
  reasonOf,
} from './merge-end.ts';

/** A push that starts within this time after a break, in ms, counts as its recovery. */
export const RECOVERY_WINDOW_MS = 24 * 3_600_000;

/** What deriving needs of the rest of the engine. */
export interface DeriveContext {
  store: Store;
  diagnoser: Diagnoser;
  /** What the API of an account said last. */
  apiState: (account: string) => ApiState | undefined;
}

interface Work extends MergedEvent {
  /** The record as stored or as last derived; undefined for an event new in this batch. */
  record: BreakRecord | undefined;
  derived: Record<string, FactValue>;
  /** The verdict has to be reached again. */
  stale: boolean;
}

interface StreamWork {
  key: StreamKey;
  events: Work[];
  pushes: Push[];
}

/** Facts that come with a message rather than from its surroundings, so a merge keeps them. */
const CARRIED_FACTS = new Set(
  FACT_CATALOGUE.filter((fact) => fact.source === 'pushUrl' || fact.name === 'mainlandChina').map(
    (fact) => fact.name,
  ),
);

function carriedFacts(facts: Facts): Record<string, FactValue> {
  return Object.fromEntries(Object.entries(facts).filter(([name]) => CARRIED_FACTS.has(name)));
}

/**
 * Turns journal entries into breaks, pushes and verdicts. Reads the neighbourhood of each touched
 * stream once, works on it in memory in order of arrival, and returns one batch to be written as a
 * whole. A late or merged event makes its followers' verdicts stale, and those are reached again.
 *
 * @param entries - in order of seq, following the store's cursor without a gap
 */
export async function deriveEntries(
  entries: readonly StoredJournalEntry[],
  context: DeriveContext,
): Promise<DerivedBatch> {
  const arrivals = entries.map((entry) => readArrival(entry));
  const works = await loadStreams(arrivals, context.store);
  const touchedPushes = new Set<Push>();
  for (const arrival of arrivals) {
    if (arrival.kind === 'other') {
      continue;
    }
    const key = arrival.kind === 'end' ? arrival.event : arrival.push;
    const work = works.get(streamId(key)) as StreamWork;
    if (arrival.kind === 'end') {
      takeEnd(work, arrival.event);
    }
    const push = arrival.kind === 'end' ? pushOf(arrival.event) : arrival.push;
    if (push) {
      touchedPushes.add(takePush(work, push));
    }
  }
  const breaks = await judgeAll(works, context);
  return {
    breaks,
    removed: [],
    pushes: [...touchedPushes],
    cursor: entries.at(-1)?.seq ?? (await context.store.cursor()),
  };
}

function streamId(key: StreamKey): string {
  return JSON.stringify([key.account, key.domain, key.app, key.stream]);
}

async function loadStreams(
  arrivals: readonly ReturnType<typeof readArrival>[],
  store: Store,
): Promise<Map<string, StreamWork>> {
  const spans = new Map<string, { key: StreamKey; from: number; to: number }>();
  for (const arrival of arrivals) {
    if (arrival.kind === 'other') {
      continue;
    }
    const { account, domain, app, stream } = arrival.kind === 'end' ? arrival.event : arrival.push;
    const key = { account, domain, app, stream };
    const start = arrival.kind === 'end' ? arrival.event.startedAt : arrival.push.startedAt;
    const end = arrival.kind === 'end' ? arrival.event.endedAt : arrival.push.startedAt;
    const from = Math.min(start ?? end, end) - RECOVERY_WINDOW_MS;
    const to = end + Math.max(STREAM_WINDOW_MS, MERGE_TOLERANCE_MS) + 1;
    const span = spans.get(streamId(key));
    if (span) {
      span.from = Math.min(span.from, from);
      span.to = Math.max(span.to, to);
    } else {
      spans.set(streamId(key), { key, from, to });
    }
  }
  const works = new Map<string, StreamWork>();
  await Promise.all(
    [...spans].map(async ([id, { key, from, to }]) => {
      const [records, pushes] = await Promise.all([
        store.breaksOfStream(key, { from, to }),
        store.pushesOfStream(key, { from, to: to + RECOVERY_WINDOW_MS }),
      ]);
      works.set(id, { key, pushes, events: records.map(workOf) });
    }),
  );
  return works;
}

function workOf(record: BreakRecord): Work {
  const { outcome: _outcome, recoveredAt: _recoveredAt, facts, ...event } = record.event;
  return { ...event, record, derived: carriedFacts(facts), stale: false };
}

function takeEnd(work: StreamWork, end: ArrivedEnd): void {
  const known = findMergeTarget(work.events, end);
  const merged = mergeEnd(known, end);
  const derived = { ...known?.derived, ...end.derived };
  if (end.setId !== null) {
    derived.mainlandChina = end.setId >= 1 && end.setId <= 6;
  }
  const next: Work = { ...merged, record: known?.record, derived, stale: true };
  if (known) {
    work.events[work.events.indexOf(known)] = next;
  } else {
    work.events.push(next);
  }
  markFollowersStale(work, next.endedAt);
}

/** Verdicts after this moment may lean on it: those within the counting window, and the next one. */
function markFollowersStale(work: StreamWork, endedAt: number): void {
  let next: Work | undefined;
  for (const event of work.events) {
    if (event.endedAt > endedAt) {
      event.stale ||= event.endedAt <= endedAt + STREAM_WINDOW_MS;
      if (!next || event.endedAt < next.endedAt) {
        next = event;
      }
    }
  }
  if (next) {
    next.stale = true;
  }
}

/** The push that an end belongs to, when it really started and we know since when. */
function pushOf(end: ArrivedEnd): Push | null {
  if (end.startedAt === null || end.durationMs === 0 || end.startedAt >= end.endedAt) {
    return null;
  }
  const { account, domain, app, stream, startedAt, endedAt, sequence } = end;
  return { account, domain, app, stream, startedAt, endedAt, sequence };
}

function takePush(work: StreamWork, push: Push): Push {
  const known = work.pushes.find(
    (other) =>
      (push.sequence !== null && other.sequence === push.sequence) ||
      ((push.sequence === null || other.sequence === null) &&
        Math.abs(other.startedAt - push.startedAt) <= MERGE_TOLERANCE_MS),
  );
  if (!known) {
    work.pushes.push(push);
    return push;
  }
  // The start stays as it was first told, because it is part of the push's identity in the store.
  known.endedAt = push.endedAt ?? known.endedAt;
  known.sequence ??= push.sequence;
  return known;
}

async function judgeAll(
  works: Map<string, StreamWork>,
  context: DeriveContext,
): Promise<BreakRecord[]> {
  const fresh = [...works.values()]
    .flatMap((work) => work.events)
    .filter((event) => event.stale && !event.record);
  const changed: BreakRecord[] = [];
  for (const work of works.values()) {
    work.events.sort((a, b) => a.endedAt - b.endedAt || (a.id < b.id ? -1 : 1));
    for (const [index, event] of work.events.entries()) {
      const recoveredAt = computeRecovery(event, work.pushes);
      if (event.stale || !event.record) {
        const earlier = work.events.slice(0, index);
        changed.push(await judge(event, earlier, fresh, recoveredAt, context));
        event.record = changed.at(-1);
      } else if (event.record.event.recoveredAt !== recoveredAt && recoveredAt !== null) {
        event.record = { ...event.record, event: { ...event.record.event, recoveredAt } };
        changed.push(event.record);
      }
    }
  }
  return changed;
}

async function judge(
  work: Work,
  earlier: readonly Work[],
  fresh: readonly Work[],
  recoveredAt: number | null,
  context: DeriveContext,
): Promise<BreakRecord> {
  const { record: _record, derived, stale: _stale, ...event } = work;
  const stored = await context.store.surroundings({
    account: event.account,
    domain: event.domain,
    app: event.app,
    stream: event.stream,
    before: event.endedAt,
    clientIp: event.clientIp,
    node: event.node,
    streamWindowMs: STREAM_WINDOW_MS,
    wideWindowMs: WIDE_WINDOW_MS,
  });
  const match = reasonOf(event);
  const facts = buildFacts({
    event,
    match,
    derived,
    surroundings: withBatch(stored, work, earlier, fresh),
    apiState: context.apiState(event.account),
  });
  const diagnosis = await context.diagnoser.diagnose(facts, match);
  const whole: BreakEvent = { ...event, outcome: diagnosis.outcome, recoveredAt, facts };
  return { event: whole, verdict: verdictOf(diagnosis) };
}

/** Normal ends do not count as breaks. An event not judged yet is taken by its reason alone. */
function isFailure(work: Work): boolean {
  return (work.record?.event.outcome ?? outcomeOf(reasonOf(work))) !== 'ended';
}

/**
 * The store knows nothing of events that are new in this batch: they are counted in here. Own
 * stream: from the events in memory, which are judged in order of time and so have an outcome.
 */
function withBatch(
  stored: Surroundings,
  work: Work,
  earlier: readonly Work[],
  fresh: readonly Work[],
): Surroundings {
  const inWindow = (other: Work, windowMs: number) =>
    other !== work && other.endedAt < work.endedAt && other.endedAt >= work.endedAt - windowMs;
  const count = (windowMs: number, same: (other: Work) => boolean) =>
    fresh.filter((other) => inWindow(other, windowMs) && same(other) && isFailure(other)).length;
  const before = earlier.filter((other) => other.endedAt < work.endedAt && isFailure(other));
  const last = before.at(-1)?.record;
  const previous = last
    ? { endedAt: last.event.endedAt, reason: last.event.reason, category: last.verdict.category }
    : stored.previousBreak && stored.previousBreak.endedAt >= work.endedAt - RECOVERY_WINDOW_MS
      ? stored.previousBreak
      : null;
  return {
    previousBreak: previous,
    breaksOfStream: before.filter((other) => inWindow(other, STREAM_WINDOW_MS)).length,
    breaksOfClientIp:
      stored.breaksOfClientIp +
      count(
        WIDE_WINDOW_MS,
        (other) => other.account === work.account && other.clientIp === work.clientIp,
      ),
    breaksOfNode:
      stored.breaksOfNode +
      count(WIDE_WINDOW_MS, (other) => other.account === work.account && other.node === work.node),
    breaksOfDomain:
      stored.breaksOfDomain +
      count(
        WIDE_WINDOW_MS,
        (other) => other.account === work.account && other.domain === work.domain,
      ),
  };
}

/** A diagnosis without its words, which the store keeps per rule. */
export function verdictOf(diagnosis: Diagnosis): Verdict {
  const { cause: _cause, fix: _fix, ...verdict } = diagnosis;
  return verdict;
}
