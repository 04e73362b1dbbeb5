import { type BreakEvent, type BreakRecord, type StreamKey, streamText } from '../model/break.ts';
import type { Chain } from '../model/incident.ts';
import type { Push } from '../model/push.ts';
import type { IncidentOptions } from './options.ts';
import { isPhysical, type PlaceKind, scopeKey, scopesOf } from './scopes.ts';
import type { LiveSpan, StreamPast, ToldPlace } from './walk-stream.ts';
import { inOrder, walkInOrder } from './walk-stream.ts';

/** Two sources report one end at most this far apart, in ms. */
const SAME_END_MS = 2_000;
/**
 * A break tells where the later pushes of its stream are, but not for longer than this, ms: a query does
 * not read older breaks, and must count as the incident worker does.
 */
const PLACE_KNOWN_MS = 3 * 3_600_000;

/** What one account's streams went through. */
export interface AccountWalk {
  /** Outages, each with its stream's full key, in no order. */
  chains: [stream: string, chain: Chain][];
  /** When and where pushes were live. */
  spans: PlacedSpan[];
  /** The same by stream's full key, without streams that have one push and no break. */
  ofStream: Map<string, LiveSpan[]>;
}

/** What is known of one stream. */
export interface StreamParts {
  key: StreamKey;
  records: readonly BreakRecord[];
  pushes: readonly Push[];
}

/** What {@link walkAccounts} walks through. */
export interface WalkRequest {
  /** Breaks and, when known, normal ends, in any order. */
  records: readonly BreakRecord[];
  /** Pushes that the records do not report. */
  pushes: readonly Push[];
  /** What remains of dropped breaks, by stream's full key. */
  pasts?: ReadonlyMap<string, StreamPast>;
  /** Epoch ms UTC; later events do not count. */
  now: number;
  options: IncidentOptions;
}

/**
 * Walks through the history of every stream, by account.
 */
export function walkAccounts({
  records,
  pushes,
  pasts,
  now,
  options,
}: WalkRequest): Map<string, AccountWalk> {
  const walkers = new Map<string, AccountWalker>();
  for (const [id, stream] of byStream(records, pushes, pasts)) {
    const { account } = stream.key;
    const walker = walkers.get(account) ?? new AccountWalker(now, options);
    walkers.set(account, walker);
    walker.add(id, stream, inOrder(stream.records, now), pasts?.get(id));
  }
  return new Map([...walkers].map(([account, { walk }]) => [account, walk]));
}

/**
 * Walks through the streams of one account.
 *
 * A push whose start was missed is known only when it breaks. Windows of outages that were settled
 * by then do not count it as live, so that what is settled never changes.
 */
export class AccountWalker {
  readonly walk: AccountWalk = { chains: [], spans: [], ofStream: new Map() };
  readonly #now: number;
  readonly #knownMs: number;
  readonly #quietKeys = new Map<string, string[]>();

  /** @param now - epoch ms UTC; later events do not count */
  constructor(now: number, { joinMs, settleMs }: IncidentOptions) {
    this.#now = now;
    this.#knownMs = joinMs + settleMs;
  }

