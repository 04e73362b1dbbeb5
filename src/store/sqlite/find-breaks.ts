import type { Filters } from '../../model/query.ts';
import type { RecordRow } from '../rows/break-row.ts';
import { wantedOf } from '../rows/filter-columns.ts';
import { OPEN_CLASS } from '../rows/span-class.ts';
import type { BreakSearch } from '../store.ts';
import { type Connection, goOnAt, type SqlValue } from './connection.ts';
import { filterConditions } from './filter-conditions.ts';
import { reachingInto } from './reaching-into.ts';
import {
  briefOwnColumns,
  type Completer,
  END_COLUMNS,
  ENDED_AT,
  ID,
  OWN_COLUMNS,
  type OwnRow,
} from './record-parts.ts';

/** With more cells than this, scanning by time is faster than searching each cell. */
const MAX_CELLS_PROBED = 400;

const ORDER = 'ORDER BY b.ended_at DESC, b.id DESC';

/**
 * Selects the records of the breaks that a query finds. Details are read last and only for the
 * result, because sorting the breaks of a storm with their facts would read far more.
 *
 * @param found - the query without its columns
 */
function recordsOf(found: string, { briefFacts, endsOnly }: BreakSearch): string {
  return endsOnly
    ? `SELECT ${END_COLUMNS} ${found}`
    : `SELECT ${briefFacts === undefined ? OWN_COLUMNS : briefOwnColumns(briefFacts)}
       FROM (SELECT b.n ${found}) AS f
         CROSS JOIN breaks b ON b.n = f.n CROSS JOIN break_details d ON d.n = b.n`;
}

/** What {@link recordsOf} binds before all else. */
function columnValues({ endsOnly, range }: BreakSearch): SqlValue[] {
  return endsOnly ? [range.to] : [];
}

/** Finds the rows of breaks for the store's `findBreaks`. */
export function findBreaks(
  connection: Connection,
  search: BreakSearch,
  complete: Completer,
): RecordRow[] {
  const { from, to } = search.range;
  // The order is by endedAt, descending. So breaks that ended inside the range come before breaks that
  // ended earlier and extend into it.
  const found = inOrder(findByEnd(connection, search, from, to));
  const remaining = search.limit - found.length;
  if (search.by === 'overlap' && remaining > 0) {
    found.push(...inOrder(findReachingInto(connection, search, remaining)));
  }
  return found.map(complete);
}

/** Sorts rows, the newest first. They come in that order already, which SQL does not promise and is not cheap to ask. */
function inOrder(rows: OwnRow[]): OwnRow[] {
  const compare = (a: OwnRow, b: OwnRow) =>
    (b[ENDED_AT] as number) - (a[ENDED_AT] as number) || (a[ID] < b[ID] ? 1 : -1);
  const isSorted = rows.every((row, place) => {
    const before = rows[place - 1];
    return before === undefined || compare(before, row) < 0;
  });
  return isSorted ? rows : rows.sort(compare);
}

interface Place {
  sql: string[];
  values: SqlValue[];
}

function afterPlace(search: BreakSearch): Place {
  return search.after === undefined
    ? { sql: [], values: [] }
    : {
        sql: ['(b.ended_at, b.id) < (?, ?)'],
        values: [search.after.endedAt, search.after.id],
      };
}

/** Rows are numbered in the order in which they were stored; the number is the key of the table. */
function newerThan(search: BreakSearch): Place {
  return search.newerThan
    ? { sql: ['b.n > ?'], values: [search.newerThan] }
    : { sql: [], values: [] };
}

function indexOf({ newerThan, isOpen, filters }: BreakSearch): string {
  if (newerThan) {
    return 'NOT INDEXED';
  }
  return `INDEXED BY ${isOpen ? 'breaks_by_span' : indexFor(filters)}`;
}

