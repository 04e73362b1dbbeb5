import { setImmediate as immediate } from 'node:timers/promises';
import type { Diagnoser } from '../../diagnosis/run/index.ts';
import {
  type BreakEvent,
  type BreakRecord,
  printReasonCode,
  type StoredJournalEntry,
} from '../../model/break.ts';
import type { Facts, FactValue } from '../../model/facts.ts';
import type { ReasonMatch } from '../../reasons/match-reason.ts';
import type { DerivedBatch, Nearby, ThreadStore } from '../../store/store.ts';
import type { NamedStream } from '../directory.ts';
import { computeRecovery } from './compute-recovery.ts';
import { FreshFailures } from './fresh-failures.ts';
import type { LiveStreams, ScopeStreams } from './live-streams.ts';
import {
  isFailure,
  type PendingEvent,
  type PendingStream,
  settledRecovery,
} from './load-stream.ts';
import { observationKey, reasonOf } from './matching/merge-observations.ts';
import { type DerivingBatch, historyOf, type NearbyHistory, readNearby } from './nearby-history.ts';
import { OtherStreams } from './other-streams.ts';
import { markFollowersStale, mergeEntries } from './pending-streams.ts';

/** The event loop gets a turn after this many streams. */
const STREAMS_A_TURN = 16;

/** What deriving needs from the rest of the engine. */
export interface DeriveContext {
  store: ThreadStore;
  diagnoser: Diagnoser;
  /** The last known state of an account's API. */
  apiState: (account: string) => ApiState | undefined;
  /** Follows the live streams; without it, no fact says how many streams are live. */
  live?: LiveStreams;
  /** Facts from the directory about a stream; none when absent. */
  namesOf?: (
    stream: NamedStream,
    derived: Readonly<Record<string, FactValue>>,
  ) => Record<string, FactValue>;
}

/** What was derived from entries. */
export interface DerivedEntries extends DerivedBatch {
  /** Ids of the breaks that the store did not have. */
  added: string[];
}

/**
 * Derives breaks, pushes and verdicts from journal entries. For each stream it reads the stored
 * events around the new ones once, works in memory, and returns one batch that must be written in
 * one transaction. Reports of the same break become one event, in whatever order they arrive. An
 * event that is late, merged or removed makes later verdicts of its stream stale; those are computed
 * again.
 *
 * @param entries - in order of seq, following the store's cursor without a gap
 * @throws `STORE_FAILED`
 */
export async function deriveEntries(
  entries: readonly StoredJournalEntry[],
  context: DeriveContext,
): Promise<DerivedEntries> {
  const { streams, pushes, reports } = await mergeEntries(entries, context.store);
  await context.live?.take(reports);
  const added = [...streams.values()]
    .flatMap(({ events }) => events)
    .filter(({ record }) => !record)
    .map(({ id }) => id);
  const breaks = await diagnosePending(streams, context);
  return {
    breaks,
    added,
    removed: [...streams.values()].flatMap(({ removed }) => removed.map(({ event }) => event.id)),
    pushes,
    cursor: entries.at(-1)?.seq ?? (await context.store.cursor()),
  };
}

/**
 * Computes stale verdicts, in order of time within each stream, and recoveries. Yields to the event
 * loop every few streams.
 *
 * @returns new and changed records
 * @throws `STORE_FAILED`
 */