  /**
   * Adds a stream.
   *
   * @param id - its full key
   * @param ends - those of its breaks that are not after now, once each and in order
   * @param past - what remains of its dropped breaks
   */
  add(
    id: string,
    { key, records, pushes }: StreamParts,
    ends: readonly BreakRecord[],
    past: StreamPast | undefined,
  ): void {
    const now = this.#now;
    const [push] = pushes;
    if (push && records.length === 0 && pushes.length === 1 && !past) {
      // Most live pushes have nothing to tell but that they were live.
      if (push.startedAt <= now) {
        const end = push.endedAt !== null && push.endedAt <= now ? push.endedAt : null;
        const keys = keysOfQuiet(push, this.#quietKeys);
        this.walk.spans.push({ start: push.startedAt, end, keys, endKeys: keys });
      }
      return;
    }
    const { chains, spans } = walkInOrder(ends, pushes, now, past);
    for (const chain of chains) {
      this.walk.chains.push([id, chain]);
    }
    this.walk.ofStream.set(id, spans);
    const places = new StreamPlaces(key, records, past);
    for (const span of spans) {
      this.#place(span, places);
    }
  }

  /** Adds a stretch in which a push was live, and where it was then. */
  #place(span: LiveSpan, places: StreamPlaces): void {
    const { spans } = this.walk;
    if (!span.keys) {
      const place = places.at(span.start);
      span.keys = place.keys;
      span.keysUntil = place.at + PLACE_KNOWN_MS;
    }
    const { end, knownAt, keys, keysUntil = Number.POSITIVE_INFINITY } = span;
    const start = Math.max(span.start, knownAt - this.#knownMs);
    const endKeys = end === null ? keys : places.soon(end + SAME_END_MS);
    if (keysUntil >= (end ?? this.#now)) {
      spans.push({ start, end, keys, endKeys });
      return;
    }
    const middle = Math.max(start, keysUntil);
    const rest = { keys: places.unknown, endKeys: end === null ? places.unknown : endKeys };
    if (middle > start) {
      spans.push({ start, end: middle, keys, endKeys: keys });
    }
    spans.push({ start: middle, end, ...rest, continues: middle > start });
  }
}

/** Keys of a push that tells neither node nor address; the same list for all of one app. */
function keysOfQuiet(push: Push, known: Map<string, string[]>): string[] {
  const place = `${push.account}\n${push.domain}\n${push.app}`;
  let keys = known.get(place);
  if (!keys) {
    const { account, domain, app } = push;
    keys = keysOf({ account, domain, app, node: null, clientIp: null });
    known.set(place, keys);
  }
  return keys;
}

function byStream(
  records: readonly BreakRecord[],
  pushes: readonly Push[],
  pasts: ReadonlyMap<string, StreamPast> = new Map(),
): Map<string, StreamParts> {
  const streams = new Map<string, { key: StreamKey; records: BreakRecord[]; pushes: Push[] }>();
  const of = (key: StreamKey) => {
    const id = streamText(key);
    let known = streams.get(id);
    if (!known) {
      const { account, domain, app, stream } = key;
      known = { key: { account, domain, app, stream }, records: [], pushes: [] };
      streams.set(id, known);
    }
    return known;
  };
  for (const record of records) {
    of(record.event).records.push(record);
  }
  for (const push of pushes) {
    of(push).pushes.push(push);
  }
  for (const { stream, spans } of pasts.values()) {
    if (spans.length > 0) {
      of(stream);
    }
  }
  return streams;
}

/**
 * Where a stream was known to be. Only breaks up to a moment count, so that an incident keeps its
 * scope when one of its streams breaks somewhere else later.
 */
class StreamPlaces {
  readonly #steps: readonly KnownPlace[];
  /** Keys of the scopes of a push whose place is not known. */
  readonly unknown: string[];

  constructor(stream: StreamKey, records: readonly BreakRecord[], past: StreamPast | undefined) {
    this.unknown = keysOf({ ...stream, node: null, clientIp: null });
    const events = records.map(({ event }) => event);
    events.sort((a, b) => a.endedAt - b.endedAt || (a.id < b.id ? -1 : 1));
    const told = [...(past?.places ?? [])];
    for (const event of events) {
      told.push(...placeAfter(told.at(-1), event));
    }
    let keys = this.unknown;
    this.#steps = told.map(({ at, node, clientIp }, index) => {
      const last = told[index - 1];
      if (node !== last?.node || clientIp !== last.clientIp) {
        keys = keysOf({ ...stream, node, clientIp });
      }
      return { at, keys };
    });
  }

  /** Keys of the place that was known at a moment, epoch ms UTC, if a break told it not long before. */
  soon(moment: number): string[] {
    const { at, keys } = this.at(moment);
    return at + PLACE_KNOWN_MS >= moment ? keys : this.unknown;
  }

  /** The last place that was known at a moment, epoch ms UTC. */
  at(moment: number): KnownPlace {
    return (
      this.#steps.findLast(({ at }) => at <= moment) ?? {
        at: Number.NEGATIVE_INFINITY,
        keys: this.unknown,
      }
    );
  }
}

/** What a break tells of the place of its stream; empty when it tells nothing. @param last - told before it */
export function placeAfter(
  last: ToldPlace | undefined,
  { endedAt, node, clientIp }: BreakEvent,
): ToldPlace[] {
  return node === null && clientIp === null
    ? []
    : [
        {
          at: endedAt,
          node: node ?? last?.node ?? null,
          clientIp: clientIp ?? last?.clientIp ?? null,
        },
      ];
}

/** Keys of the scopes of a place, and when a break told it, epoch ms UTC. */
interface KnownPlace {
  at: number;
  keys: string[];
}

/** One push that was live, and where. */
export interface PlacedSpan extends Pick<LiveSpan, 'start' | 'end'> {
  /** Keys of the scopes that it was known to be in while it was live. */
  keys: readonly string[];
  /** The same when it ended: its break tells node and address. */
  endKeys: readonly string[];
  /** It is the later part of a push, whose place is not known any more. */
  continues?: boolean;
}

/** Keys of the scopes of a place. What tells its node or network also counts among all that do. */
function keysOf(place: Parameters<typeof scopesOf>[0]): string[] {
  return scopesOf(place).flatMap((scope) =>
    isPhysical(scope) ? [scopeKey(scope), anyPlace(scope.kind)] : [scopeKey(scope)],
  );
}

/** Key under which pushes with a known place of a kind are counted. */
export function anyPlace(kind: PlaceKind): string {
  return `any ${kind}`;
}
