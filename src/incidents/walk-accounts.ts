import type { StreamKey } from '../model/break-event.ts';
import type { BreakRecord } from '../model/break-record.ts';
import type { Chain } from '../model/incident.ts';
import type { Push } from '../model/push.ts';
import { keysOf, type PlacedSpan } from './measure-exposure.ts';
import { walkStream } from './walk-stream.ts';

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
        account.spans.push({ start: push.startedAt, end, keys: keysOfQuiet(push, quietKeys) });
      }
      continue;
    }
    const walk = walkStream(stream.records, stream.pushes, now);
    for (const chain of walk.chains) {
      account.chains.push([id, chain]);
    }
    // The last place that a stream was seen at stands for all its pushes.
    const events = stream.records.map(({ event }) => event);
    const keys = keysOf({
      ...stream.key,
      node: latest(events, 'node'),
      clientIp: latest(events, 'clientIp'),
    });
    account.spans.push(...walk.spans.map((span) => ({ ...span, keys })));
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

function latest(events: readonly BreakRecord['event'][], name: 'node' | 'clientIp'): string | null {
  let found: BreakRecord['event'] | undefined;
  for (const event of events) {
    if (
      event[name] !== null &&
      (!found ||
        event.endedAt > found.endedAt ||
        (event.endedAt === found.endedAt && event.id > found.id))
    ) {
      found = event;
    }
  }
  return found?.[name] ?? null;
}