async function diagnosePending(
  streams: Map<string, PendingStream>,
  context: DeriveContext,
): Promise<BreakRecord[]> {
  const fresh = new FreshFailures(
    [...streams.values()]
      .flatMap((stream) => stream.events)
      .filter((event) => event.stale && !event.record && isFailure(event)),
  );
  const gone = [...streams.values()]
    .flatMap(({ removed }) => removed.map(({ event }) => event))
    .filter(({ outcome }) => outcome !== 'ended');
  const others = new OtherStreams(fresh, gone);
  const { live } = context;
  const changed: BreakRecord[] = [];
  const nearby = await readNearby(
    [...streams.values()].flatMap((stream) =>
      stream.events.filter((event) => event.stale || !event.record),
    ),
    context.store,
  );
  let done = 0;
  for (const stream of streams.values()) {
    if (done % STREAMS_A_TURN === 0) {
      await immediate();
    }
    done += 1;
    stream.events.sort((a, b) => a.endedAt - b.endedAt || (firstKey(a) < firstKey(b) ? -1 : 1));
    for (const event of stream.events) {
      const settled = settledRecovery(event, stream.until);
      const recoveredAt = settled === undefined ? computeRecovery(event, stream.pushes) : settled;
      if (event.stale || !event.record) {
        const before = event.record;
        if (!nearby.has(event)) {
          // A verdict of this loop made it stale.
          const around = await readNearby([event], context.store);
          nearby.set(event, around.get(event) as Nearby);
        }
        const batch: DerivingBatch = { fresh, gone, others, live, nearby };
        changed.push(await judge(event, stream, batch, recoveredAt, context));
        event.record = changed.at(-1);
        if (before && isOtherBreakBefore(before, event.record as BreakRecord)) {
          await stream.readFollowers(event.endedAt);
          markFollowersStale(stream, event.endedAt);
        }
      } else if (
        event.record.event.recoveredAt !== recoveredAt &&
        // The push beside it may turn out to have ended before.
        (recoveredAt !== null || event.record.event.recoveredAt === event.endedAt)
      ) {
        event.record = { ...event.record, event: { ...event.record.event, recoveredAt } };
        changed.push(event.record);
      }
    }
  }
  return changed;
}

/** Unlike the id, this does not depend on which source came first. */
function firstKey({ sources }: PendingEvent): string {
  return sources.map(observationKey).sort()[0] as string;
}

/** Whether later breaks now have another previous break than before. */
function isOtherBreakBefore({ event, verdict }: BreakRecord, now: BreakRecord): boolean {
  return (
    event.outcome !== now.event.outcome ||
    event.reason !== now.event.reason ||
    verdict.category !== now.verdict.category
  );
}

async function judge(
  pending: PendingEvent,
  { events, past }: PendingStream,
  batch: DerivingBatch,
  recoveredAt: number | null,
  context: DeriveContext,
): Promise<BreakRecord> {
  const { record: _record, derived, stale: _stale, ...event } = pending;
  const match = reasonOf(event);
  const facts = buildFacts({
    event,
    match,
    // The directory is read again, so that a corrected line takes effect at the next diagnosis.
    derived: { ...derived, ...context.namesOf?.(event, derived) },
    nearbyCounts: await historyOf(pending, events, past, batch),
    apiState: context.apiState(event.account),
  });
  const verdict = await context.diagnoser.judge(facts, match);
  const whole: BreakEvent = { ...event, outcome: verdict.outcome, recoveredAt, facts };
  return { event: whole, verdict };
}

/** The account state that the API reported. */
export type ApiState = 'ok' | 'stopped' | 'credentials' | 'permission' | 'unreachable';

/** The parts of a fact snapshot. */
export interface FactParts {
  event: Omit<BreakEvent, 'outcome' | 'recoveredAt' | 'facts' | 'sources' | 'id'>;
  /** How the reason was found; its code may be known from the text alone. */
  match: ReasonMatch;
  /** Derived from the push URL before it was masked. */
  derived: Record<string, FactValue>;
  nearbyCounts: NearbyHistory | null;
  apiState: ApiState | undefined;
}

/**
 * Builds the fact snapshot of one event. Unknown facts are left out, so that a rule can distinguish "no"
 * from "unknown".
 */
