import { callbackEntry, parseCallback } from '../../src/css/callbacks/callback.ts';
import type { JournalEntry } from '../../src/model/break.ts';
import { PUSH_KEY, signedCallback } from './signed-callback.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A callback of random content. */
export interface RandomCallback {
  body: Record<string, unknown>;
  /** When it arrives, epoch ms UTC. */
  at: number;
}

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Pushes of 24 streams in the five hours before a moment that begin, break, are refused, come back and end; in
 * bursts, late, twice and out of order, and each says how long it was live without regard to the others.
 *
 * @param now - epoch ms UTC
 */
export function randomCallbacks(seed: number, count: number, now: number): RandomCallback[] {
  const random = randomFrom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const made: RandomCallback[] = [];
  for (let n = 0; n < count; n++) {
    const stream = Math.floor(random() * 24);
    // Half of all breaks fall into ten minutes, so that there are incidents.
    const at =
      now - Math.floor(random() < 0.5 ? HOUR + random() * 10 * MINUTE : random() * 5 * HOUR);
    const [event_type, errcode] = pick([
      [1, 0],
      [0, 1],
      [0, 3],
      [0, 13],
      [0, 18],
      [0, 8],
      [0, 20],
    ] as const);
    const body = signedCallback({
      at,
      expiresAt: at + pick([-1, 1]) * HOUR,
      change: {
        event_type,
        errcode,
        stream_id: `shop-${stream}`,
        app: `push${stream % 3}.example.com`,
        sequence: String(10_000 + Math.floor(random() * count * 0.8)),
        node: `198.51.100.${stream % 4}`,
        user_ip: `203.0.113.${stream % 5}`,
        push_duration: String(Math.floor(random() * HOUR)),
      },
    });
    made.push({ body, at: at + Math.floor(random() * 20_000) });
  }
  return made;
}

/** Journal entries of callbacks, as the server makes them for the account `default`. */
export function entriesOf(callbacks: readonly RandomCallback[]): JournalEntry[] {
  return callbacks.map(({ body, at }) =>
    callbackEntry('default', parseCallback(body), at, [{ domain: '*', key: PUSH_KEY }]),
  );
}
