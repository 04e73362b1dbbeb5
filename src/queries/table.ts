import { showInvisible } from '../model/card/segments.ts';
import type { Cell, Field, FieldConfig, FieldType, Frame, Notice } from '../model/frame.ts';
import { maskSecrets } from '../secrets/mask-secrets.ts';
import { maskedError } from '../secrets/masked-error.ts';
import { columnConfig, type TableReader } from './column-config.ts';

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

/** How a table is built. */
export interface TableOptions<Context> extends TableReader {
  /** Passed to each cell. */
  context: Context;
  /** Wanted columns in their order; all when absent or empty. */
  columns?: readonly string[] | undefined;
  /** Shown above the table. */
  notices?: Notice[];
}

/**
 * Builds a table for people. It has all wanted columns even without rows. Columns that only links need are hidden.
 *
 * @param name - also chooses the names and links of columns
 * @throws `BAD_QUERY` when a wanted column does not exist
 */
export function buildTable<Row, Context>(
  name: string,
  columns: readonly Column<Row, Context>[],
  rows: readonly Row[],
  { context, columns: wanted, notices = [], ...reader }: TableOptions<Context>,
): Frame {
  const fields = chooseColumns(columns, wanted, (column) => configOf(name, column, reader)).map(
    ({ column, isHidden }): Field => {
      const config = configOf(name, column, reader);
      return {
        name: column.name,
        type: column.type,
        values: appendCells([], column, rows, context),
        ...(isHidden ? { config: { ...config, custom: HIDDEN } } : config ? { config } : {}),
      };
    },
  );
  return {
    name,
    meta: { preferredVisualisationType: 'table', ...(notices.length > 0 ? { notices } : {}) },
    fields,
  };
}

/** Grafana's tables do not show it. */
const HIDDEN = { hideFrom: { viz: true, legend: true, tooltip: true } };

function configOf<Row, Context>(table: string, column: Column<Row, Context>, reader: TableReader) {
  return columnConfig(table, column.name, reader, column.config);
}

/** The wanted columns, then those that links of them refer to. */
function chooseColumns<Row, Context>(
  columns: readonly Column<Row, Context>[],
  wanted: readonly string[] | undefined,
  configure: (column: Column<Row, Context>) => FieldConfig | undefined,
): { column: Column<Row, Context>; isHidden: boolean }[] {
  if (!wanted?.length) {
    return columns.map((column) => ({ column, isHidden: false }));
  }
  const byName = new Map(columns.map((column) => [column.name, column]));
  const shown = [...new Set(wanted)].map((name) => {
    const column = byName.get(name);
    if (!column) {
      const known = [...byName.keys()].join(', ');
      throw maskedError('BAD_QUERY', {
        problem: `columns has ${maskSecrets(name).slice(0, 64)}, which is none of ${known}.`,
      });
    }
    return column;
  });
  const linked = shown.flatMap((column) =>
    (configure(column)?.links ?? []).flatMap(({ url }) =>
      [...url.matchAll(/__data\.fields\.(\w+)/g)].flatMap(
        ([, name = '']) => byName.get(name) ?? [],
      ),
    ),
  );
  const hidden = [...new Set(linked)].filter((column) => !shown.includes(column));
  return [
    ...shown.map((column) => ({ column, isHidden: false })),
    ...hidden.map((column) => ({ column, isHidden: true })),
  ];
}

/** Adds rows to a table of {@link buildTable}. */
export function appendRows<Row, Context>(
  { fields }: Frame,
  columns: readonly Column<Row, Context>[],
  rows: readonly Row[],
  context: Context,
): void {
  const byName = new Map(columns.map((column) => [column.name, column]));
  for (const { name, values } of fields) {
    const column = byName.get(name) as Column<Row, Context>;
    appendCells(values, column, rows, context);
  }
}

/** Names from outside must not add lines or reverse the reading direction. */
function appendCells<Row, Context>(
  values: Cell[],
  column: Column<Row, Context>,
  rows: readonly Row[],
  context: Context,
): Cell[] {
  let before: Cell = null;
  let shownBefore: Cell = null;
  for (const row of rows) {
    const cell = column.cell(row, context);
    // Many rows have the cell of the one before.
    if (cell !== before) {
      before = cell;
      shownBefore = typeof cell === 'string' && !column.hasLines ? showInvisible(cell) : cell;
    }
    values.push(shownBefore);
  }
  return values;
}

/** Prints the steps of a fix as one text: numbered lines, or the step alone when there is only one. */
export function printSteps(steps: readonly string[]): string {
  return steps.length > 1
    ? steps.map((step, index) => `${index + 1}. ${step}`).join('\n')
    : (steps[0] ?? '');
}
