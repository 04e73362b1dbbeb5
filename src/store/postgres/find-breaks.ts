import { CELL_COLUMNS, KEY_COLUMNS, RECORD_COLUMNS, type RecordRow } from '../rows/break-row.ts';
import { OPEN_CLASS, spanStarts } from '../rows/span-class.ts';
import type { BreakSearch } from '../store.ts';
import type { Sql } from './database.ts';
import { filterConditions, hasCellFilter, Parameters } from './filters.ts';

/** With more cells than this, reading by time is faster than searching each cell. */
const MAX_CELLS_PROBED = 400;

const ORDER = 'ORDER BY b.ended_at DESC, b.id DESC';

/** The rest of a record, from `breaks b`. */
const DETAILS = `
  JOIN cells c ON c.cell = b.cell
  JOIN break_details d ON d.id = b.id AND d.bucket = b.bucket AND d.ended_at = b.ended_at
  JOIN verdicts v ON v.verdict = d.verdict`;

/** Reads the columns of records; a condition follows. */
export const RECORDS = `SELECT ${RECORD_COLUMNS} FROM breaks b ${DETAILS}`;

/**
 * The columns of a brief record; see `briefFacts` in `BreakSearch`.
 *
 * @param facts - names of the facts to read; they must be plain words
 */
function briefColumns(facts: readonly string[]): string {
  const values = facts.map((name) => `d.facts::json -> '${name}'`);
  return [
    'b.id',
    ...CELL_COLUMNS.map((column) => `c.${column}`),
    ...KEY_COLUMNS.slice(0, -3).map((column) => `b.${column}`),
    'd.bypass_code',
    'd.resolution',
    `json_build_array(${values.join(', ')})::text`,
    `CASE WHEN strpos(d.sources, '"quiet":true') > 0 THEN d.sources END`,
    'v.body',
  ].join(', ');
}

/** The columns of an end; see `endsOnly` in `BreakSearch`. */
const END_COLUMNS = [
  'b.id',
  ...CELL_COLUMNS.map((column) => `c.${column}`),
  ...KEY_COLUMNS.slice(0, -3).map((column) => `b.${column}`),
  'v.body',
].join(', ');

/**
 * Selects the records of breaks that a query finds; their details are read last and only for the result.
 *
 * @param bind - gets the values that the columns need
 */
function recordsOf(found: string, search: BreakSearch, bind: Parameters): string {
  const { briefFacts, endsOnly, range } = search;
  if (endsOnly) {
    return `SELECT ${END_COLUMNS} FROM (${found}) b
      JOIN cells c ON c.cell = b.cell
      LEFT JOIN break_details d ON c.outcome = 'refused' AND coalesce(b.recovered_at > ${bind.add(range.to)}, true)
        AND d.id = b.id AND d.bucket = b.bucket AND d.ended_at = b.ended_at
      LEFT JOIN verdicts v ON v.verdict = d.verdict ${ORDER}`;
  }
  const columns = briefFacts === undefined ? RECORD_COLUMNS : briefColumns(briefFacts);
  return `SELECT ${columns} FROM (${found}) b ${DETAILS} ${ORDER}`;
}

/** Finds the rows of breaks for the store's `findBreaks`. */
export async function findBreaks(sql: Sql, search: BreakSearch): Promise<RecordRow[]> {
  const cells = await cellsOf(sql, search);
  if (cells?.numbers.length === 0) {
    return [];
  }
  const inside = await findByEnd(sql, search, cells);
  const remaining = search.limit - inside.length;
  // The order is by endedAt, descending. So breaks that ended inside the range come before breaks that
  // ended earlier and extend into it.
  return search.by === 'overlap' && remaining > 0
    ? [...inside, ...(await findReachingInto(sql, search, cells, remaining))]
    : inside;
}

/** Cells that pass the filters. */
export interface MatchingCells {
  numbers: number[];
  /** They are so few that searching each of them is faster than reading by time. */
  isSelective: boolean;
}

/** The cells that pass the filters; undefined when all do. */
export async function cellsOf(
  sql: Sql,
  { filters }: Pick<BreakSearch, 'filters'>,
): Promise<MatchingCells | undefined> {
  if (!hasCellFilter(filters)) {
    return undefined;
  }
  const bind = new Parameters();
  const where = filterConditions(filters, 'cell', bind).join(' AND ');
  const rows = await sql.rows<[number]>(
    `SELECT c.cell FROM cells c WHERE ${where} ORDER BY c.cell`,
    ...bind.values,
  );
  const all = await sql.row<[number]>('SELECT count(*) FROM cells');
  return {
    numbers: rows.map(([cell]) => cell),
    isSelective: rows.length <= MAX_CELLS_PROBED && rows.length * 2 <= (all?.[0] ?? 0),
  };
}

