import type { BreakEvent } from '../../model/break.ts';
import { STREAM_WINDOW_MS, WIDE_WINDOW_MS } from '../../model/fact-catalogue.ts';
import {
  type NearbyBreak,
  type NearbyBreaks,
  type NearbyCounts,
  nearbyKey,
  type ThreadStore,
} from '../../store/store.ts';
import { RECOVERY_WINDOW_MS } from './compute-recovery.ts';
import { isFailure, type PendingEvent } from './pending-streams.ts';

/** The history of an event: earlier breaks of its stream and nearby counts. */
export interface NearbyHistory extends NearbyCounts, NearbyStreams {
  previousBreak: { endedAt: number; reason: string; category: string } | null;
  breaksOfStream: number;
  /** Includes normal ends. */
  endsOfStream: number;
}

/** How many other streams broke around an event; retries of one stream count once. */
interface NearbyStreams {
  /** Broke for the same reason, in the account, domain, app, node and client address of the event. */
  sameReasonOfAccount: number;
  sameReasonOfDomain: number;
  sameReasonOfApp: number;
  sameReasonOfNode: number;
  sameReasonOfClientIp: number;
  /** Had a live push cut as a failing link cuts it: see {@link LINK_REASONS}. */
  linkCutsOfNode: number;
  linkCutsOfClientIp: number;
}

/** How a failing link ends a live push. Refusals and faults of encoders are no such cuts. */
const LINK_REASONS: readonly string[] = ['network', 'idle_no_data', 'client_closed'];

/** What the store holds around an event. */
export type StoredNearby = NearbyCounts & NearbyBreaks;

/** Reads what is near all events in two requests. */
export async function readNearby(
  events: readonly PendingEvent[],
  store: ThreadStore,
): Promise<Map<PendingEvent, StoredNearby>> {
  const breaks = await store.nearbyBreaks(
    events.map(({ account, reason, endedAt, clientIp, node }) => ({
      account,
      reason,
      clientIp,
      node,
      before: endedAt + 1,
      windowMs: WIDE_WINDOW_MS,
    })),
  );
  const stored = await store.nearbyCounts(
    events.map(({ account, domain, endedAt, clientIp, node }) => ({
      account,
      domain,
      clientIp,
      node,
      // CSS reports whole seconds: all pushes that a failing node cuts have the same time.
      before: endedAt + 1,
      windowMs: WIDE_WINDOW_MS,
    })),
  );
  return new Map(
    events.map((event, index) => [
      event,
      { ...(stored[index] as NearbyCounts), ...(breaks[index] as NearbyBreaks) },
    ]),
  );
}

/** The events of a stream, in order of time. */
export interface OwnStream {
  /** Those before the event that is diagnosed. */
  earlier: readonly PendingEvent[];
  all: readonly PendingEvent[];
}

/** New failures by what they may share with another event. */
export class FreshFailures {
  readonly #groups = new Map<string, PendingEvent[]>();
  readonly #counted = new Map<PendingEvent, Counted>();

  constructor(events: readonly PendingEvent[]) {
    for (const event of events) {
      for (const shared of SHARED) {
        const key = groupKey(event, shared);
        const group = this.#groups.get(key);
        if (group) {
          group.push(event);
        } else {
          this.#groups.set(key, [event]);
        }
      }
    }
  }

  /** The same failures as {@link sharing}, as counting streams needs them. */
  *counted(event: PendingEvent, shared: Shared): Generator<Counted> {
    for (const other of this.sharing(event, shared)) {
      let counted = this.#counted.get(other);
      if (counted === undefined) {
        counted = countedOf(other);
        this.#counted.set(other, counted);
      }
      yield counted;
    }
  }

  /** Failures of the same account with the same value, so that a batch is not searched for each event. */
  sharing(event: PendingEvent, shared: Shared): readonly PendingEvent[] {
    return this.#groups.get(groupKey(event, shared)) ?? [];
  }
}

const SHARED = ['clientIp', 'node', 'domain', 'reason'] as const;
type Shared = (typeof SHARED)[number];

function groupKey(event: PendingEvent, shared: Shared): string {
  return JSON.stringify([shared, event.account, event[shared]]);
}

/** Changes of this batch that the store does not have yet. */
export interface DerivingBatch {
  /** New failures. */
  fresh: FreshFailures;
  /** Failures that no longer exist. */
  gone: readonly BreakEvent[];
  /** The stored counts around each event. */
  nearby: Map<PendingEvent, StoredNearby>;
}

/**
 * Corrects the stored counts by this batch: events that are new, and events that no longer exist.
 * The event's own stream is counted from the events in memory, which already have an outcome because
 * they are diagnosed in order of time. Breaks of other streams within the same second count as
 * earlier, because CSS reports whole seconds; the event itself and later ones of its stream do not.
 */
