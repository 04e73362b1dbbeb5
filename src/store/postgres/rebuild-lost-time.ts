import { firstOpen } from '../rows/lost-change.ts';
import { clipSpans, type LostSpan, mergeSpans } from '../rows/lost-spans.ts';
import { LostSums } from '../rows/lost-sums.ts';
import { bucketOf, streamHash } from './bucket.ts';
import type { SqlTransaction } from './database.ts';
import { writeSums } from './lost-sums.ts';
import { type OpenRow, writeOpen } from './lost-tally.ts';

/** Days of sets whose sums are in memory at the same time, of about a kilobyte each. */
const MAX_DAYS = 30_000;
/** With more spans of a stream in memory, those that overlap are merged. */
const MAX_SPANS = 10_000;

type SpanRow = [
  account: string,
  domain: string,
  app: string,
  stream: string,
  cell: number,
  endedAt: number,
  recoveredAt: number | null,
];

/**
 * Adds up the lost time of all breaks again. Reads each break once, in the order of streams; the caller opens the
 * transaction.
 */
export async function rebuildLostTime(sql: SqlTransaction): Promise<void> {
  await sql.script('DELETE FROM lost_time; DELETE FROM lost_open; DELETE FROM cell_sets');
  const sums = new LostSums();
  const open: OpenRow[] = [];
  let owner: SpanRow | undefined;
  let spans: LostSpan[] = [];
  let coveredTo = Number.NEGATIVE_INFINITY;
  let mergeAt = MAX_SPANS;

  /** Counts what no later break of the stream can change. */
  function count(): void {
    if (owner === undefined || spans.length === 0) {
      return;
    }
    const [account, domain, app, stream] = owner;
    const merged = mergeSpans(spans);
    const openSince = firstOpen(merged);
    sums.add(clipSpans(merged, Number.NEGATIVE_INFINITY, openSince), 1);
    const rest = clipSpans(merged, openSince, Number.POSITIVE_INFINITY);
    if (rest.length > 0) {
      const hash = streamHash(account, domain, app, stream);
      open.push({ bucket: bucketOf(account, stream), hash, spans: rest });
    }
    spans = [];
    mergeAt = MAX_SPANS;
  }

  const pieces = sql.pieces<SpanRow>(
    `SELECT c.account, c.domain, c.app, b.stream, b.cell, b.ended_at, b.recovered_at
     FROM breaks b JOIN cells c ON c.cell = b.cell
     WHERE b.down = 1 AND b.until > b.ended_at ORDER BY 1, 2, 3, 4, 6`,
  );
  for await (const piece of pieces) {
    for (const row of piece) {
      const [, , , , cell, from, to] = row;
      if (owner === undefined || [0, 1, 2, 3].some((column) => owner?.[column] !== row[column])) {
        count();
        owner = row;
        coveredTo = Number.NEGATIVE_INFINITY;
      } else if (from >= coveredTo) {
        count();
      }
      spans.push({ cell, from, to });
      coveredTo = Math.max(coveredTo, to ?? Number.POSITIVE_INFINITY);
      if (spans.length > mergeAt) {
        spans = mergeSpans(spans);
        mergeAt = Math.max(MAX_SPANS, 2 * spans.length);
      }
    }
    if (sums.size > MAX_DAYS) {
      await writeSums(sql, sums);
    }
    await writeOpen(sql, open.splice(0));
  }
  count();
  await writeOpen(sql, open);
  await writeSums(sql, sums);
}