function afterPlace({ after }: BreakSearch, bind: Parameters): string[] {
  return after === undefined
    ? []
    : [`(b.ended_at, b.id) < (${bind.add(after.endedAt)}::bigint, ${bind.add(after.id)}::text)`];
}

async function findByEnd(
  sql: Sql,
  search: BreakSearch,
  cells: MatchingCells | undefined,
): Promise<RecordRow[]> {
  const { from, to } = search.range;
  const bind = new Parameters();
  // Lets the index skip earlier pages; the comparison of pairs handles ties.
  const end = search.after === undefined ? to : Math.min(to, search.after.endedAt + 1);
  const conditions = [
    ...(search.isOpen ? ['b.down IN (0, 1)', `b.span_class = ${OPEN_CLASS}`] : []),
    `b.ended_at >= ${bind.add(from)}`,
    `b.ended_at < ${bind.add(end)}`,
    ...afterPlace(search, bind),
    ...(search.newerThan ? [`b.n > ${bind.add(search.newerThan)}`] : []),
  ];
  const ofRow = filterConditions(search.filters, 'row', bind);
  const limit = bind.add(search.limit);
  if (cells?.isSelective && !search.newerThan && ofRow.length === 0) {
    // Takes the newest of each cell, then the newest of all of these.
    return sql.rows(
      recordsOf(
        `SELECT b.* FROM unnest(${bind.add(cells.numbers)}::integer[]) AS k (cell)
           CROSS JOIN LATERAL (
             SELECT * FROM breaks b WHERE b.cell = k.cell AND ${conditions.join(' AND ')}
             ${ORDER} LIMIT ${limit}) b
         ${ORDER} LIMIT ${limit}`,
        search,
        bind,
      ),
      ...bind.values,
    );
  }
  if (cells !== undefined) {
    conditions.push(`b.cell = ANY(${bind.add(cells.numbers)}::integer[])`);
  }
  return sql.rows(
    recordsOf(
      `SELECT b.* FROM breaks b WHERE ${[...conditions, ...ofRow].join(' AND ')}
       ${ORDER} LIMIT ${limit}`,
      search,
      bind,
    ),
    ...bind.values,
  );
}

/**
 * The FROM clause and conditions on `breaks b` for spans that contain a moment and began before it.
 *
 * @param moment - epoch ms UTC
 * @param down - 1 for breaks, 0 for normal ends
 */
export function reachingInto(moment: number, down: readonly number[], bind: Parameters): string {
  const starts = spanStarts(moment);
  const classes = bind.add(starts.map(([one]) => one));
  const after = bind.add(starts.map(([, time]) => time));
  const at = bind.add(moment);
  // OFFSET keeps the planner from reading all breaks instead, because it cannot know how few the classes let through.
  return `unnest(${classes}::smallint[], ${after}::bigint[]) AS k (span_class, after)
    CROSS JOIN LATERAL (
      SELECT * FROM breaks b WHERE b.down IN (${down.join(', ')}) AND b.span_class = k.span_class
        AND b.ended_at > k.after AND b.ended_at < ${at}::bigint AND b.until > ${at}::bigint
      OFFSET 0) b`;
}

/** Breaks that ended before the range and had not recovered when it began. */
function findReachingInto(
  sql: Sql,
  search: BreakSearch,
  cells: MatchingCells | undefined,
  limit: number,
): Promise<RecordRow[]> {
  const bind = new Parameters();
  const from = reachingInto(search.range.from, downValuesOf(search.filters.outcome), bind);
  const conditions = [
    ...afterPlace(search, bind),
    ...filterConditions(search.filters, 'row', bind),
    ...(cells ? [`b.cell = ANY(${bind.add(cells.numbers)}::integer[])`] : []),
  ];
  return sql.rows(
    recordsOf(
      `SELECT b.* FROM ${from} WHERE ${['true', ...conditions].join(' AND ')}
       ${ORDER} LIMIT ${bind.add(limit)}`,
      search,
      bind,
    ),
    ...bind.values,
  );
}

function downValuesOf(outcomes: string[] | undefined): number[] {
  if (!outcomes?.length || outcomes.some((one) => one.includes('*'))) {
    return [0, 1];
  }
  return [...new Set(outcomes.map((outcome) => (outcome === 'ended' ? 0 : 1)))];
}
