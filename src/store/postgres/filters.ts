import { FILTER_NAMES, type FilterName, type Filters } from '../../model/query.ts';
import { COLUMN_OF, isCellColumn, wantedOf } from '../rows/filter-columns.ts';
import type { SqlParameter } from './database.ts';
import { INDEXED, indexed } from './indexed.ts';

/** Collects the values that a statement binds. */
export class Parameters {
  readonly values: SqlParameter[] = [];

  /** Adds a value and returns its placeholder. */
  add(value: SqlParameter): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

/** Converts a filter text with `*` into a LIKE pattern; all other special characters are escaped. */
function likeOf(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&').replace(/\*+/g, '%');
}

function conditionOn(name: FilterName, wanted: string[], bind: Parameters): string {
  const column = COLUMN_OF[name];
  const exact = wanted.filter((text) => !text.includes('*'));
  const patterns = wanted.filter((text) => text.includes('*')).map(likeOf);
  const parts: string[] = [];
  if (exact.length > 0) {
    const list = bind.add(exact);
    const whole = `${column} = ANY(${list}::text[])`;
    parts.push(
      isCellColumn(name)
        ? whole
        : `(${indexed(column)} = ANY(${bind.add(exact.map(beginning))}::text[]) AND ${whole})`,
    );
  }
  if (patterns.length > 0) {
    parts.push(`${column} LIKE ANY(${bind.add(patterns)}::text[])`);
  }
  return parts.length === 1 ? (parts[0] as string) : `(${parts.join(' OR ')})`;
}

/** The part of a text that an index holds, as PostgreSQL's `left` counts characters. */
function beginning(text: string): string {
  return text.length <= INDEXED ? text : [...text].slice(0, INDEXED).join('');
}

/**
 * Builds the conditions of filters on `breaks b` and `cells c`. Texts of callers are always bound, never
 * part of the SQL.
 *
 * @param of - which filters: those of cells, or those of break rows
 */
export function filterConditions(filters: Filters, of: 'cell' | 'row', bind: Parameters): string[] {
  return FILTER_NAMES.flatMap((name) => {
    const wanted = wantedOf(filters, name);
    return wanted === undefined || isCellColumn(name) !== (of === 'cell')
      ? []
      : [conditionOn(name, wanted, bind)];
  });
}

/** Whether any filter is on a column of `cells`. */
export function hasCellFilter(filters: Filters): boolean {
  return FILTER_NAMES.some((name) => isCellColumn(name) && wantedOf(filters, name) !== undefined);
}
