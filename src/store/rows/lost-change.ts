/**
 * Time that streams were down, by quarter hour, stored in addition to the breaks, so that panels over weeks
 * do not read millions of rows.
 *
 * The breaks of one stream overlap: a refused retry belongs to the same outage as the break before it, and a
 * stream must not lose more than one minute a minute. So sums by cell cannot be added up. But at any moment a
 * stream is down with a certain set of cells, those of its breaks that have not recovered, and the time by
 * set is a plain sum over all streams. A query adds up the sets that contain a cell that it asks for.
 *
 * A break that has not recovered ends "now", which is different in each query. So the time of a stream from
 * its first break that has not recovered is not in the sums; `lost_open` holds its spans.
 *
 * @module
 */

import { clipSpans, type LostSpan, mergeSpans } from './lost-spans.ts';
import type { LostSums } from './lost-sums.ts';

/** Larger than any time. */
const FAR_FUTURE = Number.MAX_SAFE_INTEGER;

/** What must be known of a break to count its down-time. */
export interface LostBreak {
  cell: number;
  endedAt: number;
  recoveredAt: number | null;
  /** 0 after a normal end, which has no down-time. */
  down: number;
}

/** The span of a break before and after a batch; absent when it has none. */
interface Change {
  before?: LostSpan;
  after?: LostSpan;
}

/** A stream: stream, domain, app, account. */
export type StreamValues = readonly [string, string, string, string];

/** The changes that one batch makes to the breaks of a stream. */
export interface StreamChanges<Key> {
  stream: StreamValues;
  /** By what identifies the break. */
  breaks: Map<Key, Change>;
}

function spanOf({ cell, endedAt, recoveredAt, down }: LostBreak): LostSpan | undefined {
  return down === 0 || (recoveredAt !== null && recoveredAt <= endedAt)
    ? undefined
    : { cell, from: endedAt, to: recoveredAt };
}

function isSame(a: LostSpan | undefined, b: LostSpan | undefined): boolean {
  return a?.cell === b?.cell && a?.from === b?.from && a?.to === b?.to;
}

/** Gathers the changes that one batch makes to the lost time of its streams. `Key` identifies a break. */
export class LostChanges<Key> {
  readonly #streams = new Map<string, StreamChanges<Key>>();

  /** Adds a break, or with -1 removes it as it was before. */
  add(stream: StreamValues, key: Key, row: LostBreak, sign: 1 | -1): void {
    const name = JSON.stringify(stream);
    let changes = this.#streams.get(name);
    if (changes === undefined) {
      changes = { stream, breaks: new Map() };
      this.#streams.set(name, changes);
    }
    const known = changes.breaks.get(key);
    const span = spanOf(row);
    if (sign === 1) {
      changes.breaks.set(key, { ...known, ...(span && { after: span }) });
    } else {
      // A break that this batch has added already had no span before it.
      const before = known ? known.before : span;
      changes.breaks.set(key, before ? { before } : {});
    }
  }

  /** The streams since the last call whose down-time may change. */
  take(): StreamChanges<Key>[] {
    const streams = [...this.#streams.values()];
    this.#streams.clear();
    for (const { breaks } of streams) {
      for (const [key, { before, after }] of breaks) {
        if (isSame(before, after)) {
          breaks.delete(key);
        }
      }
    }
    return streams.filter(({ breaks }) => breaks.size > 0);
  }
}

/** What must be known of a stream to count its changes: only the time that its changed breaks cover. */
export interface LostPlan {
  old: LostSpan[];
  fresh: LostSpan[];
  /** The spans that overlap this time are needed, without those of changed breaks. */
  from: number;
  to: number;
  /** Since when the stream has not recovered; the far future when it has. */
  openFrom: number;
  /** All of it is before then, so that the spans that are open stay as they are. */
  isPast: boolean;
}

/**
 * Finds which spans of a stream are needed.
 *
 * @param open - the spans that are stored as open; undefined when there are none
 * @returns undefined when the down-time does not change
 */
export function planChanges(
  { breaks }: StreamChanges<unknown>,
  open: readonly LostSpan[] | undefined,
): LostPlan | undefined {
  const changed = [...breaks.values()];
  if (open && changed.every(({ before, after }) => !before && after && isCovered(after, open))) {
    // Usually one more refused retry of a stream that is down.
    return undefined;
  }
  const old = changed.flatMap(({ before }) => before ?? []);
  const fresh = changed.flatMap(({ after }) => after ?? []);
  const openFrom = firstOpen(open ?? []);
  // An old break of a stream that is down now: what was read from then on would be months.
  const isPast = [...old, ...fresh].every(({ to }) => to !== null && to <= openFrom);
  const moving = [...old, ...fresh, ...(isPast ? [] : (open ?? []))];
  const from = moving.reduce((least, span) => Math.min(least, span.from), FAR_FUTURE);
  const to = moving.reduce((most, span) => Math.max(most, span.to ?? FAR_FUTURE), 0);
  return { old, fresh, from, to, openFrom, isPast };
}

/**
 * Adds the changes of a stream to the sums.
 *
 * @param unchanged - the spans that the plan needs
 * @returns the spans to store as open; undefined when they stay as they are
 */
export function countChanges(
  { old, fresh, from, to, openFrom, isPast }: LostPlan,
  unchanged: readonly LostSpan[],
  sums: LostSums,
): LostSpan[] | undefined {
  const before = mergeSpans([...unchanged, ...old]);
  const after = mergeSpans([...unchanged, ...fresh]);
  sums.add(clipSpans(before, from, Math.min(to, openFrom)), -1);
  const openSince = firstOpen(after);
  sums.add(clipSpans(after, from, Math.min(to, openSince)), 1);
  if (isPast) {
    return undefined;
  }
  return openSince < FAR_FUTURE ? clipSpans(after, openSince, Number.POSITIVE_INFINITY) : [];
}

/** Whether the same cell is down in the whole span already. */
function isCovered(span: LostSpan, open: readonly LostSpan[]): boolean {
  return open.some(
    ({ cell, from, to }) =>
      cell === span.cell &&
      from <= span.from &&
      // A known end does not depend on now, so an open span does not cover it.
      (to === null ? span.to === null : span.to !== null && to >= span.to),
  );
}

/** Since when a stream has not recovered; the far future when it has. */
export function firstOpen(spans: readonly LostSpan[]): number {
  return spans.reduce(
    (least, { from, to }) => (to === null ? Math.min(least, from) : least),
    FAR_FUTURE,
  );
}

/** A span in `lost_open`. */
type OpenSpan = [cell: number, from: number, to: number | null];

/** Reads the text of spans in a row of `lost_open`. */
export function parseOpen(text: string): LostSpan[] {
  return (JSON.parse(text) as OpenSpan[]).map(([cell, from, to]) => ({ cell, from, to }));
}

/** Writes spans as {@link parseOpen} reads them. */
export function openText(spans: readonly LostSpan[]): string {
  return JSON.stringify(spans.map(({ cell, from, to }): OpenSpan => [cell, from, to]));
}
