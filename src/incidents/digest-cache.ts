import type { BreakRecord } from '../model/break.ts';
import { SAME_START_MS } from './walk-stream.ts';

/** Digests of this many things are kept; one that was folded before may be read from the store again. */
const MAX_DIGESTS = 30_000;

/** What is remembered of one thing. */
interface Known extends Digest {
  /** When it happened, epoch ms UTC. */
  at: number;
}

/** Digests of folded breaks and pushes, to tell a repetition from a change. */
export class DigestCache {
  readonly #digests = new Map<string, Known>();

  has(id: string): boolean {
    return this.#digests.has(id);
  }

  /** @param at - when it happened, epoch ms UTC */
  add(id: string, value: unknown, at: number): void {
    this.#digests.delete(id);
    this.#digests.set(id, { ...digestOf(value), at });
    const [oldest] = this.#digests.size > MAX_DIGESTS ? this.#digests.keys() : [];
    if (oldest !== undefined) {
      this.#digests.delete(oldest);
    }
  }

  /** Tells whether this is a repetition of what was folded. */
  isSame(id: string, value: unknown): boolean {
    const known = this.#digests.get(id);
    const { digest, recoveredAt } = digestOf(value);
    return known?.digest === digest && known.recoveredAt === recoveredAt;
  }

  /** Tells whether only the recovery of a break is new, by at most two seconds. */
  isSameButForClock(id: string, value: unknown): boolean {
    const known = this.#digests.get(id);
    const { digest, recoveredAt } = digestOf(value);
    return (
      known?.digest === digest &&
      known.recoveredAt !== null &&
      recoveredAt !== null &&
      Math.abs(recoveredAt - known.recoveredAt) <= SAME_START_MS
    );
  }

  /** Returns when it happened, epoch ms UTC; undefined when it is not known. */
  timeOf(id: string): number | undefined {
    return this.#digests.get(id)?.at;
  }
}

/** A break, or anything else, in two numbers. */
interface Digest {
  /** Of the value as JSON, without the recovery of a break. */
  digest: number;
  /** Of a break, epoch ms UTC; null when it has none. */
  recoveredAt: number | null;
}

function digestOf(value: unknown): Digest {
  if (typeof value !== 'object' || value === null || !('event' in value)) {
    return { digest: hashOf(value), recoveredAt: null };
  }
  const { event, verdict } = value as BreakRecord;
  const rest = { event: { ...event, recoveredAt: null }, verdict };
  return { digest: hashOf(rest), recoveredAt: event.recoveredAt };
}

/** FNV-1a of the value as JSON. */
function hashOf(value: unknown): number {
  const text = JSON.stringify(value) ?? '';
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place++) {
    hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
  }
  return hash;
}
