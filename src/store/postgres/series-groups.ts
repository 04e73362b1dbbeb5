import type { Filters, GroupBy } from '../../model/query.ts';
import { COLUMN_OF, isCellColumn } from '../rows/filter-columns.ts';
import type { SqlValue } from '../rows/sql-value.ts';
import type { Sql } from './database.ts';
import { filterConditions, type Parameters } from './filters.ts';
import { cellsOf } from './find-breaks.ts';

/** The labels of each cell in the order of `groupBy`, for those that are columns of cells. */
export async function labelsOfCells(
  sql: Sql,
  groupBy: readonly GroupBy[],
): Promise<Map<number, readonly string[]>> {
  const columns = groupBy.filter(isCellColumn).map((name) => COLUMN_OF[name]);
  const rows = await sql.rows<[number, ...string[]]>(
    `SELECT ${['c.cell', ...columns].join(', ')} FROM cells c`,
  );
  return new Map(rows.map(([cell, ...labels]) => [cell, labels]));
}

/** Numbers items that have equal JSON alike, from 0 in the order of the first of each. */
export function numbersOf(items: readonly unknown[]): number[] {
  const numbers = new Map<string, number>();
  return items.map((item) => {
    const text = JSON.stringify(item);
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    return number;
  });
}

/** Puts the labels of a cell and those of a row into the order of `groupBy`. */
export function groupOf(
  groupBy: readonly GroupBy[],
  ofCell: readonly string[],
  ofRow: readonly SqlValue[],
): SqlValue[] {
  let cell = 0;
  let row = 0;
  return groupBy.map((name) =>
    isCellColumn(name) ? (ofCell[cell++] as string) : (ofRow[row++] as SqlValue),
  );
}

/** Conditions on `breaks b` of all filters; undefined when no cell passes them. */
export async function conditionsOf(
  sql: Sql,
  filters: Filters,
  bind: Parameters,
): Promise<string[] | undefined> {
  const cells = await cellsOf(sql, { filters });
  return cells?.numbers.length === 0
    ? undefined
    : [
        ...filterConditions(filters, 'row', bind),
        ...(cells ? [`b.cell = ANY(${bind.add(cells.numbers)}::integer[])`] : []),
      ];
}
