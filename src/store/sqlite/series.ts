import { BreakwatchError } from '../../model/errors.ts';
import type { GroupBy } from '../../model/query.ts';
import type { SeriesGroup, SeriesSearch } from '../store.ts';
import { type Connection, goOnAt, type SqlValue } from './connection.ts';
import { COLUMN_OF, filterConditions, isCellColumn } from './filter-conditions.ts';
import { hasRowFilter, indexFor } from './find-breaks.ts';
import { minutesSince, type RangePart, splitRange } from './roll-ups.ts';

const MINUTE_MS = 60_000;

/** Sums by group and step, sparse until the biggest groups are known. */
class Sums {
  readonly #groups = new Map<
    string,
    { values: string[]; total: number; steps: Map<number, number> }
  >();

  add(group: SqlValue[], step: number, amount: number): void {
    // An unknown value is an empty label.
    const values = group.map((value) => String(value ?? ''));
    const key = JSON.stringify(values);
    let sums = this.#groups.get(key);
    if (sums === undefined) {
      sums = { values, total: 0, steps: new Map() };
      this.#groups.set(key, sums);
    }
    sums.total += amount;
    sums.steps.set(step, (sums.steps.get(step) ?? 0) + amount);
  }

  /** The biggest groups with one point per step. */
  toGroups(search: SeriesSearch, perUnit: number): SeriesGroup[] {
    const { range, stepMs, groupBy, limit, maxPoints = Number.POSITIVE_INFINITY } = search;
    const first = Math.floor(range.from / stepMs);
    const length = Math.ceil(range.to / stepMs) - first;
    const count = Math.min(limit, this.#groups.size);
    if (count * length > maxPoints) {
      throw new BreakwatchError('QUERY_TOO_LARGE', {
        problem: `${count} groups of ${length} steps have ${count * length} points`,
      });
    }
    return [...this.#groups]
      .filter(([, sums]) => sums.total > 0)
      .sort(([keyA, a], [keyB, b]) => b.total - a.total || (keyA < keyB ? -1 : 1))
      .slice(0, limit)
      .map(([, sums]) => {
        const points = new Float64Array(length);
        for (const [step, amount] of sums.steps) {
          points[step - first] = amount / perUnit;
        }
        const labels = groupBy.map((name, i) => [name, sums.values[i]]);
        return { labels: Object.fromEntries(labels), points };
      });
  }
}

/** Counts groups over time for the store's `series`. */
export function series(connection: Connection, search: SeriesSearch): SeriesGroup[] {
  if (search.range.from >= search.range.to) {
    return [];
  }
  if (search.measure === 'lostMinutes') {
    return lostMinutes(connection, search).toGroups(search, MINUTE_MS);
  }
  const perUnit = search.measure === 'rate' ? search.stepMs / MINUTE_MS : 1;
  return counts(connection, search).toGroups(search, perUnit);
}

function groupColumns(groupBy: GroupBy[]): string[] {
  return groupBy.map((name) => COLUMN_OF[name]);
}

function counts(connection: Connection, search: SeriesSearch): Sums {
  const { range, stepMs, filters, groupBy } = search;
  const onlyCells = groupBy.every(isCellColumn) && !hasRowFilter(filters);
  const parts: RangePart[] = onlyCells
    ? splitRange(range.from, range.to, stepMs, minutesSince(connection))
    : [{ ...range, rollUp: null }];
  const sums = new Sums();
  for (const part of parts) {
    for (const [step, amount, ...group] of countsOfPart(connection, search, part)) {
      sums.add(group, step as number, amount as number);
    }
  }
  return sums;
}

function countsOfPart(
  connection: Connection,
  { filters, groupBy, stepMs }: SeriesSearch,
  part: RangePart,
): IterableIterator<SqlValue[]> {
  const conditions = filterConditions(filters, 'all');
  const where = conditions.sql.map((sql) => ` AND ${sql}`).join('');
  const groups = groupColumns(groupBy)
    .map((column) => `, ${column}`)
    .join('');
  if (part.rollUp !== null) {
    return connection.iterate(
      `SELECT r.bucket / CAST(? AS INTEGER) AS step, sum(r.breaks)${groups}
       FROM cells c CROSS JOIN ${part.rollUp.table} r
         ON r.cell = c.cell AND r.bucket >= ? AND r.bucket < ?
       WHERE ${goOnAt('r.cell')}${where}
       GROUP BY step${groups}`,
      stepMs,
      part.from,
      part.to,
      ...conditions.values,
    );
  }
  return connection.iterate(
    `SELECT b.ended_at / CAST(? AS INTEGER) AS step, count(*)${groups}
     FROM breaks b INDEXED BY ${indexFor(filters)}
       CROSS JOIN cells c ON c.cell = b.cell
     WHERE ${goOnAt('b.n')} AND b.ended_at >= ? AND b.ended_at < ?${where}
     GROUP BY step${groups}`,
    stepMs,
    part.from,
    part.to,
    ...conditions.values,
  );
}

/**
 * Down-time in ms. Refused retries belong to the same outage as the break before them, so within a group
 * the spans of one stream are merged: a stream never loses more than one minute per minute.
 */
function lostMinutes(connection: Connection, search: SeriesSearch): Sums {
  const { range, stepMs, filters, groupBy, now } = search;
  const conditions = filterConditions(filters, 'all');
  const where = conditions.sql.map((sql) => ` AND ${sql}`).join('');
  const groups = groupColumns(groupBy);
  const stream = ['c.account', 'c.domain', 'c.app', 'b.stream'];
  // By group, then stream, then time: all columns except the last, by their number.
  const order = [...groups, ...stream, 'ended_at'].map((_column, i) => i + 1).join(', ');
  const select = `SELECT ${[...groups, ...stream].join(', ')}, b.ended_at, b.recovered_at`;
  const rows = connection.iterate<SqlValue[]>(
    `SELECT * FROM (
       ${select} FROM breaks b INDEXED BY ${indexFor(filters)}
         CROSS JOIN cells c ON c.cell = b.cell
       WHERE ${goOnAt('b.n')} AND b.ended_at >= ? AND b.ended_at < ? AND b.down = 1${where}
       UNION ALL
       ${select} FROM breaks b INDEXED BY breaks_by_until CROSS JOIN cells c ON c.cell = b.cell
       WHERE ${goOnAt('b.n')} AND b.down = 1 AND b.until > ? AND b.ended_at < ?${where}
     ) ORDER BY ${order}`,
    range.from,
    range.to,
    ...conditions.values,
    range.from,
    range.from,
    ...conditions.values,
  );
  const sums = new Sums();
  let owner = '';
  let coveredTo = 0;
  for (const row of rows) {
    const endedAt = row[row.length - 2] as number;
    const recoveredAt = row[row.length - 1] as number | null;
    const key = JSON.stringify(row.slice(0, -2));
    if (key !== owner) {
      owner = key;
      coveredTo = range.from;
    }
    const from = Math.max(endedAt, coveredTo);
    const to = Math.min(recoveredAt ?? now, range.to);
    addSpan(sums, row.slice(0, groups.length), from, to, stepMs);
    coveredTo = Math.max(coveredTo, to);
  }
  return sums;
}

function addSpan(sums: Sums, group: SqlValue[], from: number, to: number, stepMs: number): void {
  for (let step = Math.floor(from / stepMs), at = from; at < to; step++) {
    const end = Math.min(to, (step + 1) * stepMs);
    sums.add(group, step, end - at);
    at = end;
  }
}
