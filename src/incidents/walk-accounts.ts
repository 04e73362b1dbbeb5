import type { StreamKey } from '../model/break-event.ts';
import type { BreakRecord } from '../model/break-record.ts';
import type { Chain } from '../model/incident.ts';
import type { Push } from '../model/push.ts';
import { keysOf, type PlacedSpan } from './measure-exposure.ts';
import { walkStream } from './walk-stream.ts';

/** Two sources report one end at most this far apart, in ms. */
const SAME_END_MS = 2_000;

/** What one account's streams went through. */
export interface AccountWalk {
  /** Outages, each with its stream's full key, in no order. */
  chains: [stream: string, chain: Chain][];
  /** When and where pushes were live. */
  spans: PlacedSpan[];
}

interface StreamParts {
  key: StreamKey;
  records: BreakRecord[];
  pushes: Push[];
}

/**
 * Walks through the history of every stream, by account.
 *
 * @param records - breaks and, when known, normal ends, in any order
 * @param pushes - pushes that the records do not tell of
 * @param now - epoch ms UTC; later events do not count
 */
export function walkAccounts(
  records: readonly BreakRecord[],
  pushes: readonly Push[],
  now: number,
): Map<string, AccountWalk> {
  const accounts = new Map<string, AccountWalk>();
  const quietKeys = new Map<string, string[]>();
  for (const [id, stream] of byStream(records, pushes)) {
    let account = accounts.get(stream.key.account);
    if (!account) {
      account = { chains: [], spans: [] };
      accounts.set(stream.key.account, account);
    }
    const [push] = stream.pushes;
    if (push && stream.records.length === 0 && stream.pushes.length === 1) {
      // Most live pushes have nothing to tell but that they were live.
      if (push.startedAt <= now) {
        const end = push.endedAt !== null && push.endedAt <= now ? push.endedAt : null;
        const keys = keysOfQuiet(push, quietKeys);
        account.spans.push({ start: push.startedAt, end, keys, endKeys: keys });
      }
      continue;
    }
    const walk = walkStream(stream.records, stream.pushes, now);
    for (const chain of walk.chains) {
      account.chains.push([id, chain]);
    }
    const places = new StreamPlaces(stream.key, stream.records);
    for (const span of walk.spans) {
      const keys = places.at(span.start);
      const endKeys = span.end === null ? keys : places.at(span.end + SAME_END_MS);
      account.spans.push({ ...span, keys, endKeys });
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
  return streams;
}

/**
 * Where a stream was known to be. Only breaks up to a moment count, so that an incident keeps its
 * scope when one of its streams breaks somewhere else later.
 */
class StreamPlaces {
  readonly #steps: { at: number; keys: string[] }[] = [];
  readonly #first: string[];

  constructor(stream: StreamKey, records: readonly BreakRecord[]) {
    const place = { ...stream, node: null as string | null, clientIp: null as string | null };
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
