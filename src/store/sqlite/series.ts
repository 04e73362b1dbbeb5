import { FILTER_NAMES } from '../../model/query.ts';
import { COLUMN_OF, hasRowFilter, isCellColumn, wantedOf } from '../rows/filter-columns.ts';
import { addToSteps } from '../rows/place-bytes.ts';
import type { RangePart } from '../rows/split-range.ts';
import { Sums } from '../rows/sums.ts';
import type { SeriesGroup, SeriesSearch, TimeRange } from '../store.ts';
import { type Connection, goOnAt, type SqlValue } from './connection.ts';
import { filterConditions } from './filter-conditions.ts';
import { indexFor } from './find-breaks.ts';
import { groupCells } from './group-cells.ts';
import { lostTime } from './lost-minutes.ts';
import {
  eachPlaceRow,
  type PlaceColumn,
  type PlaceSearch,
  placeBounds,
  placeTotals,
} from './place-counts.ts';
import { minutesSince, type RollUp, splitByRollUps } from './roll-ups.ts';

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
  const sums = new Sums();
  if (!groupBy.every(isCellColumn) || hasRowFilter(filters)) {
    addBreaks(connection, search, range, sums);
    return sums;
  }
  const { groups, labels } = groupCells(connection, search);
  const adders = labels.map((group) => sums.adder(group));
  for (const { rollUp, ...part } of splitByRollUps(
    range.from,
    range.to,
    stepMs,
    minutesSince(connection),
  )) {
    if (rollUp === null) {
      addBreaks(connection, search, part, sums);
      continue;
    }
    for (const [cell, steps, amounts] of rollUpOf(connection, search, part, rollUp)) {
      const add = adders[groups[cell] as number] as (step: number, amount: number) => void;
      const counts = numbersOf(amounts);
      for (const [index, step] of numbersOf(steps).entries()) {
        add(step, counts[index] as number);
      }
    }
  }
  return sums;
}

/**
 * Reads the counts of a roll-up. A row has all counts of one cell as text, because passing a row from SQLite
 * takes longer than reading it.
 *
 * @returns the cell, the steps and the counts, with commas; a step may occur several times
 */
function rollUpOf(
  connection: Connection,
  { filters, stepMs }: SeriesSearch,
  { from, to }: TimeRange,
  { table }: RollUp,
): Iterable<[cell: number, steps: string, amounts: string]> {
  const conditions = filterConditions(filters, 'cell');
  const where = conditions.sql.map((sql) => ` AND ${sql}`).join('');
  return connection.iterate(
    `SELECT c.cell, group_concat(r.bucket / CAST(? AS INTEGER)), group_concat(r.breaks)
     FROM cells c CROSS JOIN ${table} r ON r.cell = c.cell AND r.bucket >= ? AND r.bucket < ?
     WHERE ${goOnAt('r.cell')}${where} GROUP BY c.cell`,
    stepMs,
    from,
    to,
    ...conditions.values,
  );
}

const COMMA = 44;
const ZERO = 48;

/** Reads whole numbers of 0 or more with commas between them. */
function numbersOf(text: string): number[] {
  const numbers: number[] = [];
  let value = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === COMMA) {
      numbers.push(value);
      value = 0;
    } else {
      value = value * 10 + code - ZERO;
    }
  }
  numbers.push(value);
  return numbers;
}