function findByEnd(
  connection: Connection,
  search: BreakSearch,
  from: number,
  until: number,
): OwnRow[] {
  // Lets the index skip earlier pages; the comparison of pairs handles ties.
  const to = search.after === undefined ? until : Math.min(until, search.after.endedAt + 1);
  const after = afterPlace(search);
  const ofRow = filterConditions(search.filters, 'row');
  const ofCell = filterConditions(search.filters, 'cell');
  const newer = newerThan(search);
  const index = indexOf(search);
  const open = search.isOpen ? ['b.down IN (0, 1)', `b.span_class = ${OPEN_CLASS}`] : [];
  const range = [
    ...[goOnAt('b.n'), ...open, 'b.ended_at >= ?', 'b.ended_at < ?'],
    ...after.sql,
    ...newer.sql,
  ];
  const rangeValues = [from, to, ...after.values, ...newer.values];
  if (
    index === 'INDEXED BY breaks_by_time' &&
    ofCell.sql.length > 0 &&
    isSelective(connection, ofCell)
  ) {
    // Takes the newest of each cell, then the newest of all of these.
    const inner = [...range, ...ofRow.sql].join(' AND ').replaceAll('b.', 'x.');
    return connection.rows(
      recordsOf(
        `FROM cells c CROSS JOIN breaks b ON b.n IN (
           SELECT x.n FROM breaks x INDEXED BY breaks_by_cell
           WHERE x.cell = c.cell AND ${inner}
           ORDER BY x.ended_at DESC, x.id DESC LIMIT ?)
         WHERE ${ofCell.sql.join(' AND ')}
         ${ORDER} LIMIT ?`,
        search,
      ),
      ...columnValues(search),
      ...rangeValues,
      ...ofRow.values,
      search.limit,
      ...ofCell.values,
      search.limit,
    );
  }
  return connection.rows(
    recordsOf(
      `FROM breaks b ${index} CROSS JOIN cells c ON c.cell = b.cell
       WHERE ${[...range, ...ofRow.sql, ...ofCell.sql].join(' AND ')}
       ${ORDER} LIMIT ?`,
      search,
    ),
    ...columnValues(search),
    ...rangeValues,
    ...ofRow.values,
    ...ofCell.values,
    search.limit,
  );
}

/** Breaks that ended before the range and had not recovered when it began. */
function findReachingInto(connection: Connection, search: BreakSearch, limit: number): OwnRow[] {
  const after = afterPlace(search);
  const filters = filterConditions(search.filters, 'all');
  const conditions = [goOnAt('b.n'), ...after.sql, ...filters.sql];
  const reaching = reachingInto(search.range.from, downValuesOf(search.filters.outcome));
  return connection.rows(
    recordsOf(
      `FROM ${reaching.from} CROSS JOIN cells c ON c.cell = b.cell
       WHERE ${conditions.join(' AND ')}
       ${ORDER} LIMIT ?`,
      search,
    ),
    ...columnValues(search),
    ...reaching.values,
    ...after.values,
    ...filters.values,
    limit,
  );
}

function downValuesOf(outcomes: string[] | undefined): number[] {
  if (
    outcomes === undefined ||
    outcomes.length === 0 ||
    outcomes.some((one) => one.includes('*'))
  ) {
    return [0, 1];
  }
  const down = outcomes.map((outcome) => (outcome === 'ended' ? 0 : 1));
  return [...new Set(down)];
}

/** Chooses the index that reads the fewest rows; without statistics, SQLite would guess. */
export function indexFor(filters: Filters): string {
  const exact = (name: 'stream' | 'clientIp' | 'node') =>
    wantedOf(filters, name)?.every((text) => !text.includes('*')) === true;
  if (exact('stream')) {
    return 'breaks_by_stream';
  }
  if (exact('clientIp')) {
    return 'breaks_by_client_ip';
  }
  return exact('node') ? 'breaks_by_node' : 'breaks_by_time';
}

/** Whether filters match so few cells that searching each of them is faster. */
function isSelective(
  connection: Connection,
  ofCell: { sql: string[]; values: SqlValue[] },
): boolean {
  const [matching, all] = connection.row<[number, number]>(
    `SELECT
       (SELECT count(*) FROM cells c WHERE ${ofCell.sql.join(' AND ')}),
       (SELECT count(*) FROM cells)`,
    ...ofCell.values,
  ) as [number, number];
  return matching <= MAX_CELLS_PROBED && matching * 2 <= all;
}
