import type { BreakRecord } from '../model/break.ts';
import { SAME_START_MS } from './walk-stream.ts';

/** Digests of this many things are kept; one that was folded before may be read from the store again. */
const MAX_DIGESTS = 30_000;

/** What is remembered of one thing. */
interface Digest {
  digest: number;
  /** The same without the recovery, when it is a break that has one. */
  withoutRecovery: number | null;
  recoveredAt: number;
  at: number;
}

/** Digests of folded breaks and pushes, to tell a repetition from a change. */
export class DigestCache {
  readonly #digests = new Map<string, Digest>();

  has(id: string): boolean {
    return this.#digests.has(id);
  }

  /** @param at - when it happened, epoch ms UTC */
  add(id: string, value: unknown, at: number): void {
    this.#digests.delete(id);
    const { rest, recoveredAt } = splitRecovery(value);
    this.#digests.set(id, {
      digest: digestOf(value),
      withoutRecovery: recoveredAt === null ? null : digestOf(rest),
      recoveredAt: recoveredAt ?? 0,
      at,
    });
    const [oldest] = this.#digests.size > MAX_DIGESTS ? this.#digests.keys() : [];
    if (oldest !== undefined) {
      this.#digests.delete(oldest);
    }
  }

  /** Tells whether this is a repetition of what was folded. */
  isSame(id: string, value: unknown): boolean {
    return this.#digests.get(id)?.digest === digestOf(value);
  }

  /** Tells whether only the recovery of a break is new, by at most two seconds. */
  isSameButForClock(id: string, value: unknown): boolean {
    const known = this.#digests.get(id);
    const { rest, recoveredAt } = splitRecovery(value);
    return (
      known !== undefined &&
      known.withoutRecovery !== null &&
      recoveredAt !== null &&
      Math.abs(recoveredAt - known.recoveredAt) <= SAME_START_MS &&
      known.withoutRecovery === digestOf(rest)
    );
  }

  /** Returns when it happened, epoch ms UTC; undefined when it is not known. */
  timeOf(id: string): number | undefined {
    return this.#digests.get(id)?.at;
  }
}

/** The recovery of a break, and the break without it. */
function splitRecovery(value: unknown): { rest: unknown; recoveredAt: number | null } {
  if (typeof value !== 'object' || value === null || !('event' in value)) {
    return { rest: value, recoveredAt: null };
  }
  const { event, verdict } = value as BreakRecord;
  return {
    rest: { event: { ...event, recoveredAt: null }, verdict },
    recoveredAt: event.recoveredAt,
  };
}

/** FNV-1a of the value as JSON. */
function digestOf(value: unknown): number {
  const text = JSON.stringify(value) ?? '';
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place++) {
    hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
  }
  return hash;
}
