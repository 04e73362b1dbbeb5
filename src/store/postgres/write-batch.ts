import type { BatchRows, PushRow } from '../rows/plain-rows.ts';
import { bucketOf, streamHash } from './bucket.ts';
import type { Database, Sql } from './database.ts';
import type { Dictionary } from './dictionary.ts';
import { putDocuments } from './documents.ts';
import { fencedTransaction } from './fence.ts';
import { indexed } from './indexed.ts';
import { columnsOf, insertOf } from './insert-rows.ts';
import type { Partitions } from './partitions.ts';
import { Tally } from './tally.ts';
import { deleteBreaks, endedAtOf, putBreaks } from './write-breaks.ts';

const PUSH_COLUMNS = [
  ...['bucket', 'stream_hash', 'account', 'domain', 'app', 'stream'],
  ...['started_at', 'ended_at', 'sequence', 'tx_time'],
];

const PUT_PUSHES = insertOf('pushes', PUSH_COLUMNS);

async function putPushes(sql: Sql, pushes: readonly PushRow[]): Promise<void> {
  const rows = pushes.map((push) => {
    const [account, domain, app, stream, startedAt, , sequence] = push;
    const hash = streamHash(account, domain, app, stream);
    return { push, hash, byStart: `${hash} ${startedAt}`, bySequence: `${hash} ${sequence}` };
  });
  // A push replaces those before it with the same start or sequence, in this batch as well.
  const starts = new Set<string>();
  const sequences = new Set<string>();
  const kept = rows
    .toReversed()
    .filter(({ push, byStart, bySequence }) => {
      const isReplaced = starts.has(byStart) || (push[6] !== null && sequences.has(bySequence));
      starts.add(byStart);
      sequences.add(bySequence);
      return !isReplaced;
    })
    .reverse();
  await sql.run(
    `DELETE FROM pushes p
     USING unnest($1::uuid[], $2::bigint[], $3::text[]) AS w (stream_hash, started_at, sequence)
     WHERE p.stream_hash = w.stream_hash
       AND (p.started_at = w.started_at
         OR (${indexed('p.sequence')} = ${indexed('w.sequence')} AND p.sequence = w.sequence))`,
    rows.map(({ hash }) => hash),
    rows.map(({ push }) => push[4]),
    rows.map(({ push }) => push[6]),
  );
  const values = kept.map(({ push, hash }) => {
    const [account, domain, app, stream, ...rest] = push;
    return [bucketOf(account, stream), hash, account, domain, app, stream, ...rest];
  });
  await sql.run(PUT_PUSHES, ...columnsOf(values, PUSH_COLUMNS.length));
}

/** Where a batch is written. */
interface BatchTarget {
  database: Database;
  dictionary: Dictionary;
  partitions: Partitions;
  /** The number of this server, see `fencedTransaction`. */
  epoch: number;
}

/** Writes derived data and the cursor, all or nothing. */
export async function writeBatch(
  { database, dictionary, partitions, epoch }: BatchTarget,
  batch: BatchRows,
  { durable }: { durable: boolean },
): Promise<void> {
  const cells = await dictionary.cells(
    database,
    new Set(batch.breaks.map(({ cell }) => JSON.stringify(cell))),
  );
  const verdicts = await dictionary.verdicts(
    database,
    new Set(batch.breaks.map(({ verdict }) => verdict)),
  );
  await partitions.prepare(batch.breaks.map(endedAtOf));
  await fencedTransaction(database, { epoch, isAlone: true, durable }, async (sql) => {
    if (batch.supersedes && batch.supersedes.ids.length > 0) {
      await sql.run(
        `INSERT INTO earlier_verdicts (bucket, break_id, replaced_at, cell, verdict, evidence)
         SELECT b.bucket, b.id, $1, b.cell, d.verdict, d.evidence
         FROM breaks b JOIN break_details d ON d.id = b.id AND d.bucket = b.bucket AND d.ended_at = b.ended_at
         WHERE b.id = ANY($2) ON CONFLICT DO NOTHING`,
        batch.supersedes.at,
        batch.supersedes.ids,
      );
    }
    const tally = new Tally();
    if (batch.removed.length > 0) {
      await deleteBreaks(sql, batch.removed, tally);
    }
    if (batch.breaks.length > 0) {
      await putBreaks(sql, batch.breaks, { cells, verdicts }, tally);
    }
    await tally.write(sql);
    if (batch.pushes.length > 0) {
      await putPushes(sql, batch.pushes);
    }
    if (batch.documents.length > 0) {
      await putDocuments(sql, batch.documents);
    }
    await sql.run(`UPDATE meta SET value = $1 WHERE name = 'cursor' AND value < $1`, batch.cursor);
  });
}