/** Places whose counts are added up before it is checked whether the others can be among the largest. */
const PLACES_AT_ONCE = 32;

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
  const ofEdges = new Map<string, number>();
  for (const edge of edgesOf(range, places)) {
    for (const [group, amount] of addBreaks(connection, search, edge, sums)) {
      const value = String(group[valueAt] ?? '');
      ofEdges.set(value, (ofEdges.get(value) ?? 0) + amount);
    }
  }
  const addTotals = (some: PlaceSearch) => {
    for (const [value, totals] of placeTotals(connection, some)) {
      for (const [group, total] of totals.entries()) {
        if (total > 0) {
          sums.addTotal(groupOf(value, group), total);
        }
      }
    }
  };
  if (valueAt < 0 && labels.length === 1) {
    addOnlyGroup(connection, search, places, sums.adder(labels[0] as string[]));
    return sums;
  }
  if (valueAt < 0) {
    addTotals(places);
  } else {
    const bounds = placeBounds(connection, places)
      .map(([value, most]) => ({ value, most: most + (ofEdges.get(value) ?? 0) }))
      .sort((a, b) => b.most - a.most);
    for (let at = 0; at < bounds.length; at += PLACES_AT_ONCE) {
      // The others cannot be among the largest.
      if (sums.nthTotal(search.limit) > (bounds[at]?.most as number)) {
        break;
      }
      const some = bounds.slice(at, at + PLACES_AT_ONCE);
      addTotals({ ...places, only: some.map(({ value }) => value) });
    }
  }
  const kept = sums.keepLargest(search);
  const only =
    valueAt < 0 ? places.only : [...new Set(kept.map((group) => group[valueAt] as string))];
  const stepHours = stepMs / HOUR_MS;
  const firstStep = Math.floor(range.from / stepMs);
  const stepCount = Math.ceil(range.to / stepMs) - firstStep;
  const points = new Map<string, Float64Array>(
    kept.map((group) => [JSON.stringify(group), new Float64Array(stepCount)]),
  );
  const some = { ...places, ...(only && { only }) };
  eachPlaceRow(connection, some, (value, bytes, firstHour) => {
    const ofGroups = labels.map((_group, group) =>
      points.get(JSON.stringify(groupOf(value, group))),
    );
    addToSteps(bytes, some, ofGroups, { firstHour, firstStep, stepHours });
  });
  for (const group of kept) {
    const steps = sums.stepsOf(group) as Map<number, number>;
    for (const [place, count] of (points.get(JSON.stringify(group)) as Float64Array).entries()) {
      if (count > 0) {
        const step = firstStep + place;
        steps.set(step, (steps.get(step) ?? 0) + count);
      }
    }
  }
  return sums;
}

/** Adds the counts of all places to the only group, which needs no totals beforehand. */
function addOnlyGroup(
  connection: Connection,
  { range, stepMs }: SeriesSearch,
  places: PlaceSearch,
  add: (step: number, amount: number) => void,
): void {
  const firstStep = Math.floor(range.from / stepMs);
  const points = new Float64Array(Math.ceil(range.to / stepMs) - firstStep);
  eachPlaceRow(connection, places, (_value, bytes, firstHour) =>
    addToSteps(bytes, places, [points], { firstHour, firstStep, stepHours: stepMs / HOUR_MS }),
  );
  for (const [place, count] of points.entries()) {
    if (count > 0) {
      add(firstStep + place, count);
    }
  }
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
export function edgesOf(range: TimeRange, { fromHour, toHour }: PlaceSearch): RangePart<RollUp>[] {
  return [
    { from: range.from, to: fromHour * HOUR_MS, rollUp: null },
    { from: toHour * HOUR_MS, to: range.to, rollUp: null },
  ].filter(({ from, to }) => from < to);
}

/**
 * Counts single breaks.
 *
 * @returns each group with what was added to it
 */
function addBreaks(
  connection: Connection,
  { filters, groupBy, stepMs }: SeriesSearch,
  { from, to }: TimeRange,
  sums: Sums,
): [group: SqlValue[], amount: number][] {
  const conditions = filterConditions(filters, 'all');
  const where = conditions.sql.map((sql) => ` AND ${sql}`).join('');
  const groups = groupBy.map((name) => `, ${COLUMN_OF[name]}`).join('');
  const added: [group: SqlValue[], amount: number][] = [];
  for (const [step, amount, ...group] of connection.iterate<[number, number, ...SqlValue[]]>(
    `SELECT b.ended_at / CAST(? AS INTEGER) AS step, count(*)${groups}
     FROM breaks b INDEXED BY ${indexFor(filters)}
       CROSS JOIN cells c ON c.cell = b.cell
     WHERE ${goOnAt('b.n')} AND b.ended_at >= ? AND b.ended_at < ?${where}
     GROUP BY step${groups}`,
    stepMs,
    from,
    to,
    ...conditions.values,
  )) {
    sums.add(group, step, amount);
    added.push([group, amount]);
  }
  return added;
}
