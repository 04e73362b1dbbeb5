import type { StreamKey } from '../../model/break.ts';
import type { Push } from '../../model/push.ts';
import type { Source } from '../../model/vocabulary.ts';
import { type RecordRow, recordOf } from '../rows/break-row.ts';
import { type PushRow, pushOf } from '../rows/plain-rows.ts';
import {
  type BreaksOfStream,
  MAX_PUSH_AFTER_MS,
  type PushesOfStream,
  type PushSearch,
  type TimeRange,
} from '../store.ts';
import { bucketOf } from './bucket.ts';
import type { Sql, SqlParameter } from './database.ts';
import { RECORDS } from './find-breaks.ts';
import { indexed } from './schema.ts';
import { streamHash } from './write-batch.ts';

/** Conditions on `breaks b` and `cells c`; the values are those of {@link streamValues}. */
const OF_STREAM = `b.bucket = $1 AND ${indexed('b.stream')} = ${indexed('$2::text')}
  AND b.stream = $2 AND c.account = $3 AND c.domain = $4 AND c.app = $5
  AND b.ended_at >= $6 AND b.ended_at < $7`;

function streamValues(
  { account, domain, app, stream }: StreamKey,
  range: TimeRange,
): SqlParameter[] {
  return [bucketOf(account, stream), stream, account, domain, app, range.from, range.to];
}

const PUSH_COLUMNS = 'account, domain, app, stream, started_at, ended_at, sequence, tx_time';

/** The reads of breaks and pushes of streams. */
export function streamReads(sql: Sql) {
  async function pushes(where: string, ...values: SqlParameter[]): Promise<Push[]> {
    const rows = await sql.rows<PushRow>(
      `SELECT ${PUSH_COLUMNS} FROM pushes WHERE ${where}`,
      ...values,
    );
    return rows.map(pushOf);
  }
  return {
    async breaksOfStream(
      key: StreamKey,
      range: TimeRange,
      { first, lastFailure = false }: BreaksOfStream = {},
    ) {
      const [condition, order] = lastFailure ? ['AND b.down = 1', 'DESC'] : ['', 'ASC'];
      const rows = await sql.rows<RecordRow>(
        `${RECORDS} WHERE ${OF_STREAM} ${condition}
         ORDER BY b.ended_at ${order}, b.id ${order} LIMIT $8`,
        ...streamValues(key, range),
        lastFailure ? 1 : (first ?? null),
      );
      return rows.map(recordOf);
    },
    async endsOfStream(key: StreamKey, range: TimeRange) {
      const rows = await sql.rows<[number, number]>(
        `SELECT b.ended_at, b.down FROM breaks b JOIN cells c ON c.cell = b.cell
         WHERE ${OF_STREAM} ORDER BY b.ended_at, b.id`,
        ...streamValues(key, range),
      );
      return rows.map(([endedAt, down]) => ({ endedAt, failed: down === 1 }));
    },
    async hasOtherSource(key: StreamKey, range: TimeRange, source: Source): Promise<boolean> {
      const row = await sql.row(
        `SELECT 1 FROM breaks b JOIN cells c ON c.cell = b.cell
           JOIN break_details d ON d.id = b.id AND d.bucket = b.bucket
         WHERE ${OF_STREAM} AND EXISTS (
           SELECT 1 FROM json_array_elements(d.sources::json) s WHERE s ->> 'source' <> $8)
         LIMIT 1`,
        ...streamValues(key, range),
        source,
      );
      return row !== undefined;
    },
    async pushesOfStream(
      { account, domain, app, stream }: StreamKey,
      range: TimeRange,
      { last, sequences = [] }: PushesOfStream = {},
    ): Promise<Push[]> {
      const hash = streamHash(account, domain, app, stream);
      const inRange = await pushes(
        `stream_hash = $1 AND started_at >= $2 AND started_at < $3
         ORDER BY started_at ${last === undefined ? 'ASC' : 'DESC'} LIMIT $4`,
        hash,
        range.from,
        range.to,
        last ?? null,
      );
      if (last !== undefined) {
        inRange.reverse();
      }
      if (sequences.length === 0) {
        return inRange;
      }
      const earlier = await pushes(
        'stream_hash = $1 AND sequence = ANY($2) AND started_at < $3 ORDER BY started_at',
        hash,
        sequences,
        range.from,
      );
      return [...earlier, ...inRange];
    },
    async pushesDuring({ range, account, limit }: PushSearch): Promise<Push[]> {
      return pushes(
        `(ended_at IS NULL OR (ended_at > $1 AND ended_at <= $2)) AND started_at < $3
         AND ($4::text[] IS NULL OR account = ANY($4))
         ORDER BY started_at DESC, stream, domain, app, account LIMIT $5`,
        range.from,
        range.to + MAX_PUSH_AFTER_MS,
        range.to,
        account?.length ? account : null,
        limit,
      );
    },
  };
}
