import { FILTER_NAMES } from '../../model/query.ts';
import type { SeriesGroup, SeriesSearch, TimeRange } from '../store.ts';
import { type Connection, goOnAt, type SqlValue } from './connection.ts';
import { COLUMN_OF, filterConditions, isCellColumn, wantedOf } from './filter-conditions.ts';
import { hasRowFilter, indexFor } from './find-breaks.ts';
import { groupCells } from './group-cells.ts';
import { lostTime } from './lost-minutes.ts';
import { eachPlaceCount, type PlaceColumn, type PlaceSearch, placeTotals } from './place-counts.ts';
import { minutesSince, type RangePart, splitRange } from './roll-ups.ts';
import { Sums } from './sums.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Counts groups over time for the store's `series`. */
export function series(connection: Connection, search: SeriesSearch): SeriesGroup[] {
  if (search.range.from >= search.range.to) {
    return [];
  }
  if (search.measure === 'lostMinutes') {
    return lostTime(connection, search).toGroups(search, MINUTE_MS);
  }
  const perUnit = search.measure === 'rate' ? search.stepMs / MINUTE_MS : 1;
  return counts(connection, search).toGroups(search, perUnit);
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
  const ofPlace = filterConditions(filters, 'row');
  const name = FILTER_NAMES.find((one) => COLUMN_OF[one] === `b.${column}`);
  const wanted = name && wantedOf(filters, name);
  const isExact = wanted?.every((text) => text !== '' && !text.includes('*'));
  const { groups, labels } = groupCells(connection, { filters, groupBy });
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
  const groups = groupBy.map((name) => `, ${COLUMN_OF[name]}`).join('');
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
