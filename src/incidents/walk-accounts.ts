import { type BreakEvent, type BreakRecord, type StreamKey, streamText } from '../model/break.ts';
import type { Chain } from '../model/incident.ts';
import type { Push } from '../model/push.ts';
import type { IncidentOptions } from './options.ts';
import { isPhysical, type PlaceKind, scopeKey, scopesOf } from './scopes.ts';
import type { Exposure } from './units.ts';
import type { LiveSpan, StreamPast, ToldPlace } from './walk-stream.ts';
import { walkStream } from './walk-stream.ts';

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

interface StreamParts {
  key: StreamKey;
  records: BreakRecord[];
  pushes: Push[];
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
 *
 * A push whose start was missed is known only when it breaks. Windows of outages that were settled
 * by then do not count it as live, so that what is settled never changes.
 */
export function walkAccounts({
  records,
  pushes,
  pasts,
  now,
  options,
}: WalkRequest): Map<string, AccountWalk> {
  const accounts = new Map<string, AccountWalk>();
  const quietKeys = new Map<string, string[]>();
  const knownMs = options.joinMs + options.settleMs;
  for (const [id, stream] of byStream(records, pushes, pasts)) {
    let account = accounts.get(stream.key.account);
    if (!account) {
      account = { chains: [], spans: [], ofStream: new Map() };
      accounts.set(stream.key.account, account);
    }
    const past = pasts?.get(id);
    const [push] = stream.pushes;
    if (push && stream.records.length === 0 && stream.pushes.length === 1 && !past) {
      // Most live pushes have nothing to tell but that they were live.
      if (push.startedAt <= now) {
        const end = push.endedAt !== null && push.endedAt <= now ? push.endedAt : null;
        const keys = keysOfQuiet(push, quietKeys);
        account.spans.push({ start: push.startedAt, end, keys, endKeys: keys });
      }
      continue;
    }
    const walk = walkStream(stream.records, stream.pushes, now, past);
    for (const chain of walk.chains) {
      account.chains.push([id, chain]);
    }
    account.ofStream.set(id, walk.spans);
    const places = new StreamPlaces(stream.key, stream.records, past);
    for (const span of walk.spans) {
      if (!span.keys) {
        const place = places.at(span.start);
        span.keys = place.keys;
        span.keysUntil = place.at + PLACE_KNOWN_MS;
      }
      const { end, knownAt, keys, keysUntil = Number.POSITIVE_INFINITY } = span;
      const start = Math.max(span.start, knownAt - knownMs);
      const endKeys = end === null ? keys : places.soon(end + SAME_END_MS);
      if (keysUntil >= (end ?? now)) {
        account.spans.push({ start, end, keys, endKeys });
        continue;
      }
      const middle = Math.max(start, keysUntil);
      const rest = { keys: places.unknown, endKeys: end === null ? places.unknown : endKeys };
      if (middle > start) {
        account.spans.push({ start, end: middle, keys, endKeys: keys });
      }
      account.spans.push({ start: middle, end, ...rest, continues: middle > start });
    }
  }
  return accounts;
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
  const streams = new Map<string, StreamParts>();
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
function anyPlace(kind: PlaceKind): string {
  return `any ${kind}`;
}

/**
 * Counts live pushes by scope at moments that only go forward, so that each push is counted in and
 * out once however many windows there are.
 */
export class ExposureSweep {
  readonly #starts: CountedSpan[];
  readonly #ends: CountedSpan[];
  readonly #scopes = new ScopeNumbers();
  /** By number of the scope. */
  readonly #live: Int32Array;
  #nextStart = 0;
  #nextEnd = 0;

  readonly #known: boolean;

  /** @param known - whether these are all pushes that were live */
  constructor(spans: readonly PlacedSpan[], known: boolean) {
    this.#known = known;
    const counted = spans.map(({ start, end, keys, endKeys, continues }): CountedSpan => {
      const scopes = this.#scopes.of(keys);
      return {
        start,
        end,
        continues,
        scopes,
        endScopes: keys === endKeys ? scopes : this.#scopes.of(endKeys),
      };
    });
    this.#live = this.#scopes.counts();
    this.#starts = [...counted].sort((a, b) => a.start - b.start);
    this.#ends = counted
      .filter(({ end }) => end !== null)
      .sort((a, b) => (a.end as number) - (b.end as number));
  }

  /**
   * Counts for a window: pushes live just before it, and those that begin in it.
   *
   * @param to - end of the window, epoch ms UTC
   * @param seen - up to when it was seen
   */
  at(from: number, to: number, seen: number): Exposure {
    for (; (this.#starts[this.#nextStart]?.start ?? from) < from; this.#nextStart++) {
      add(this.#live, (this.#starts[this.#nextStart] as CountedSpan).scopes, 1);
    }
    for (; (this.#ends[this.#nextEnd]?.end ?? from) < from; this.#nextEnd++) {
      add(this.#live, (this.#ends[this.#nextEnd] as CountedSpan).scopes, -1);
    }
    let started: Int32Array | undefined;
    let placed: Int32Array | undefined;
    /** Pushes that end in the window are where their ends tell, not where they were known before. */
    const placedByEnd = () => {
      const changes = this.#scopes.counts();
      for (let index = this.#nextEnd; index < this.#ends.length; index++) {
        const { start, end, scopes, endScopes } = this.#ends[index] as CountedSpan;
        if ((end as number) >= to) {
          break;
        }
        if (start < from && scopes !== endScopes) {
          add(changes, scopes, -1);
          add(changes, endScopes, 1);
        }
      }
      return changes;
    };
    const startedAt = () => {
      const counts = this.#scopes.counts();
      for (let index = this.#nextStart; index < this.#starts.length; index++) {
        const span = this.#starts[index] as CountedSpan;
        if (span.start >= to) {
          break;
        }
        if (!span.continues) {
          add(counts, span.end !== null && span.end < to ? span.endScopes : span.scopes, 1);
        }
      }
      return counts;
    };
    const live = (key: string) => {
      const scope = this.#scopes.find(key);
      if (scope === undefined) {
        return 0;
      }
      placed ??= placedByEnd();
      return (this.#live[scope] as number) + (placed[scope] as number);
    };
    return {
      known: this.#known,
      from,
      to: Math.min(to, seen),
      live,
      placed: (kind) => live(anyPlace(kind)),
      started: (key) => {
        const scope = this.#scopes.find(key);
        if (scope === undefined) {
          return 0;
        }
        started ??= startedAt();
        return started[scope] as number;
      },
    };
  }
}

/** A span with the numbers of its scopes. */
interface CountedSpan extends Pick<PlacedSpan, 'start' | 'end'> {
  continues: boolean | undefined;
  scopes: readonly number[];
  endScopes: readonly number[];
}

/** Numbers scopes, because counting by number is faster than by key. */
class ScopeNumbers {
  readonly #numbers = new Map<string, number>();
  /** Pushes of one place share their list of keys. */
  readonly #ofList = new Map<readonly string[], readonly number[]>();

  of(keys: readonly string[]): readonly number[] {
    let numbers = this.#ofList.get(keys);
    if (numbers === undefined) {
      numbers = keys.map((key) => this.#numberOf(key));
      this.#ofList.set(keys, numbers);
    }
    return numbers;
  }

  #numberOf(key: string): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) {
      return known;
    }
    this.#numbers.set(key, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  find(key: string): number | undefined {
    return this.#numbers.get(key);
  }

  /** A count of 0 for each scope. */
  counts(): Int32Array {
    return new Int32Array(this.#numbers.size);
  }
}

function add(counts: Int32Array, scopes: readonly number[], change: 1 | -1): void {
  for (const scope of scopes) {
    counts[scope] = (counts[scope] as number) + change;
  }
}
