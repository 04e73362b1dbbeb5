import type { Exposure } from './units.ts';
import { anyPlace, type PlacedSpan } from './walk-accounts.ts';

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
