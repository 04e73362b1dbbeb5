import { COLUMN_OF, isCellColumn } from '../rows/filter-columns.ts';
import type { SeriesSearch } from '../store.ts';
import type { Connection } from './connection.ts';
import { filterConditions } from './filter-conditions.ts';

/**
 * Numbers the groups of the cells that pass the filters.
 *
 * @returns the group of each cell, -1 for cells that are left out, and the labels of each group in the order
 *   of `groupBy`; empty for a label that is not of a cell
 */
export function groupCells(
  connection: Connection,
  { filters, groupBy }: Pick<SeriesSearch, 'filters' | 'groupBy'>,
): { groups: Int32Array; labels: string[][] } {
  const ofCell = filterConditions(filters, 'cell');
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
  return { groups, labels };
}
