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

import { LONGEST_SHORT_CLASS } from '../rows/span-class.ts';
import type { Connection } from './connection.ts';
import { clipSpans, type LostSpan, mergeSpans } from './lost-spans.ts';
import { LostSums } from './lost-sums.ts';
import { createCellReader } from './read-cell.ts';

/** Larger than any time. */
const FAR_FUTURE = Number.MAX_SAFE_INTEGER;

/** What must be known of a break to count its down-time. */
export interface LostBreak {
  n: number;
  cell: number;
  stream: string;
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
type StreamValues = [string, string, string, string];

interface StreamChanges {
  stream: StreamValues;
  /** By the number of the break's row. */
  breaks: Map<number, Change>;
}

function spanOf({ cell, endedAt, recoveredAt, down }: LostBreak): LostSpan | undefined {
  return down === 0 || (recoveredAt !== null && recoveredAt <= endedAt)
    ? undefined
    : { cell, from: endedAt, to: recoveredAt };
}

function isSame(a: LostSpan | undefined, b: LostSpan | undefined): boolean {
  return a?.cell === b?.cell && a?.from === b?.from && a?.to === b?.to;
}

const OF_STREAM = 'stream = ? AND domain = ? AND app = ? AND account = ?';

/** Adds up the changes that one batch makes to the lost time of its streams, then writes them. */
export class LostTally {
  readonly #breaks: { row: LostBreak; isAdded: boolean }[] = [];

  /** Adds a break, or removes it as it was before. */
  add(row: LostBreak, sign: 1 | -1): void {
    this.#breaks.push({ row, isAdded: sign === 1 });
  }

  /** Must be called in the transaction that writes the breaks, after they are written. */
  write(connection: Connection): void {
    const sums = new LostSums();
    for (const changes of this.#byStream(connection)) {
      writeStream(connection, changes, sums);
    }
    sums.write(connection);
  }

  #byStream(connection: Connection): Iterable<StreamChanges> {
    const streams = new Map<string, StreamChanges>();
    const cellOf = createCellReader(connection);
    for (const { row, isAdded } of this.#breaks) {
      const { domain, app, account } = cellOf(row.cell);
      const stream: StreamValues = [row.stream, domain, app, account];
      const key = JSON.stringify(stream);
      let changes = streams.get(key);
      if (changes === undefined) {
        changes = { stream, breaks: new Map() };
        streams.set(key, changes);
      }
      const known = changes.breaks.get(row.n);
      const span = spanOf(row);
      if (isAdded) {
        changes.breaks.set(row.n, { ...known, ...(span && { after: span }) });
      } else {
        // A break that this batch has added already had no span before it.
        const before = known ? known.before : span;
        changes.breaks.set(row.n, before ? { before } : {});
      }
    }
    return streams.values();
  }
}

/** Writes the changes of one stream. Only the time that its changed breaks cover is computed again. */
function writeStream(
  connection: Connection,
  { stream, breaks }: StreamChanges,
  sums: LostSums,
): void {
  for (const [n, { before, after }] of breaks) {
    if (isSame(before, after)) {
      breaks.delete(n);
    }
  }
  const changed = [...breaks.values()];
  if (changed.length === 0) {
    return;
  }
  const open = readOpen(connection, stream);
  if (open && changed.every(({ before, after }) => !before && after && isCovered(after, open))) {
    // Usually one more refused retry of a stream that is down.
    return;
  }
  const old = changed.flatMap(({ before }) => before ?? []);
  const fresh = changed.flatMap(({ after }) => after ?? []);
  const openFrom = firstOpen(open ?? []);
  // An old break of a stream that is down now: what was read from then on would be months.
  const isPast = [...old, ...fresh].every(({ to }) => to !== null && to <= openFrom);
  const moving = [...old, ...fresh, ...(isPast ? [] : (open ?? []))];
  const from = moving.reduce((least, span) => Math.min(least, span.from), FAR_FUTURE);
  const to = moving.reduce((most, span) => Math.max(most, span.to ?? FAR_FUTURE), 0);
  const unchanged = readSpans(connection, stream, from, to, breaks);
  const before = mergeSpans([...unchanged, ...old]);
  const after = mergeSpans([...unchanged, ...fresh]);
  sums.add(clipSpans(before, from, Math.min(to, openFrom)), -1);
  const openSince = firstOpen(after);
  sums.add(clipSpans(after, from, Math.min(to, openSince)), 1);
  if (isPast) {
    return;
  }
  writeOpen(
    connection,
    stream,
    openSince < FAR_FUTURE ? clipSpans(after, openSince, Number.POSITIVE_INFINITY) : [],
  );
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

function firstOpen(spans: readonly LostSpan[]): number {
  return spans.reduce(
    (least, { from, to }) => (to === null ? Math.min(least, from) : least),
    FAR_FUTURE,
  );
}

const SPANS = 'SELECT b.n, b.cell, b.ended_at, b.recovered_at FROM breaks b';
const OVERLAP = `CROSS JOIN cells c ON c.cell = b.cell
  WHERE b.stream = ? AND b.until > ? AND b.ended_at < ? AND b.down = 1
    AND c.domain = ? AND c.app = ? AND c.account = ?`;
const SPANS_OF_STREAM = `${SPANS} INDEXED BY breaks_by_stream ${OVERLAP}
    AND b.ended_at > ? AND b.span_class <= ${LONGEST_SHORT_CLASS}
  UNION ALL
  ${SPANS} INDEXED BY breaks_long ${OVERLAP} AND b.span_class > ${LONGEST_SHORT_CLASS}`;

/** The spans of a stream that overlap a range, without those of changed breaks. */
function readSpans(
  connection: Connection,
  stream: StreamValues,
  from: number,
  to: number,
  changed: ReadonlyMap<number, unknown>,
): LostSpan[] {
  const [name, ...place] = stream;
  const values = [name, from, to, ...place];
  const rows = connection.rows<[number, number, number, number | null]>(
    SPANS_OF_STREAM,
    ...values,
    from - 2 ** LONGEST_SHORT_CLASS,
    ...values,
  );
  return rows
    .filter(([n]) => !changed.has(n))
    .map(([, cell, endedAt, recoveredAt]) => ({ cell, from: endedAt, to: recoveredAt }));
}

/** A span in `lost_open`. */
type OpenSpan = [cell: number, from: number, to: number | null];

/** Reads the spans of a row of `lost_open`. */
export function parseOpen(text: string): LostSpan[] {
  return (JSON.parse(text) as OpenSpan[]).map(([cell, from, to]) => ({ cell, from, to }));
}

function readOpen(connection: Connection, stream: StreamValues): LostSpan[] | undefined {
  const sql = `SELECT spans FROM lost_open WHERE ${OF_STREAM}`;
  const row = connection.row<[string]>(sql, ...stream);
  return row && parseOpen(row[0]);
}

function writeOpen(connection: Connection, stream: StreamValues, spans: LostSpan[]): void {
  if (spans.length === 0) {
    connection.run(`DELETE FROM lost_open WHERE ${OF_STREAM}`, ...stream);
    return;
  }
  const text = JSON.stringify(spans.map(({ cell, from, to }): OpenSpan => [cell, from, to]));
  connection.run(
    `INSERT INTO lost_open (stream, domain, app, account, spans) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (stream, domain, app, account) DO UPDATE SET spans = excluded.spans`,
    ...stream,
    text,
  );
}
