import { BreakwatchError } from '../../model/errors.ts';
import type { SeriesGroup, SeriesSearch } from '../store.ts';
import type { SqlValue } from './connection.ts';

/** Maximum number of sums before the biggest groups are known. They take about 100 bytes each. */
const MAX_SUMS = 3_000_000;

/** Sums by group and step, sparse until the biggest groups are known. */
export class Sums {
  #sumCount = 0;
  #groups = new Map<string, { values: string[]; total: number; steps: Map<number, number> }>();

  add(group: SqlValue[], step: number, amount: number): void {
    const { steps } = this.addTotal(group, amount);
    this.#sumCount += steps.has(step) ? 0 : 1;
    if (this.#sumCount > MAX_SUMS) {
      throw new BreakwatchError('QUERY_TOO_LARGE', {
        problem: `all groups together have breaks in more than ${MAX_SUMS} steps`,
      });
    }
    steps.set(step, (steps.get(step) ?? 0) + amount);
  }

  /** Adds to the total of a group only, whose steps follow later. */
  addTotal(group: SqlValue[], amount: number): { steps: Map<number, number> } {
    // An unknown value is an empty label.
    const values = group.map((value) => String(value ?? ''));
    const key = JSON.stringify(values);
    let sums = this.#groups.get(key);
    if (sums === undefined) {
      sums = { values, total: 0, steps: new Map() };
      this.#groups.set(key, sums);
    }
    sums.total += amount;
    return sums;
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
