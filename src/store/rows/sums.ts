import { BreakwatchError } from '../../model/errors.ts';
import type { SeriesGroup, SeriesSearch } from '../store.ts';
import type { SqlValue } from './sql-value.ts';

/** Maximum number of sums before the biggest groups are known. They take about 100 bytes each. */
const MAX_SUMS = 3_000_000;

/** One group: its labels, the sum of all steps, and the sum of each step that is not 0. */
interface GroupSums {
  values: string[];
  total: number;
  steps: Map<number, number>;
}

/** Sums by group and step, sparse until the biggest groups are known. */
export class Sums {
  #sumCount = 0;
  #groups = new Map<string, GroupSums>();

  add(group: SqlValue[], step: number, amount: number): void {
    this.#addStep(this.#sumsOf(group), step, amount);
  }

  /** Returns a function that adds to a group; it is faster than {@link add} for many steps. */
  adder(group: SqlValue[]): (step: number, amount: number) => void {
    let sums: GroupSums | undefined;
    return (step, amount) => {
      sums ??= this.#sumsOf(group);
      this.#addStep(sums, step, amount);
    };
  }

  /** Adds to the total of a group only, whose steps follow later. */
  addTotal(group: SqlValue[], amount: number): void {
    this.#sumsOf(group).total += amount;
  }

  /** The total of the nth largest group; 0 when there are fewer groups. */
  nthTotal(n: number): number {
    const totals = Float64Array.from(this.#groups.values(), ({ total }) => total).sort();
    return totals[totals.length - n] ?? 0;
  }

  #sumsOf(group: SqlValue[]): GroupSums {
    // An unknown value is an empty label.
    const values = group.map((value) => String(value ?? ''));
    const key = JSON.stringify(values);
    let sums = this.#groups.get(key);
    if (sums === undefined) {
      sums = { values, total: 0, steps: new Map() };
      this.#groups.set(key, sums);
    }
    return sums;
  }

  #addStep(sums: GroupSums, step: number, amount: number): void {
    const { steps } = sums;
    const known = steps.get(step);
    if (known === undefined) {
      this.#sumCount += 1;
      if (this.#sumCount > MAX_SUMS) {
        throw new BreakwatchError('QUERY_TOO_LARGE', {
          problem: `all groups together have breaks in more than ${MAX_SUMS} steps`,
        });
      }
    }
    sums.total += amount;
    steps.set(step, (known ?? 0) + amount);
  }

  /**
   * Forgets all groups but the largest.
   *
   * @throws `QUERY_TOO_LARGE` when these have too many points
   */
  keepLargest(search: SeriesSearch): string[][] {
    const { range, stepMs, limit, maxPoints = Number.POSITIVE_INFINITY } = search;
    const length = Math.ceil(range.to / stepMs) - Math.floor(range.from / stepMs);
    const largest = [...this.#groups]
      .filter(([, sums]) => sums.total > 0)
      .sort(([keyA, a], [keyB, b]) => b.total - a.total || (keyA < keyB ? -1 : 1))
      .slice(0, limit);
    if (largest.length * length > maxPoints) {
      throw new BreakwatchError('QUERY_TOO_LARGE', {
        problem: `${largest.length} groups of ${length} steps have ${largest.length * length} points`,
      });
    }
    this.#groups = new Map(largest);
    return largest.map(([, { values }]) => values);
  }

  /** The steps of a group that was kept; undefined when it was not. */
  stepsOf(values: string[]): Map<number, number> | undefined {
    return this.#groups.get(JSON.stringify(values))?.steps;
  }

  /** The biggest groups with one point per step. */
  toGroups(search: SeriesSearch, perUnit: number): SeriesGroup[] {
    const { range, stepMs, groupBy } = search;
    const first = Math.floor(range.from / stepMs);
    const length = Math.ceil(range.to / stepMs) - first;
    this.keepLargest(search);
    return [...this.#groups].map(([, sums]) => {
      const points = new Float64Array(length);
      for (const [step, amount] of sums.steps) {
        points[step - first] = amount / perUnit;
      }
      const labels = groupBy.map((name, i) => [name, sums.values[i]]);
      return { labels: Object.fromEntries(labels), points };
    });
  }
}
