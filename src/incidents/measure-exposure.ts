import { scopeKey, scopesOf } from './scope-values.ts';
import type { Exposure } from './units.ts';
import type { LiveSpan } from './walk-stream.ts';

/** One push that was live, and where. */
export interface PlacedSpan extends LiveSpan {
  /** Keys of the scopes that it was known to be in while it was live. */
  keys: readonly string[];
  /** The same when it ended: its break tells node and address. */
  endKeys: readonly string[];
}

/** Keys of the scopes of a place. */
export function keysOf(place: Parameters<typeof scopesOf>[0]): string[] {
  return scopesOf(place).map(scopeKey);
}

/**
 * Counts live pushes by scope at moments that only go forward, so that each push is counted in and
 * out once however many windows there are.
 */
export class ExposureSweep {
  readonly #starts: PlacedSpan[];
  readonly #ends: PlacedSpan[];
  readonly #live = new Map<string, number>();
  #nextStart = 0;
  #nextEnd = 0;

  readonly #known: boolean;

  /** @param known - whether these are all pushes that were live */
  constructor(spans: readonly PlacedSpan[], known: boolean) {
    this.#known = known;
    this.#starts = [...spans].sort((a, b) => a.start - b.start);
    this.#ends = spans
      .filter(({ end }) => end !== null)
      .sort((a, b) => (a.end as number) - (b.end as number));
  }

  /** Counts for a window: pushes live just before it, and those that begin in it. */
  at(from: number, to: number): Exposure {
    for (; (this.#starts[this.#nextStart]?.start ?? from) < from; this.#nextStart++) {
      this.#count(this.#starts[this.#nextStart] as PlacedSpan, 1);
    }
    for (; (this.#ends[this.#nextEnd]?.end ?? from) < from; this.#nextEnd++) {
      this.#count(this.#ends[this.#nextEnd] as PlacedSpan, -1);
    }
    let started: Map<string, number> | undefined;
    let placed: Map<string, number> | undefined;
    /** Pushes that end in the window are where their ends tell, not where they were known before. */
    const placedByEnd = () => {
      const changes = new Map<string, number>();
      for (let index = this.#nextEnd; index < this.#ends.length; index++) {
        const { start, end, keys, endKeys } = this.#ends[index] as PlacedSpan;
        if ((end as number) >= to) {
          break;
        }
        if (start < from && keys !== endKeys) {
          add(changes, keys, -1);
          add(changes, endKeys, 1);
        }
      }
      return changes;
    };
    const startedAt = () => {
      const counts = new Map<string, number>();
      for (let index = this.#nextStart; index < this.#starts.length; index++) {
        const span = this.#starts[index] as PlacedSpan;
        if (span.start >= to) {
          break;
        }
        add(counts, span.end !== null && span.end < to ? span.endKeys : span.keys, 1);
      }
      return counts;
    };
    return {
      known: this.#known,
      live: (key) => {
        placed ??= placedByEnd();
        return (this.#live.get(key) ?? 0) + (placed.get(key) ?? 0);
      },
      started: (key) => {
        started ??= startedAt();
        return started.get(key) ?? 0;
      },
    };
  }

  #count(span: PlacedSpan, change: 1 | -1): void {
    add(this.#live, span.keys, change);
  }
}

function add(counts: Map<string, number>, keys: readonly string[], change: 1 | -1): void {
  for (const key of keys) {
    counts.set(key, (counts.get(key) ?? 0) + change);
  }
}
