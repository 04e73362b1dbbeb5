import { type BreakRow, DETAIL_COLUMNS, KEY_COLUMNS } from '../rows/break-row.ts';
import type { BatchRows, PushRow } from '../rows/plain-rows.ts';
import { bucketOf, streamHash } from './bucket.ts';
import type { Database, Sql } from './database.ts';
import type { Dictionary } from './dictionary.ts';
import { putDocuments } from './documents.ts';
import { fencedTransaction } from './fence.ts';
import { indexed } from './indexed.ts';
import { columnsOf, insertOf } from './insert-rows.ts';
import { type CountedBreak, Tally } from './tally.ts';

const BREAK_COLUMNS = ['bucket', 'id', 'cell', ...KEY_COLUMNS];
const CELL_AT = BREAK_COLUMNS.indexOf('cell');
const ALL_DETAILS = ['bucket', 'id', 'verdict', ...DETAIL_COLUMNS];
const PUSH_COLUMNS = [
  ...['bucket', 'stream_hash', 'account', 'domain', 'app', 'stream'],
  ...['started_at', 'ended_at', 'sequence', 'tx_time'],
];

/** Changes only rows that differ, because most updates of a break change a few of its columns. */
function upsertOf(table: string, columns: readonly string[]): string {
  const changing = columns.filter((column) => column !== 'id' && column !== 'bucket');
  return `${insertOf(table, columns)}
    ON CONFLICT (id, bucket) DO UPDATE SET
      ${changing.map((column) => `${column} = excluded.${column}`).join(', ')}
    WHERE (${changing.map((column) => `${table}.${column}`).join(', ')})
      IS DISTINCT FROM (${changing.map((column) => `excluded.${column}`).join(', ')})`;
}

const PUT_BREAKS = upsertOf('breaks', BREAK_COLUMNS);
const PUT_DETAILS = upsertOf('break_details', ALL_DETAILS);
const PUT_PUSHES = insertOf('pushes', PUSH_COLUMNS);

/** What the roll-ups count of a stored break. */
const COUNTED =
  'b.id, b.cell, b.ended_at, b.recovered_at, b.down, b.stream, c.domain, c.app, c.account';
type CountedRow = [
  ...[id: string, cell: number, endedAt: number, recoveredAt: number | null, down: number],
  ...[stream: string, domain: string, app: string, account: string],
];

function countedOf([id, cell, endedAt, recoveredAt, down, ...stream]: CountedRow): CountedBreak {
  return { id, cell, endedAt, recoveredAt, down, stream };
}

/** Deletes breaks with their details and earlier verdicts. The caller writes the tally. */
export async function deleteBreaks(sql: Sql, ids: readonly string[], tally: Tally): Promise<void> {
  await sql.run('DELETE FROM earlier_verdicts WHERE break_id = ANY($1)', ids);
  await sql.run('DELETE FROM break_details WHERE id = ANY($1)', ids);
  const rows = await sql.rows<CountedRow>(
    `DELETE FROM breaks b USING cells c WHERE c.cell = b.cell AND b.id = ANY($1)
     RETURNING ${COUNTED}`,
    ids,
  );
  for (const row of rows) {
    tally.add(countedOf(row), -1);
  }
}

async function putBreaks(
  sql: Sql,
  rows: readonly BreakRow[],
  cells: ReadonlyMap<string, number>,
  verdicts: ReadonlyMap<string, number>,
  tally: Tally,
): Promise<void> {
  // Of two records with the same id, the last one counts.
  const last = [...new Map(rows.map((row) => [row.id, row])).values()];
  const buckets = last.map(({ cell, key }) => bucketOf(cell[0] as string, key[0] as string));
  const ids = last.map(({ id }) => id);
  const before = await sql.rows<CountedRow>(
    `SELECT ${COUNTED} FROM breaks b JOIN cells c ON c.cell = b.cell WHERE b.id = ANY($1)`,
    ids,
  );
  for (const row of before) {
    tally.add(countedOf(row), -1);
  }
  for (const table of ['breaks', 'break_details']) {
    // A stream never changes its bucket, but a record may name another stream than before.
    await sql.run(
      `DELETE FROM ${table} b USING unnest($1::text[], $2::smallint[]) AS w (id, bucket)
       WHERE b.id = w.id AND b.bucket <> w.bucket`,
      ids,
      buckets,
    );
  }
  const breakRows = last.map((row, index) => [
    buckets[index] as number,
    row.id,
    cells.get(JSON.stringify(row.cell)) as number,
    ...row.key,
  ]);
  await sql.run(PUT_BREAKS, ...columnsOf(breakRows, BREAK_COLUMNS.length));
  for (const [index, { id, cell, key }] of last.entries()) {
    const [account, domain, app] = cell as [string, string, string];
    const at = (column: (typeof KEY_COLUMNS)[number]) => key[KEY_COLUMNS.indexOf(column)];
    tally.add(
      {
        id,
        cell: breakRows[index]?.[CELL_AT] as number,
        endedAt: at('ended_at') as number,
        recoveredAt: at('recovered_at') as number | null,
        down: at('down') as number,
        stream: [at('stream') as string, domain, app, account],
      },
      1,
    );
  }
  const detailRows = last.map((row, index) => [
    buckets[index] as number,
    row.id,
    verdicts.get(row.verdict) as number,
    ...row.details,
  ]);
  await sql.run(PUT_DETAILS, ...columnsOf(detailRows, ALL_DETAILS.length));
}

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

/** Writes derived data and the cursor, all or nothing. */
export async function writeBatch(
  { database, dictionary, epoch }: { database: Database; dictionary: Dictionary; epoch: number },
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
  await fencedTransaction(database, { epoch, isAlone: true, durable }, async (sql) => {
    if (batch.supersedes && batch.supersedes.ids.length > 0) {
      await sql.run(
        `INSERT INTO earlier_verdicts (bucket, break_id, replaced_at, cell, verdict, evidence)
         SELECT b.bucket, b.id, $1, b.cell, d.verdict, d.evidence
         FROM breaks b JOIN break_details d ON d.id = b.id AND d.bucket = b.bucket
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
      await putBreaks(sql, batch.breaks, cells, verdicts, tally);
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
