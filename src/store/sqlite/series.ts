import { BreakwatchError } from '../../model/errors.ts';
import { FILTER_NAMES, type GroupBy } from '../../model/query.ts';
import type { SeriesGroup, SeriesSearch, TimeRange } from '../store.ts';
import { type Connection, goOnAt, type SqlValue } from './connection.ts';
import { COLUMN_OF, filterConditions, isCellColumn, wantedOf } from './filter-conditions.ts';
import { hasRowFilter, indexFor } from './find-breaks.ts';
import { eachPlaceCount, type PlaceColumn, type PlaceSearch, placeTotals } from './place-counts.ts';
import { minutesSince, type RangePart, splitRange } from './roll-ups.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Maximum number of sums before the biggest groups are known. They take about 100 bytes each. */
const MAX_SUMS = 3_000_000;

/** Sums by group and step, sparse until the biggest groups are known. */
class Sums {
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
  const column = placeColumnOf(search);
  if (column !== undefined) {
    return countsOfPlaces(connection, search, column);
  }
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

/** Shorter ranges are read from the breaks. */
const MIN_PLACE_HOURS = 6;

/**
 * The column of `breaks` whose hourly counts answer a search: the only one that it groups or filters by;
 * undefined when there is none.
 */
function placeColumnOf({ filters, groupBy, stepMs, range }: SeriesSearch): PlaceColumn | undefined {
  const names = FILTER_NAMES.filter(
    (name) => !isCellColumn(name) && (groupBy.includes(name) || wantedOf(filters, name)),
  );
  const [name] = names;
  const hours = Math.floor(range.to / HOUR_MS) - Math.ceil(range.from / HOUR_MS);
  return name !== undefined &&
    names.length === 1 &&
    stepMs % HOUR_MS === 0 &&
    hours >= MIN_PLACE_HOURS &&
    // An empty text is how an unknown place is stored, and no filter matches that.
    !wantedOf(filters, name)?.includes('')
    ? (COLUMN_OF[name].slice('b.'.length) as PlaceColumn)
    : undefined;
}

function countsOfPlaces(connection: Connection, search: SeriesSearch, column: PlaceColumn): Sums {
  const { range, stepMs, filters, groupBy } = search;
  const { search: places, labels } = placeSearchOf(connection, { range, filters, groupBy }, column);
  const valueAt = groupBy.findIndex((name) => COLUMN_OF[name] === `b.${column}`);
  const sums = new Sums();
  const groupOf = (value: string, group: number) =>
    (labels[group] as string[]).map((label, index) => (index === valueAt ? value : label));
  for (const edge of edgesOf(range, places)) {
    for (const [step, amount, ...group] of countsOfPart(connection, search, edge)) {
      sums.add(group, step as number, amount as number);
    }
  }
  for (const [value, totals] of placeTotals(connection, places)) {
    for (const [group, total] of totals.entries()) {
      if (total > 0) {
        sums.addTotal(groupOf(value, group), total);
      }
    }
  }
  const kept = sums.keepLargest(search);
  const only =
    valueAt < 0 ? places.only : [...new Set(kept.map((group) => group[valueAt] as string))];
  const stepHours = stepMs / HOUR_MS;
  let last: { value: string; group: number; steps: Map<number, number> | undefined } | undefined;
  eachPlaceCount(connection, { ...places, ...(only && { only }) }, (value, group, hour, count) => {
    if (last?.value !== value || last.group !== group) {
      last = { value, group, steps: sums.stepsOf(groupOf(value, group)) };
    }
    const step = Math.floor(hour / stepHours);
    last.steps?.set(step, (last.steps.get(step) ?? 0) + count);
  });
  return sums;
}

/**
 * Builds the search for the whole hours of a range.
 *
 * @returns also the labels of each group of cells, in the order of `groupBy`; empty for the place itself
 */
export function placeSearchOf(
  connection: Connection,
  { range, filters, groupBy }: Pick<SeriesSearch, 'range' | 'filters' | 'groupBy'>,
  column: PlaceColumn,
): { search: PlaceSearch; labels: string[][] } {
  const ofCell = filterConditions(filters, 'cell');
  const ofPlace = filterConditions(filters, 'row');
  const name = FILTER_NAMES.find((one) => COLUMN_OF[one] === `b.${column}`);
  const wanted = name && wantedOf(filters, name);
  const isExact = wanted?.every((text) => text !== '' && !text.includes('*'));
  const columns = groupBy.map((name) => (isCellColumn(name) ? COLUMN_OF[name] : "''"));
  const cells = connection.rows<[number, ...string[]]>(
    `SELECT ${['c.cell', ...columns].join(', ')} FROM cells c
     WHERE ${['true', ...ofCell.sql].join(' AND ')} ORDER BY c.cell`,
    ...ofCell.values,
  );
  const groups = new Int32Array((cells.at(-1)?.[0] ?? 0) + 1).fill(-1);
  const numbers = new Map<string, number>();
  const labels: string[][] = [];
  for (const [cell, ...values] of cells) {
    const key = JSON.stringify(values);
    let number = numbers.get(key);
    if (number === undefined) {
      number = labels.length;
      numbers.set(key, number);
      labels.push(values);
    }
    groups[cell] = number;
  }
  return {
    search: {
      column,
      fromHour: Math.ceil(range.from / HOUR_MS),
      toHour: Math.floor(range.to / HOUR_MS),
      groups,
      groupCount: labels.length,
      where: {
        sql: ofPlace.sql.map((sql) => ` AND ${sql.replaceAll(`b.${column}`, 'p.value')}`).join(''),
        values: ofPlace.values as string[],
      },
      ...(isExact && { only: [...new Set(wanted)] }),
    },
    labels,
  };
}

/** The parts of a range before its first and after its last whole hour. */
export function edgesOf(range: TimeRange, { fromHour, toHour }: PlaceSearch): RangePart[] {
  return [
    { from: range.from, to: fromHour * HOUR_MS, rollUp: null },
    { from: toHour * HOUR_MS, to: range.to, rollUp: null },
  ].filter(({ from, to }) => from < to);
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
