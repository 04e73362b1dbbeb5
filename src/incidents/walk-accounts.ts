import type { BreakRecord, StreamKey } from '../model/break.ts';
import type { Chain } from '../model/incident.ts';
import type { Push } from '../model/push.ts';
import type { IncidentOptions } from './options.ts';
import { scopeKey, scopesOf } from './scopes.ts';
import type { Exposure } from './units.ts';
import type { LiveSpan, StreamPast } from './walk-stream.ts';
import { walkStream } from './walk-stream.ts';

/** Two sources report one end at most this far apart, in ms. */
const SAME_END_MS = 2_000;

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
      const keys = span.keys ?? places.at(span.start);
      const endKeys = span.end === null ? keys : places.at(span.end + SAME_END_MS);
      const { end, knownAt } = span;
      span.keys = keys;
      const start = Math.max(span.start, knownAt - knownMs);
      account.spans.push({ start, end, keys, endKeys });
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
  const of = ({ account, domain, app, stream }: StreamKey) => {
    const id = `${account}\n${domain}\n${app}\n${stream}`;
    let known = streams.get(id);
    if (!known) {
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
  readonly #steps: { at: number; keys: string[] }[] = [];
  readonly #first: string[];

  constructor(stream: StreamKey, records: readonly BreakRecord[], past: StreamPast | undefined) {
    const place = { ...stream, node: past?.node ?? null, clientIp: past?.clientIp ?? null };
    this.#first = keysOf(place);
    const events = records.map(({ event }) => event);
    events.sort((a, b) => a.endedAt - b.endedAt || (a.id < b.id ? -1 : 1));
    for (const { endedAt, node, clientIp } of events) {
      const next = { node: node ?? place.node, clientIp: clientIp ?? place.clientIp };
      if (next.node !== place.node || next.clientIp !== place.clientIp) {
        Object.assign(place, next);
        this.#steps.push({ at: endedAt, keys: keysOf(place) });
      }
    }
  }

  /** Keys of the scopes of the last place that was known at a moment, epoch ms UTC. */
  at(moment: number): string[] {
    return this.#steps.findLast(({ at }) => at <= moment)?.keys ?? this.#first;
  }
}

/** One push that was live, and where. */
export interface PlacedSpan extends Pick<LiveSpan, 'start' | 'end'> {
  /** Keys of the scopes that it was known to be in while it was live. */
  keys: readonly string[];
  /** The same when it ended: its break tells node and address. */
  endKeys: readonly string[];
}

/** Keys of the scopes of a place. */
function keysOf(place: Parameters<typeof scopesOf>[0]): string[] {
  return scopesOf(place).map(scopeKey);
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
    const counted = spans.map(({ start, end, keys, endKeys }): CountedSpan => {
      const scopes = this.#scopes.of(keys);
      return {
        start,
        end,
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

  /** Counts for a window: pushes live just before it, and those that begin in it. */
  at(from: number, to: number): Exposure {
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
        add(counts, span.end !== null && span.end < to ? span.endScopes : span.scopes, 1);
      }
      return counts;
    };
    return {
      known: this.#known,
      live: (key) => {
        const scope = this.#scopes.find(key);
        if (scope === undefined) {
          return 0;
        }
        placed ??= placedByEnd();
        return (this.#live[scope] as number) + (placed[scope] as number);
      },
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
  scopes: readonly number[];
  endScopes: readonly number[];
}

/** Numbers scopes, because counting by number is faster than by key. */
class ScopeNumbers {
  readonly #numbers = new Map<string, number>();

  of(keys: readonly string[]): number[] {
    return keys.map((key) => {
      const known = this.#numbers.get(key);
      if (known !== undefined) {
        return known;
      }
      this.#numbers.set(key, this.#numbers.size);
      return this.#numbers.size - 1;
    });
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
