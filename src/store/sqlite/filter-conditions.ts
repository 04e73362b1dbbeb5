import { FILTER_NAMES, type Filters } from '../../model/query.ts';
import { COLUMN_OF, isCellColumn, wantedOf } from '../rows/filter-columns.ts';
import type { SqlValue } from './connection.ts';

/** SQL conditions, to be joined by AND, and the values that they bind, in order. */
export interface Conditions {
  sql: string[];
  values: SqlValue[];
}

/** Converts a filter text with `*` into a GLOB pattern; all other special characters are escaped. */
function globOf(text: string): string {
  return text.replace(/\*+/g, '*').replace(/[?[]/g, '[$&]');
}

function conditionOn(column: string, wanted: string[]): { sql: string; values: SqlValue[] } {
  const exact = wanted.filter((text) => !text.includes('*'));
  const globs = wanted.filter((text) => text.includes('*')).map(globOf);
  const parts: string[] = [];
  const values: SqlValue[] = [];
  if (exact.length === 1) {
    parts.push(`${column} = ?`);
    values.push(exact[0] as string);
  } else if (exact.length > 1) {
    // The list is one bound value, so its length does not change the SQL text.
    parts.push(`${column} IN (SELECT value FROM json_each(?))`);
    values.push(JSON.stringify(exact));
  }
  if (globs.length > 0) {
    parts.push(`EXISTS (SELECT 1 FROM json_each(?) AS g WHERE ${column} GLOB g.value)`);
    values.push(JSON.stringify(globs));
  }
  return { sql: parts.length === 1 ? (parts[0] as string) : `(${parts.join(' OR ')})`, values };
}

/**
 * Builds the conditions of filters on `breaks b` and `cells c`. Texts of callers are always bound, never
 * part of the SQL.
 *
 * @param of - which filters: those of cells, those of break rows, or all
 */
export function filterConditions(filters: Filters, of: 'cell' | 'row' | 'all'): Conditions {
  const conditions: Conditions = { sql: [], values: [] };
  for (const name of FILTER_NAMES) {
    const wanted = wantedOf(filters, name);
    if (wanted === undefined || (of !== 'all' && isCellColumn(name) !== (of === 'cell'))) {
      continue;
    }
    const { sql, values } = conditionOn(COLUMN_OF[name], wanted);
    conditions.sql.push(sql);
    conditions.values.push(...values);
  }
  return conditions;
}
