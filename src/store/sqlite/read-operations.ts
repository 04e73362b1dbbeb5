import type { FilterName } from '../../model/query.ts';
import { type EarlierRow, RECORDS, type RecordRow } from '../rows/break-row.ts';
import { COLUMN_OF, isCellColumn } from '../rows/filter-columns.ts';
import type { DocumentRow, JournalRow, PushRow } from '../rows/plain-rows.ts';
import type { RangePart } from '../rows/split-range.ts';
import {
  type BreakSearch,
  type DocumentSearch,
  type KeyRange,
  MAX_PUSH_AFTER_MS,
  type NearbyRequest,
  type PushSearch,
  type SeriesGroup,
  type SeriesSearch,
  type TimeRange,
} from '../store.ts';
import type { Connection, SqlValue } from './connection.ts';
import { findBreaks } from './find-breaks.ts';
import { readNearby } from './nearby.ts';
import { type PlaceColumn, placeTotals } from './place-counts.ts';
import { createRecordCompleter } from './record-parts.ts';
import { minutesSince, type RollUp, splitByRollUps } from './roll-ups.ts';
import { edgesOf, placeSearchOf, series } from './series.ts';
import { createStreamOperations } from './stream-operations.ts';

const DAY_MS = 86_400_000;

/** Documents that last longer than this, ms, are in the index `documents_long`. */
const LONG_MS = 21_600_000;

function list(column: string, values: readonly string[]): [string, string] {
  return [`${column} IN (SELECT value FROM json_each(?))`, JSON.stringify(values)];
}

/** Highest journal seq that is already derived. */
export function readCursor(connection: Connection): number {
  return connection.row<[number]>(`SELECT value FROM meta WHERE name = 'cursor'`)?.[0] ?? 0;
}

