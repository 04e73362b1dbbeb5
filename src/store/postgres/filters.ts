import { FILTER_NAMES, type FilterName, type Filters } from '../../model/query.ts';
import type { SqlParameter } from './database.ts';
import { INDEXED, indexed } from './schema.ts';

/** Column of each filter and group, in `cells c` or `breaks b`. */
export const COLUMN_OF: Readonly<Record<FilterName, string>> = {
  account: 'c.account',
  domain: 'c.domain',
  app: 'c.app',
  stream: 'b.stream',
  category: 'c.category',
  severity: 'c.severity',
  side: 'c.side',
  outcome: 'c.outcome',
  reason: 'c.reason',
  rule: 'c.rule',
  clientIp: 'b.client_ip',
  node: 'b.node',
};

/** Whether a filter or group needs only the small table of cells. */
export function isCellColumn(name: FilterName): boolean {
  return COLUMN_OF[name].startsWith('c.');
}

/** Collects the values that a statement binds. */
export class Parameters {
  readonly values: SqlParameter[] = [];

  /** Adds a value and returns its placeholder. */
  add(value: SqlParameter): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

/** The values of a filter, or undefined when it matches everything. */
function wantedOf(filters: Filters, name: FilterName): string[] | undefined {
  const wanted: string[] | undefined = filters[name];
  // A lone `*` matches everything, including a missing value such as an unknown address.
  return wanted === undefined || wanted.length === 0 || wanted.some((text) => /^\*+$/.test(text))
    ? undefined
    : wanted;
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