export function historyOf(
  pending: PendingEvent,
  { earlier, all }: OwnStream,
  { fresh, gone, nearby }: DerivingBatch,
): NearbyHistory {
  const stored = nearby.get(pending) as StoredNearby;
  const isBefore = ({ endedAt }: { endedAt: number }) => endedAt < pending.endedAt;
  const inWindow = ({ endedAt }: { endedAt: number }, windowMs: number) =>
    endedAt >= pending.endedAt - windowMs;
  const ofNow = all.filter(({ endedAt }) => endedAt === pending.endedAt);
  // The store has already counted these.
  const known = ofNow.flatMap(({ record }) =>
    record && record.event.outcome !== 'ended' && !isBefore(record.event) ? [record.event] : [],
  );
  const change = (shared: Shared) => {
    const counts = (other: PendingEvent | BreakEvent) =>
      other.account === pending.account &&
      other.endedAt <= pending.endedAt &&
      inWindow(other, WIDE_WINDOW_MS) &&
      other[shared] === pending[shared];
    return (
      fresh.sharing(pending, shared).filter((other) => counts(other) && !ofNow.includes(other))
        .length -
      gone.filter(counts).length -
      known.filter(counts).length
    );
  };
  const before = earlier.filter((other) => isBefore(other) && isFailure(other));
  const last = before.at(-1)?.record;
  return {
    previousBreak:
      last && last.event.endedAt >= pending.endedAt - RECOVERY_WINDOW_MS
        ? {
            endedAt: last.event.endedAt,
            reason: last.event.reason,
            category: last.verdict.category,
          }
        : null,
    breaksOfStream: before.filter((other) => inWindow(other, STREAM_WINDOW_MS)).length,
    endsOfStream: earlier.filter((other) => isBefore(other) && inWindow(other, STREAM_WINDOW_MS))
      .length,
    breaksOfClientIp: Math.max(0, stored.breaksOfClientIp + change('clientIp')),
    breaksOfNode: Math.max(0, stored.breaksOfNode + change('node')),
    breaksOfDomain: Math.max(0, stored.breaksOfDomain + change('domain')),
    ...streamsOf(pending, stored, fresh, gone),
  };
}

/** A break, stored or new, as counting streams needs it. */
type Counted = Omit<NearbyBreak, 'id'>;

function countedOf(event: PendingEvent): Counted {
  const { domain, app, reason, startedAt, endedAt } = event;
  const cut = startedAt !== null && startedAt < endedAt;
  return { key: nearbyKey(event), domain, app, reason, cut, endedAt };
}

/** Counts the other streams around an event: those that the store knows, and new ones of this batch. */
function streamsOf(
  pending: PendingEvent,
  stored: StoredNearby,
  fresh: FreshFailures,
  gone: readonly BreakEvent[],
): NearbyStreams {
  const own = nearbyKey(pending);
  const removed = gone.length > 0 ? new Set(gone.map(({ id }) => id)) : null;
  const from = pending.endedAt - WIDE_WINDOW_MS;
  const isNear = ({ key, endedAt }: Counted) =>
    key !== own && endedAt <= pending.endedAt && endedAt >= from;
  const visit = (known: readonly NearbyBreak[], shared: Shared, add: (other: Counted) => void) => {
    for (const other of known) {
      if (isNear(other) && !removed?.has(other.id)) {
        add(other);
      }
    }
    for (const other of fresh.counted(pending, shared)) {
      if (isNear(other)) {
        add(other);
      }
    }
  };
  const ofAccount = new Set<string>();
  const ofDomain = new Set<string>();
  const ofApp = new Set<string>();
  visit(stored.sameReason, 'reason', ({ key, domain, app }) => {
    ofAccount.add(key);
    if (domain === pending.domain) {
      ofDomain.add(key);
      if (app === pending.app) {
        ofApp.add(key);
      }
    }
  });
  const ofPlace = (known: readonly NearbyBreak[], shared: 'node' | 'clientIp') => {
    const same = new Set<string>();
    const cuts = new Set<string>();
    if (pending[shared] === null) {
      return { same: 0, cuts: 0 };
    }
    visit(known, shared, ({ key, reason, cut }) => {
      if (reason === pending.reason) {
        same.add(key);
      }
      if (cut && LINK_REASONS.includes(reason)) {
        cuts.add(key);
      }
    });
    return { same: same.size, cuts: cuts.size };
  };
  const node = ofPlace(stored.ofNode, 'node');
  const clientIp = ofPlace(stored.ofClientIp, 'clientIp');
  return {
    sameReasonOfAccount: ofAccount.size,
    sameReasonOfDomain: ofDomain.size,
    sameReasonOfApp: ofApp.size,
    sameReasonOfNode: node.same,
    sameReasonOfClientIp: clientIp.same,
    linkCutsOfNode: node.cuts,
    linkCutsOfClientIp: clientIp.cuts,
  };
}
