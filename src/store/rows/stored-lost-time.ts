import type { SeriesSearch, TimeRange } from '../store.ts';
import { hasRowFilter, isCellColumn } from './filter-columns.ts';
import { parseOpen } from './lost-change.ts';
import { addSpan } from './lost-rows.ts';
import { clipSpans, type LostSpan, mergeSpans } from './lost-spans.ts';
import { addSums, QUARTER_MS, QUARTERS_PER_DAY, type QuarterRange } from './lost-sums.ts';
import type { Sums } from './sums.ts';

/** The whole quarter hours of a search that stored sums answer; undefined when single breaks must be read. */
export function storedPart({
  range,
  stepMs,
  filters,
  groupBy,
}: SeriesSearch): TimeRange | undefined {
  const from = Math.ceil(range.from / QUARTER_MS) * QUARTER_MS;
  const to = Math.floor(range.to / QUARTER_MS) * QUARTER_MS;
  const onlyCells = groupBy.every(isCellColumn) && !hasRowFilter(filters);
  return onlyCells && stepMs % QUARTER_MS === 0 && from < to ? { from, to } : undefined;
}

/** Adds up stored sums of down-time by group. `Key` identifies a set of cells. */
export class StoredLostTime<Key> {
  readonly quarters: QuarterRange;
  readonly #range: TimeRange;
  readonly #stepMs: number;
  readonly #now: number;
  readonly #groupOf: (cell: number) => number;
  readonly #groupsOf = new Map<Key, number[]>();
  /** By group, then step. */
  readonly #steps = new Map<number, Float64Array>();
  readonly #firstStep: number;
  /** One for all sets. */
  readonly #ofSet: Float64Array;

  /**
   * @param search - its range begins and ends at quarter hours
   * @param groupOf - the group of a cell; -1 for cells that are left out
   */
  constructor(
    { range, stepMs, now }: Pick<SeriesSearch, 'range' | 'stepMs' | 'now'>,
    groupOf: (cell: number) => number,
  ) {
    this.quarters = { from: range.from / QUARTER_MS, to: range.to / QUARTER_MS };
    this.#range = range;
    this.#stepMs = stepMs;
    this.#now = now;
    this.#groupOf = groupOf;
    this.#firstStep = Math.floor(range.from / stepMs);
    this.#ofSet = new Float64Array(Math.ceil(range.to / stepMs) - this.#firstStep);
  }

  /** Adds a set of cells, whose numbers are separated by commas. */
  addSet(set: Key, cells: string): void {
    const groups = new Set(cells.split(',').map((cell) => this.#groupOf(Number(cell))));
    groups.delete(-1);
    if (groups.size > 0) {
      this.#groupsOf.set(set, [...groups]);
    }
  }

  /** The sets that have a group. */
  get sets(): Key[] {
    return [...this.#groupsOf.keys()];
  }

  /** Adds rows of one of the sets. */
  addDays(set: Key, days: readonly { day: number; bytes: Uint8Array }[]): void {
    const ofSet = this.#ofSet;
    for (const { day, bytes } of days) {
      addSums(
        bytes,
        day * QUARTERS_PER_DAY,
        this.quarters,
        ofSet,
        this.#firstStep,
        this.#stepMs / QUARTER_MS,
      );
    }
    for (const group of this.#groupsOf.get(set) ?? []) {
      const ofGroup = this.#steps.get(group) ?? new Float64Array(ofSet.length);
      this.#steps.set(group, ofGroup);
      for (let step = 0; step < ofSet.length; step++) {
        ofGroup[step] = (ofGroup[step] as number) + (ofSet[step] as number);
      }
    }
    ofSet.fill(0);
  }

  /** Adds the spans of a stream that has not recovered, from their text in `lost_open`. */
  addOpen(text: string): void {
    const spans = parseOpen(text).flatMap(({ cell, from, to }): LostSpan[] => {
      // The group takes the place of the cell, so that merging counts overlapping cells once.
      const group = this.#groupOf(cell);
      return group < 0 ? [] : [{ cell: group, from, to: to ?? this.#now }];
    });
    for (const { cell, from, to } of mergeSpans(
      clipSpans(spans, this.#range.from, this.#range.to),
    )) {
      const ofGroup = this.#steps.get(cell) ?? new Float64Array(this.#ofSet.length);
      this.#steps.set(cell, ofGroup);
      const add = (step: number, ms: number) => {
        const at = step - this.#firstStep;
        ofGroup[at] = (ofGroup[at] as number) + ms;
      };
      addSpan(add, from, to as number, this.#stepMs);
    }
  }

  /** @param labels - those of each group */
  addTo(sums: Sums, labels: readonly (readonly string[])[]): void {
    for (const [group, ofGroup] of this.#steps) {
      const add = sums.adder([...(labels[group] as readonly string[])]);
      for (const [step, ms] of ofGroup.entries()) {
        if (ms > 0) {
          add(this.#firstStep + step, ms);
        }
      }
    }
  }
}