/** Read operations on the database and, where it is attached, the journal. */
export function createReadOperations(connection: Connection) {
  const complete = createRecordCompleter(connection);

  function values(name: FilterName, range: TimeRange, limit: number, search = ''): string[] {
    const wanted = search.toLowerCase();
    const column = COLUMN_OF[name];
    const totals = new Map<string, number>();
    let parts: RangePart<RollUp>[] = [{ ...range, rollUp: null }];
    if (isCellColumn(name)) {
      parts = splitByRollUps(range.from, range.to, DAY_MS, minutesSince(connection));
    } else if (range.to - range.from >= DAY_MS) {
      const place = column.slice('b.'.length) as PlaceColumn;
      const { search } = placeSearchOf(connection, { range, filters: {}, groupBy: [] }, place);
      parts = edgesOf(range, search);
      for (const [value, [total = 0]] of placeTotals(connection, search)) {
        // An unknown place is stored as an empty text.
        if (value !== '' && total > 0) {
          totals.set(value, total);
        }
      }
    }
    for (const part of parts) {
      const counted =
        part.rollUp === null
          ? `SELECT ${column}, count(*)
             FROM breaks b INDEXED BY breaks_by_time CROSS JOIN cells c ON c.cell = b.cell
             WHERE b.ended_at >= ? AND b.ended_at < ? AND ${column} IS NOT NULL`
          : `SELECT ${column}, sum(r.breaks)
             FROM cells c CROSS JOIN ${part.rollUp.table} r ON r.cell = c.cell
             WHERE r.bucket >= ? AND r.bucket < ?`;
      const rows = connection.iterate<[string, number]>(
        `${counted} GROUP BY ${column}`,
        part.from,
        part.to,
      );
      for (const [value, count] of rows) {
        totals.set(value, (totals.get(value) ?? 0) + count);
      }
    }
    return [...totals]
      .filter(([value, count]) => count > 0 && value.toLowerCase().includes(wanted))
      .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
      .slice(0, limit)
      .map(([value]) => value);
  }

  function documents(
    { kind, ids, open, account, range, limit }: DocumentSearch,
    more: [sql: string, ...values: SqlValue[]][] = [],
    index = '',
  ): DocumentRow[] {
    const conditions: [sql: string, ...values: SqlValue[]][] = [
      ['kind = ?', kind],
      ...(ids ? [list('id', ids)] : []),
      ...(open === undefined ? [] : ([open ? ['open = 1'] : ['open = 0']] as [string][])),
      ...(account?.length ? [list('account', account)] : []),
      ...(range ? [['at >= ? AND at < ?', range.from, range.to] as [string, number, number]] : []),
      ...more,
    ];
    // With the plus, SQLite does not read all documents of a kind to find a few by their ids.
    const order = ids || index ? '+at DESC, +id DESC' : 'at DESC, id DESC';
    return connection.rows(
      `SELECT kind, id, account, at, open, body, ended_at FROM documents ${index}
       WHERE ${conditions.map(([sql]) => sql).join(' AND ')}
       ORDER BY ${order} LIMIT ?`,
      ...conditions.flatMap(([, ...values]) => values),
      limit,
    );
  }

  return {
    journal(afterSeq: number, limit: number): JournalRow[] {
      return connection.rows(
        `SELECT seq, account, source, key, received_at, body, derived
         FROM journal WHERE seq > ? ORDER BY seq LIMIT ?`,
        afterSeq,
        limit,
      );
    },
    journalEntries(account: string, keys: [source: string, key: string][]): JournalRow[] {
      // With the cross join, SQLite does not read the whole journal for a short list.
      return connection.rows(
        `SELECT j.seq, j.account, j.source, j.key, j.received_at, j.body, j.derived
         FROM json_each(?) wanted CROSS JOIN journal j
           ON j.account = ? AND j.source = wanted.value ->> 0 AND j.key = wanted.value ->> 1
         ORDER BY j.seq`,
        JSON.stringify(keys),
        account,
      );
    },
    entriesBetween(account: string, source: string, keys: KeyRange, limit: number): JournalRow[] {
      return connection.rows(
        `SELECT seq, account, source, key, received_at, body, derived FROM journal
         WHERE account = ? AND source = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?`,
        account,
        source,
        keys.from,
        keys.to,
        limit,
      );
    },
    cursor: () => readCursor(connection),
    ...createStreamOperations(connection, complete),
    pushesDuring({ range, account, limit }: PushSearch): PushRow[] {
      const ofAccount = account?.length ? 'AND account IN (SELECT value FROM json_each(?))' : '';
      const accounts = account?.length ? [JSON.stringify(account)] : [];
      return connection.rows(
        `SELECT account, domain, app, stream, started_at, ended_at, sequence, tx_time
         FROM pushes INDEXED BY pushes_by_end
         WHERE (ended_at IS NULL OR (ended_at > ? AND ended_at <= ?)) AND started_at < ? ${ofAccount}
         ORDER BY started_at DESC, stream, domain, app, account LIMIT ?`,
        range.from,
        range.to + MAX_PUSH_AFTER_MS,
        range.to,
        ...accounts,
        limit,
      );
    },
    documents(search: DocumentSearch): DocumentRow[] {
      const { overlaps: range, limit } = search;
      if (!range) {
        return documents(search);
      }
      // By start, then those that began before: all of these come later in the order.
      const before = range.from - LONG_MS;
      const found = documents({ ...search, range: { from: before, to: range.to } }, [
        ['(ended_at IS NULL OR ended_at >= ?)', range.from],
      ]);
      if (found.length === limit) {
        return found;
      }
      const rest = { ...search, limit: limit - found.length };
      const earlier = [
        ...documents({ ...rest, open: true }, [['at < ? AND ended_at IS NULL', before]]),
        ...documents(
          rest,
          [[`at < ? AND ended_at >= ? AND ended_at - at > ${LONG_MS}`, before, range.from]],
          'INDEXED BY documents_long',
        ),
      ].sort((a, b) => b[3] - a[3] || (a[1] < b[1] ? 1 : -1));
      return [...found, ...earlier.slice(0, rest.limit)];
    },
    breakById(id: string): RecordRow | undefined {
      return connection.row(`${RECORDS} WHERE b.id = ?`, id);
    },
    earlierVerdicts(id: string): EarlierRow[] {
      return connection.rows(
        `SELECT e.replaced_at, c.outcome, c.category, c.severity, c.side, c.reason, c.rule,
           e.evidence, v.body
         FROM earlier_verdicts e
         JOIN cells c ON c.cell = e.cell
         JOIN verdicts v ON v.verdict = e.verdict
         WHERE e.break_id = ? ORDER BY e.replaced_at DESC`,
        id,
      );
    },
    findBreaks(search: BreakSearch): RecordRow[] {
      return findBreaks(connection, search, complete);
    },
    series(search: SeriesSearch): SeriesGroup[] {
      return connection.snapshot(() => series(connection, search));
    },
    ruleTexts(hashes: string[]): [string, string, string][] {
      return connection.rows(
        `SELECT rule_hash, cause, fix FROM rule_texts
         WHERE rule_hash IN (SELECT value FROM json_each(?))`,
        JSON.stringify(hashes),
      );
    },
    getState(name: string): string | undefined {
      return connection.row<[string]>('SELECT value FROM state WHERE name = ?', name)?.[0];
    },
    counts(): { breaks: number; journal: number } {
      // Summing the counts by day is fast; counting millions of breaks would take seconds.
      const breaks = connection.row<[number]>('SELECT ifnull(sum(breaks), 0) FROM rollup_day');
      // Only the oldest entries are ever deleted, so first and last seq give the count.
      const journal = connection.row<[number]>(
        `SELECT ifnull((SELECT max(seq) FROM journal) - (SELECT min(seq) FROM journal) + 1, 0)`,
      );
      return { breaks: breaks?.[0] ?? 0, journal: journal?.[0] ?? 0 };
    },
    nearby: (requests: NearbyRequest[]) =>
      connection.snapshot(() => readNearby(connection, requests)),
    values: (name: FilterName, range: TimeRange, limit: number, search?: string) =>
      connection.snapshot(() => values(name, range, limit, search)),
    /** Number of the break that was stored last; 0 when there is none. */
    lastPlace(): number {
      return connection.row<[number]>('SELECT ifnull(max(n), 0) FROM breaks')?.[0] ?? 0;
    },
    /** When the oldest break ended, epoch ms UTC. */
    oldest(): number | null {
      const sql = 'SELECT ended_at FROM breaks INDEXED BY breaks_by_time ORDER BY ended_at LIMIT 1';
      return connection.row<[number]>(sql)?.[0] ?? null;
    },
  };
}

/** Names and types of these operations. */
export type ReadOperations = ReturnType<typeof createReadOperations>;
