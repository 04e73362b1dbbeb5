import { showInvisible } from '../model/card/segments.ts';
import type { Cell, FieldConfig, FieldType, Frame, Notice } from '../model/frame.ts';

/** A column of sentences. Without a minimum width Grafana shows only the first few words. */
export const WIDE_TEXT: FieldConfig = { custom: { minWidth: 280, wrapText: true } };

/** One column of a table and how its cells are computed. */
export interface Column<Row, Context = undefined> {
  name: string;
  type: FieldType;
  config?: FieldConfig;
  /** The cells have several lines, in which values from outside are escaped already. */
  hasLines?: boolean;
  /** @param context - values that all rows of an answer share, e.g. the language */
  cell(row: Row, context: Context): Cell;
}

/**
 * Builds a table for people. It has all columns even without rows.
 *
 * @param context - passed to each cell
 * @param notices - shown above the table
 */
export function buildTable<Row, Context>(
  name: string,
  columns: readonly Column<Row, Context>[],
  rows: readonly Row[],
  context: Context,
  notices: Notice[] = [],
): Frame {
  return {
    name,
    meta: { preferredVisualisationType: 'table', ...(notices.length > 0 ? { notices } : {}) },
    fields: columns.map((column) => ({
      name: column.name,
      type: column.type,
      values: rows.map((row) => cellOf(column, row, context)),
      ...(column.config ? { config: column.config } : {}),
    })),
  };
}

/** Adds rows to a table of {@link buildTable}, with the same columns. */
export function appendRows<Row, Context>(
  { fields }: Frame,
  columns: readonly Column<Row, Context>[],
  rows: readonly Row[],
  context: Context,
): void {
  for (const [index, column] of columns.entries()) {
    const { values } = fields[index] as Frame['fields'][number];
    for (const row of rows) {
      values.push(cellOf(column, row, context));
    }
  }
}

/** Names from outside must not add lines or reverse the reading direction. */
function cellOf<Row, Context>(column: Column<Row, Context>, row: Row, context: Context): Cell {
  const cell = column.cell(row, context);
  return typeof cell === 'string' && !column.hasLines ? showInvisible(cell) : cell;
}

/** Prints the steps of a fix as one text: numbered lines, or the step alone when there is only one. */
export function printSteps(steps: readonly string[]): string {
  return steps.length > 1
    ? steps.map((step, index) => `${index + 1}. ${step}`).join('\n')
    : (steps[0] ?? '');
}
