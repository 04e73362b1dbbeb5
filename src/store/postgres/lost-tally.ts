import {
  countChanges,
  type LostBreak,
  LostChanges,
  type LostPlan,
  openText,
  parseOpen,
  planChanges,
  type StreamChanges,
  type StreamValues,
} from '../rows/lost-change.ts';
import type { LostSpan } from '../rows/lost-spans.ts';
import { LostSums } from '../rows/lost-sums.ts';
import { LONGEST_SHORT_CLASS } from '../rows/span-class.ts';
import { bucketOf, streamHash } from './bucket.ts';
import type { Sql } from './database.ts';
import { indexed } from './indexed.ts';
import { writeSums } from './lost-sums.ts';
import { plannedOnce } from './planned-once.ts';

/** The changes of a stream, and what must be known to count them. */
interface Planned {
  changes: StreamChanges<string>;
  bucket: number;
  hash: string;
  plan: LostPlan;
}

/** Adds up the changes that one batch makes to the lost time of its streams, then writes them. */
export class LostTally {
  /** By the id of the break. */
  readonly #changes = new LostChanges<string>();

  /** Adds a break, or with -1 removes it as it was before. */
  add(stream: StreamValues, id: string, row: LostBreak, sign: 1 | -1): void {
    this.#changes.add(stream, id, row, sign);
  }

  /** Must be called in the transaction that writes the breaks, after they are written. */
  async write(sql: Sql): Promise<void> {
    const planned = await planStreams(sql, this.#changes.take());
    if (planned.length === 0) {
      return;
    }
    const spans = await readSpans(sql, planned);
    const sums = new LostSums();
    const open: OpenRow[] = [];
    for (const [index, { bucket, hash, plan }] of planned.entries()) {
      const ofStream = countChanges(plan, spans[index] as LostSpan[], sums);
      if (ofStream !== undefined) {
        open.push({ bucket, hash, spans: ofStream });
      }
    }
    await writeOpen(sql, open);
    await writeSums(sql, sums);
  }
}

/** The spans of a stream that has not recovered; none when it has. */
export interface OpenRow {
  bucket: number;
  hash: string;
  spans: readonly LostSpan[];
}

async function planStreams(
  sql: Sql,
  streams: readonly StreamChanges<string>[],
): Promise<Planned[]> {
  if (streams.length === 0) {
    return [];
  }
  const hashed = streams.map((changes) => {
    const [stream, domain, app, account] = changes.stream;
    const hash = streamHash(account, domain, app, stream);
    return { changes, bucket: bucketOf(account, stream), hash };
  });
  const rows = await sql.rows<[place: number, spans: string]>(
    `SELECT w.place, o.spans
     FROM unnest($1::smallint[], $2::uuid[]) WITH ORDINALITY AS w (bucket, stream_hash, place)
       JOIN lost_open o ON o.stream_hash = w.stream_hash AND o.bucket = w.bucket`,
    hashed.map(({ bucket }) => bucket),
    hashed.map(({ hash }) => hash),
  );
  const open = new Map(rows);
  return hashed.flatMap((one, index) => {
    const known = open.get(index + 1);
    const plan = planChanges(one.changes, known === undefined ? undefined : parseOpen(known));
    return plan === undefined ? [] : [{ ...one, plan }];
  });
}

/** A span of the longest short class is shorter, ms. */
const SHORT_MS = 2 ** LONGEST_SHORT_CLASS;

/** A span of a stream that overlaps a time. */
const SPAN = `SELECT b.id, b.cell, b.ended_at, b.recovered_at FROM breaks b JOIN cells c ON c.cell = b.cell
  WHERE ${indexed('b.stream')} = ${indexed('w.stream')} AND b.stream = w.stream
    AND b.until > w.since AND b.ended_at < w.before AND b.down = 1
    AND c.domain = w.domain AND c.app = w.app AND c.account = w.account`;

/** Short spans began shortly before a plan, within the last two values; long ones in any month. */
const SPANS = `SELECT w.place, s.*
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
      WITH ORDINALITY AS w (stream, domain, app, account, since, before, place)
    CROSS JOIN LATERAL (
      ${SPAN} AND b.ended_at > w.since - ${SHORT_MS} AND b.ended_at > $7::bigint
        AND b.ended_at < $8::bigint AND b.span_class <= ${LONGEST_SHORT_CLASS}
      UNION ALL ${SPAN} AND b.span_class > ${LONGEST_SHORT_CLASS}) s`;

/** The spans that each plan needs, without those of changed breaks. */
async function readSpans(sql: Sql, planned: readonly Planned[]): Promise<LostSpan[][]> {
  const column = (index: 0 | 1 | 2 | 3) => planned.map(({ changes }) => changes.stream[index]);
  const since = planned.map(({ plan }) => plan.from);
  const before = planned.map(({ plan }) => plan.to);
  const rows = await plannedOnce<[number, string, number, number, number | null]>(
    sql,
    'lost-spans',
    SPANS,
    ...([0, 1, 2, 3] as const).map(column),
    since,
    before,
    since.reduce((least, from) => Math.min(least, from)) - SHORT_MS,
    before.reduce((most, to) => Math.max(most, to)),
  );
  const spans = planned.map((): LostSpan[] => []);
  for (const [place, id, cell, from, to] of rows) {
    if (!(planned[place - 1] as Planned).changes.breaks.has(id)) {
      (spans[place - 1] as LostSpan[]).push({ cell, from, to });
    }
  }
  return spans;
}

/** Writes the spans of streams that have not recovered. */
export async function writeOpen(sql: Sql, rows: readonly OpenRow[]): Promise<void> {
  if (rows.length === 0) {
    return;
  }
  const buckets = rows.map(({ bucket }) => bucket);
  const hashes = rows.map(({ hash }) => hash);
  const texts = rows.map(({ spans }) => (spans.length === 0 ? null : openText(spans)));
  await sql.run(
    `INSERT INTO lost_open (bucket, stream_hash, spans)
     SELECT * FROM unnest($1::smallint[], $2::uuid[], $3::text[]) AS w (bucket, stream_hash, spans)
     WHERE spans IS NOT NULL
     ON CONFLICT (stream_hash, bucket) DO UPDATE SET spans = excluded.spans`,
    buckets,
    hashes,
    texts,
  );
  if (texts.includes(null)) {
    await sql.run(
      `DELETE FROM lost_open o USING unnest($1::smallint[], $2::uuid[], $3::text[])
         AS w (bucket, stream_hash, spans)
       WHERE w.spans IS NULL AND o.stream_hash = w.stream_hash AND o.bucket = w.bucket`,
      buckets,
      hashes,
      texts,
    );
  }
}
