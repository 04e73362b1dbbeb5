import { COLUMN_OF, hasRowFilter, isCellColumn } from '../rows/filter-columns.ts';
import { addSpan, LostRows } from '../rows/lost-rows.ts';
import { Sums } from '../rows/sums.ts';
import type { SeriesSearch, TimeRange } from '../store.ts';
import { type Connection, goOnAt, type SqlValue } from './connection.ts';
import { filterConditions } from './filter-conditions.ts';
import { indexFor } from './find-breaks.ts';
import { groupCells } from './group-cells.ts';
import { clipSpans, type LostSpan, mergeSpans } from './lost-spans.ts';
import { addSums, daysOfSets, QUARTER_MS, QUARTERS_PER_DAY } from './lost-sums.ts';
import { parseOpen } from './lost-time.ts';
import { reachingInto } from './reaching-into.ts';

/**
 * Sums down-time in ms. Refused retries belong to the same outage as the break before them, so within a group
 * the spans of one stream are merged: a stream never loses more than one minute per minute.
 *
 * Whole quarter hours are read from the stored sums when the search needs cells alone.
 */
export function lostTime(connection: Connection, search: SeriesSearch): Sums {
  const { range, stepMs, filters, groupBy } = search;
  const sums = new Sums();
  const from = Math.ceil(range.from / QUARTER_MS) * QUARTER_MS;
  const to = Math.floor(range.to / QUARTER_MS) * QUARTER_MS;
  const onlyCells = groupBy.every(isCellColumn) && !hasRowFilter(filters);
  if (!onlyCells || stepMs % QUARTER_MS !== 0 || from >= to) {
    addBreaks(connection, search, range, sums);
    return sums;
  }
  addBreaks(connection, search, { from: range.from, to: from }, sums);
  addStored(connection, search, { from, to }, sums);
  addBreaks(connection, search, { from: to, to: range.to }, sums);
  return sums;
}

/** Adds the stored sums of whole quarter hours, and the time of streams that have not recovered. */
function addStored(
  connection: Connection,
  { stepMs, filters, groupBy, now }: SeriesSearch,
  { from, to }: TimeRange,
  sums: Sums,
): void {
  const { groups, labels } = groupCells(connection, { filters, groupBy });
  const groupOf = (cell: number) => groups[cell] ?? -1;
  const groupsOf = new Map<number, number[]>();
  for (const [set, cells] of connection.iterate<[number, string]>(
    'SELECT cell_set, cells FROM cell_sets',
  )) {
    const found = new Set(cells.split(',').map((cell) => groupOf(Number(cell))));
    found.delete(-1);
    if (found.size > 0) {
      groupsOf.set(set, [...found]);
    }
  }
  const steps = new Map<number, Float64Array>();
  const firstStep = Math.floor(from / stepMs);
  const stepCount = Math.ceil(to / stepMs) - firstStep;
  const stepsOf = (group: number) => {
    let ofGroup = steps.get(group);
    if (ofGroup === undefined) {
      ofGroup = new Float64Array(stepCount);
      steps.set(group, ofGroup);
    }
    return ofGroup;
  };
  const quarters = { from: from / QUARTER_MS, to: to / QUARTER_MS };
  const quartersPerStep = stepMs / QUARTER_MS;
  const ofSet = new Float64Array(stepCount);
  for (const { set, days } of daysOfSets(connection, [...groupsOf.keys()], quarters)) {
    connection.goOn();
    for (const { day, bytes } of days) {
      addSums(bytes, day * QUARTERS_PER_DAY, quarters, ofSet, firstStep, quartersPerStep);
    }
    for (const group of groupsOf.get(set) as number[]) {
      const ofGroup = stepsOf(group);
      for (let step = 0; step < stepCount; step++) {
        ofGroup[step] = (ofGroup[step] as number) + (ofSet[step] as number);
      }
    }
    ofSet.fill(0);
  }
  for (const [group, ofGroup] of steps) {
    for (const [step, ms] of ofGroup.entries()) {
      if (ms > 0) {
        sums.add(labels[group] as string[], firstStep + step, ms);
      }
    }
  }
  for (const [text] of connection.iterate<[string]>('SELECT spans FROM lost_open')) {
    connection.goOn();
    const spans = parseOpen(text).flatMap(({ cell, from, to }): LostSpan[] => {
      // The group takes the place of the cell, so that merging counts overlapping cells once.
      const group = groupOf(cell);
      return group < 0 ? [] : [{ cell: group, from, to: to ?? now }];
    });
    for (const span of mergeSpans(clipSpans(spans, from, to))) {
      const add = sums.adder(labels[span.cell] as string[]);
      addSpan(add, span.from, span.to as number, stepMs);
    }
  }
}

/** Adds the time in a range that is read from single breaks. */
function addBreaks(
  connection: Connection,
  { stepMs, filters, groupBy, now }: SeriesSearch,
  range: TimeRange,
  sums: Sums,
): void {
  if (range.from >= range.to) {
    return;
  }
  const conditions = filterConditions(filters, 'all');
  const where = conditions.sql.map((sql) => ` AND ${sql}`).join('');
  const groups = groupBy.map((name) => COLUMN_OF[name]);
  const stream = ['c.account', 'c.domain', 'c.app', 'b.stream'];
  const reaching = reachingInto(range.from, [1]);
  // By group, then stream, then time: all columns except the last, by their number.
  const order = [...groups, ...stream, 'ended_at'].map((_column, i) => i + 1).join(', ');
  const select = `SELECT ${[...groups, ...stream].join(', ')}, b.ended_at, b.recovered_at`;
  const rows = connection.iterate<SqlValue[]>(
    `SELECT * FROM (
       ${select} FROM breaks b INDEXED BY ${indexFor(filters)}
         CROSS JOIN cells c ON c.cell = b.cell
       WHERE ${goOnAt('b.n')} AND b.ended_at >= ? AND b.ended_at < ? AND b.down = 1${where}
       UNION ALL
       ${select} FROM ${reaching.from} CROSS JOIN cells c ON c.cell = b.cell
       WHERE ${goOnAt('b.n')}${where}
     ) ORDER BY ${order}`,
    range.from,
    range.to,
    ...conditions.values,
    ...reaching.values,
    ...conditions.values,
  );
  const adder = new LostRows(sums, range, { stepMs, now }, groups.length);
  for (const row of rows) {
    adder.add(row);
  }
}
