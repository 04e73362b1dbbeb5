import type { RuleTexts } from '../../model/diagnosis.ts';
import type { FilterName } from '../../model/query.ts';
import { type EarlierRow, earlierOf, type RecordRow, recordOf } from '../rows/break-row.ts';
import { findRecords } from '../rows/find-records.ts';
import { ruleTextsOf } from '../rows/plain-rows.ts';
import type {
  BreakSearch,
  DocumentSearch,
  NearbyRequest,
  SeriesSearch,
  TimeRange,
} from '../store.ts';
import type { Database } from './database.ts';
import { findDocuments } from './documents.ts';
import { findBreaks, RECORDS } from './find-breaks.ts';
import { journalReads } from './journal.ts';
import { readNearby } from './nearby.ts';
import { monthsOfTable } from './partitions.ts';
import { countBreaks } from './roll-ups.ts';
import { series } from './series.ts';
import { streamReads } from './streams.ts';
import { values } from './values.ts';

/** The methods of the store that read. */
export function createReads(database: Database) {
  return {
    ...journalReads(database),
    ...streamReads(database),
    nearby: (requests: readonly NearbyRequest[]) =>
      database.snapshot((sql) => readNearby(sql, requests)),
    breakById: (id: string) =>
      // Where it is comes first, so that the second plan is for one partition.
      database.snapshot(async (sql) => {
        const place = await sql.row<[number, number]>(
          'SELECT bucket, ended_at FROM break_ids WHERE id = $1',
          id,
        );
        const row =
          place &&
          (await sql.row<RecordRow>(
            `${RECORDS} WHERE b.id = $1 AND b.bucket = $2 AND b.ended_at = $3`,
            id,
            ...place,
          ));
        return row === undefined ? null : recordOf(row);
      }),
    async earlierVerdicts(id: string) {
      const rows = await database.rows<EarlierRow>(
        `SELECT e.replaced_at, c.outcome, c.category, c.severity, c.side, c.reason, c.rule,
           e.evidence, v.body
         FROM earlier_verdicts e
         JOIN cells c ON c.cell = e.cell
         JOIN verdicts v ON v.verdict = e.verdict
         WHERE e.break_id = $1 ORDER BY e.replaced_at DESC`,
        id,
      );
      return rows.map(earlierOf);
    },
    findBreaks: (search: BreakSearch) => findRecords(search, (page) => findBreaks(database, page)),
    async lastPlace(): Promise<number> {
      return (await database.row<[number]>('SELECT coalesce(max(n), 0) FROM breaks'))?.[0] ?? 0;
    },
    series: (search: SeriesSearch) => database.snapshot((sql) => series(sql, search)),
    values: (name: FilterName, range: TimeRange, limit: number, search?: string) =>
      values(database, name, range, limit, search),
    async ruleTexts(hashes: string[]): Promise<RuleTexts[]> {
      const rows = await database.rows<[string, string, string]>(
        'SELECT rule_hash, cause, fix FROM rule_texts WHERE rule_hash = ANY($1)',
        hashes,
      );
      return rows.map(ruleTextsOf);
    },
    async getState(name: string): Promise<unknown> {
      const row = await database.row<[string]>('SELECT value FROM state WHERE name = $1', name);
      return row === undefined ? undefined : JSON.parse(row[0]);
    },
    findDocuments: (search: DocumentSearch) => findDocuments(database, search),
    async counts(): Promise<{ breaks: number; journal: number }> {
      // Only the oldest entries are ever deleted, so first and last seq give the count.
      const row = await database.row<[number]>(
        'SELECT coalesce(max(seq) - min(seq) + 1, 0) FROM journal',
      );
      return { breaks: await countBreaks(database), journal: row?.[0] ?? 0 };
    },
    async oldestPartition(): Promise<number | null> {
      const [oldest] = await monthsOfTable(database, 'breaks');
      return oldest?.to ?? null;
    },
    async oldest(): Promise<number | null> {
      const sql = 'SELECT ended_at FROM breaks ORDER BY ended_at LIMIT 1';
      return (await database.row<[number]>(sql))?.[0] ?? null;
    },
  };
}