export function buildFacts({ event, match, derived, nearbyCounts, apiState }: FactParts): Facts {
  const code = match.code ?? event.code;
  const known: Record<string, FactValue | null | undefined> = {
    reason: event.reason,
    code: code ? printReasonCode(code) : null,
    errcode: code?.errcode,
    subErrcode: code?.subErrcode,
    bypassCode: match.bypassCode ?? event.bypassCode,
    reasonText: event.reasonText,
    account: event.account,
    domain: event.domain,
    app: event.app,
    stream: event.stream,
    clientIp: event.clientIp,
    node: event.node,
    resolution: event.resolution,
    endedAt: event.endedAt,
    durationMs: event.durationMs,
    secondsLive: event.durationMs === null ? null : Math.floor(event.durationMs / 1000),
    ...derived,
    ...historyFacts(event, nearbyCounts),
    ...(nearbyCounts && shareFacts(event, nearbyCounts)),
    apiState,
  };
  const facts: Facts = {};
  for (const name in known) {
    const value = known[name];
    if (value !== null && value !== undefined && value !== '') {
      facts[name] = value;
    }
  }
  return facts;
}

function historyFacts(
  event: FactParts['event'],
  history: NearbyHistory | null,
): Record<string, FactValue | null> {
  if (!history) {
    return {};
  }
  const previous = history.previousBreak;
  return {
    previousReason: previous?.reason ?? null,
    previousCategory: previous?.category ?? null,
    secondsSincePreviousBreak: previous
      ? Math.round((event.endedAt - previous.endedAt) / 1000)
      : null,
    breaksOfStream10m: history.breaksOfStream,
    endsOfStream10m: history.endsOfStream,
    breaksOfClientIp5m: event.clientIp === null ? null : history.breaksOfClientIp,
    breaksOfNode5m: event.node === null ? null : history.breaksOfNode,
    breaksOfDomain5m: history.breaksOfDomain,
    sameReasonOfAccount5m: history.sameReasonOfAccount,
    sameReasonOfDomain5m: history.sameReasonOfDomain,
    sameReasonOfApp5m: history.sameReasonOfApp,
    sameReasonOfNode5m: event.node === null ? null : history.sameReasonOfNode,
    sameReasonOfAddress5m: event.clientIp === null ? null : history.sameReasonOfClientIp,
    linkCutsOfNode5m: event.node === null ? null : history.linkCutsOfNode,
    linkCutsOfAddress5m: event.clientIp === null ? null : history.linkCutsOfClientIp,
  };
}

/**
 * How many streams a cause could have hit, and the part that it hit, in %. A cut meets live streams; a refusal
 * meets those that start, so live streams do not count for it. Where more streams may have broken than were
 * counted, the part is left out.
 */
function shareFacts(
  { startedAt, endedAt, node }: FactParts['event'],
  history: NearbyHistory,
): Record<string, FactValue | null> {
  const { scopes, isCutOff } = history;
  if (!scopes) {
    return {};
  }
  const wasLive = startedAt !== null && startedAt < endedAt;
  const shareOf = (others: number, isOwn: boolean, among: ScopeStreams, isUnknown: boolean) => {
    const hit = others + (isOwn ? 1 : 0);
    // What was refused is in no list of pushes.
    const exposed = Math.max(hit, wasLive ? among.live : among.started + hit);
    return isUnknown || exposed === 0 ? null : Math.round((hit / exposed) * 1_000) / 10;
  };
  const ofNode = node === null ? null : scopes.node;
  return {
    liveOfAccount5m: scopes.account.live,
    liveOfDomain5m: scopes.domain.live,
    liveOfApp5m: scopes.app.live,
    liveOfNode5m: ofNode?.live ?? null,
    shareOfAccount5m: shareOf(history.sameReasonOfAccount, true, scopes.account, isCutOff.account),
    shareOfDomain5m: shareOf(history.sameReasonOfDomain, true, scopes.domain, isCutOff.domain),
    shareOfApp5m: shareOf(history.sameReasonOfApp, true, scopes.app, isCutOff.app),
    shareOfNode5m: ofNode && shareOf(history.sameReasonOfNode, true, ofNode, isCutOff.node),
    linkCutShareOfNode5m:
      ofNode &&
      (wasLive ? shareOf(history.linkCutsOfNode, history.isLinkCut, ofNode, isCutOff.node) : null),
  };
}
