import type { BreakRecord, StreamKey } from '../model/break.ts';
import type { Push } from '../model/push.ts';
import type { HeldBreaks } from './held-breaks.ts';
import type { HeldPushes } from './held-pushes.ts';
import { mergePushes } from './live-pushes.ts';
import type { IncidentOptions } from './options.ts';
import type { StreamPasts } from './stream-pasts.ts';
import { type AccountWalk, AccountWalker } from './walk-accounts.ts';

/** What an account holds in memory. */
export interface Held {
  breaks: HeldBreaks;
  /** Null when it is not known which pushes were live. */
  pushes: HeldPushes | null;
  pasts: StreamPasts;
}

/**
 * Walks through the streams of an account as `walkAccounts` does. What is held is by stream and in order already,
 * which is a fifth of the work.
 *
 * @param now - epoch ms UTC; later events do not count
 */
export function walkHeld(
  { breaks, pushes, pasts }: Held,
  now: number,
  options: IncidentOptions,
): AccountWalk {
  const walker = new AccountWalker(now, options);
  const walk = (id: string, key: StreamKey, records: readonly BreakRecord[]) => {
    const own = pushes?.streams.get(id);
    const merged = own ? mergePushes([...own.values()], now) : [];
    if (records.length > 0 || merged.length > 0 || (pasts.get(id)?.spans.length ?? 0) > 0) {
      const parts = { key, records, pushes: merged };
      walker.add(id, parts, upTo(records, now), pasts.get(id));
    }
  };
  for (const [id, { key, ends }] of breaks.streams) {
    walk(id, key, ends);
  }
  for (const [id, own] of pushes?.streams ?? []) {
    if (!breaks.streams.has(id)) {
      walk(id, keyOf([...own.values()][0] as Push), []);
    }
  }
  for (const [id, { stream }] of pasts) {
    if (!breaks.streams.has(id) && !pushes?.streams.has(id)) {
      walk(id, stream, []);
    }
  }
  return walker.walk;
}

function keyOf({ account, domain, app, stream }: Push): StreamKey {
  return { account, domain, app, stream };
}

/** @param ends - in order of time */
function upTo(ends: readonly BreakRecord[], now: number): readonly BreakRecord[] {
  const last = ends.at(-1);
  return last && last.event.endedAt > now ? ends.filter(({ event }) => event.endedAt <= now) : ends;
}
