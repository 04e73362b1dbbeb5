import type { BreakRecord, StreamKey } from '../../model/break.ts';
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
import { bucketOf, streamHash } from './bucket.ts';
import type { Sql, SqlParameter } from './database.ts';
import { RECORDS } from './find-breaks.ts';
import { gatherCalls, rowsOfCalls } from './gather-calls.ts';
import { indexed } from './indexed.ts';
import { outerRange } from './outer-range.ts';

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

interface BreaksCall {
  key: StreamKey;
  range: TimeRange;
  /** At most so many; all when null. */
  most: number | null;
}

/** Breaks of many streams, oldest first. */
async function readBreaks(sql: Sql, calls: readonly BreaksCall[]): Promise<BreakRecord[][]> {
  const within = (column: string) =>
    outerRange(
      column,
      calls.map(({ range }) => range),
    );
  const rows = await sql.rows<[number, ...RecordRow]>(
    `SELECT w.n, r.* FROM unnest($1::integer[], $2::smallint[], $3::text[], $4::text[], $5::text[],
         $6::text[], $7::bigint[], $8::bigint[], $9::bigint[])
         AS w (n, bucket, stream, account, domain, app, since, before, most)
       CROSS JOIN LATERAL (
         ${RECORDS} WHERE b.bucket = w.bucket
           AND ${indexed('b.stream')} = ${indexed('w.stream')} AND b.stream = w.stream
           AND c.account = w.account AND c.domain = w.domain AND c.app = w.app
           AND b.ended_at >= w.since AND b.ended_at < w.before AND ${within('b.ended_at')}
           AND ${within('d.ended_at')}
         ORDER BY b.ended_at, b.id LIMIT w.most) r
     ORDER BY w.n, r.ended_at, r.id`,
    calls.map((_call, index) => index),
    calls.map(({ key }) => bucketOf(key.account, key.stream)),
    calls.map(({ key }) => key.stream),
    calls.map(({ key }) => key.account),
    calls.map(({ key }) => key.domain),
    calls.map(({ key }) => key.app),
    calls.map(({ range }) => range.from),
    calls.map(({ range }) => range.to),
    calls.map(({ most }) => most),
  );
  return rowsOfCalls(calls, rows).map((ofCall) => ofCall.map(recordOf));
}

interface PushesCall {
  hash: string;
  range: TimeRange;
  /** Only the last ones; all when null. */
  last: number | null;
}

/** Pushes of many streams that began in a range, oldest first. */
async function readPushes(sql: Sql, calls: readonly PushesCall[]): Promise<Push[][]> {
  const rows = await sql.rows<[number, ...PushRow]>(
    `SELECT w.n, p.* FROM unnest($1::integer[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[])
         AS w (n, stream_hash, since, before, most)
       CROSS JOIN LATERAL (
         SELECT ${PUSH_COLUMNS} FROM pushes
         WHERE stream_hash = w.stream_hash AND started_at >= w.since AND started_at < w.before
         ORDER BY started_at DESC LIMIT w.most) p
     ORDER BY w.n, p.started_at`,
    calls.map((_call, index) => index),
    calls.map(({ hash }) => hash),
    calls.map(({ range }) => range.from),
    calls.map(({ range }) => range.to),
    calls.map(({ last }) => last),
  );
  return rowsOfCalls(calls, rows).map((ofCall) => ofCall.map(pushOf));
}

interface SequencesCall {
  hash: string;
  sequences: readonly string[];
  before: number;
}

/** Pushes of many streams that have one of some sequences and began before a time, oldest first. */
async function readBySequence(sql: Sql, calls: readonly SequencesCall[]): Promise<Push[][]> {
  const wanted = calls.flatMap(({ sequences }, call) =>
    [...new Set(sequences)].map((sequence) => ({ call, sequence })),
  );
  const columns = PUSH_COLUMNS.split(', ').map((column) => `p.${column}`);
  const rows = await sql.rows<[number, ...PushRow]>(
    `SELECT w.n, ${columns.join(', ')}
     FROM unnest($1::integer[], $2::uuid[], $3::bigint[], $4::text[])
         AS w (n, stream_hash, before, sequence)
       JOIN pushes p ON p.stream_hash = w.stream_hash
         AND ${indexed('p.sequence')} = ${indexed('w.sequence')} AND p.sequence = w.sequence
         AND p.started_at < w.before
     ORDER BY w.n, p.started_at`,
    wanted.map(({ call }) => call),
    wanted.map(({ call }) => (calls[call] as SequencesCall).hash),
    wanted.map(({ call }) => (calls[call] as SequencesCall).before),
    wanted.map(({ sequence }) => sequence),
  );
  return rowsOfCalls(calls, rows).map((ofCall) => ofCall.map(pushOf));
}

/** The reads of breaks and pushes of streams. */
export function streamReads(sql: Sql) {
  const breaksOf = gatherCalls((calls: readonly BreaksCall[]) => readBreaks(sql, calls));
  const pushesIn = gatherCalls((calls: readonly PushesCall[]) => readPushes(sql, calls));
  const bySequence = gatherCalls((calls: readonly SequencesCall[]) => readBySequence(sql, calls));
  return {
    async breaksOfStream(
      key: StreamKey,
      range: TimeRange,
      { first, lastFailure = false }: BreaksOfStream = {},
    ) {
      if (!lastFailure) {
        return breaksOf({ key, range, most: first ?? null });
      }
      const rows = await sql.rows<RecordRow>(
        `${RECORDS} WHERE ${OF_STREAM} AND b.down = 1 ORDER BY b.ended_at DESC, b.id DESC LIMIT 1`,
        ...streamValues(key, range),
      );
      return rows.map(recordOf);
    },
    async fewBreaksOfStream(key: StreamKey, range: TimeRange, most: number) {
      const found = await breaksOf({ key, range, most: most + 1 });
      return found.length > most ? null : found;
    },
    async endsOfStream(key: StreamKey, range: TimeRange) {
      const rows = await sql.rows<[number | null, number, number]>(
        `SELECT b.started_at, b.ended_at, b.down FROM breaks b JOIN cells c ON c.cell = b.cell
         WHERE ${OF_STREAM} ORDER BY b.ended_at, b.id`,
        ...streamValues(key, range),
      );
      return rows.map(([startedAt, endedAt, down]) => ({ startedAt, endedAt, failed: down === 1 }));
    },
    async hasOtherSource(key: StreamKey, range: TimeRange, source: Source): Promise<boolean> {
      const row = await sql.row(
        `SELECT 1 FROM breaks b JOIN cells c ON c.cell = b.cell
           JOIN break_details d ON d.id = b.id AND d.bucket = b.bucket AND d.ended_at = b.ended_at
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
      const [earlier, inRange] = await Promise.all([
        sequences.length > 0 ? bySequence({ hash, sequences, before: range.from }) : [],
        pushesIn({ hash, range, last: last ?? null }),
      ]);
      return [...earlier, ...inRange];
    },
    async pushesDuring({ range, account, limit }: PushSearch): Promise<Push[]> {
      const rows = await sql.rows<PushRow>(
        `SELECT ${PUSH_COLUMNS} FROM pushes
         WHERE (ended_at IS NULL OR (ended_at > $1 AND ended_at <= $2)) AND started_at < $3
         AND ($4::text[] IS NULL OR account = ANY($4))
         ORDER BY started_at DESC, stream, domain, app, account LIMIT $5`,
        range.from,
        range.to + MAX_PUSH_AFTER_MS,
        range.to,
        account?.length ? account : null,
        limit,
      );
      return rows.map(pushOf);
    },
  };
}
