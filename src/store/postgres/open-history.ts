import { BlockFile, encodeBlock } from '../columns/block-file.ts';
import { type BlockCells, type BlockRow, gatherBlock } from '../columns/gather-block.ts';
import type { BlockHistory } from '../columns/open-block-history.ts';
import { type PlacedRow, placedBreakOf } from '../columns/placed-break.ts';
import { BLOCK_BITS, BLOCK_ROWS } from '../columns/stamps.ts';
import { connectionOf, type PostgresSettings } from './connection-settings.ts';
import { Database, type Sql } from './database.ts';

const OF_BLOCK = `b.n >= $1::bigint << ${BLOCK_BITS} AND b.n < ($1::bigint + 1) << ${BLOCK_BITS}`;

/** What the numbers in the rows of a block stand for. */
async function readCells(sql: Sql, rows: readonly BlockRow[]): Promise<BlockCells> {
  const cells = await sql.rows<[number, string, string, string]>(
    'SELECT cell, reason, rule, category FROM cells WHERE cell = ANY($1)',
    [...new Set(rows.map(([, , cell]) => cell))],
  );
  const verdicts = await sql.rows<[number, string]>(
    `SELECT verdict, body::json -> 'rule' ->> 'hash' FROM verdicts WHERE verdict = ANY($1)`,
    [...new Set(rows.map(([, , , verdict]) => verdict))],
  );
  const cellOf = new Map(
    cells.map(([cell, reason, rule, category]) => [cell, { reason, rule, category }]),
  );
  const hashOf = new Map(verdicts);
  return {
    cell: (cell) => cellOf.get(cell) as ReturnType<BlockCells['cell']>,
    hash: (verdict) => hashOf.get(verdict) as string,
  };
}

/**
 * Opens the fact snapshots of a database, for back-tests. A block is laid out by columns each time it is read,
 * which takes about a second; a data folder keeps files of them.
 */
export function openPostgresHistory(settings: PostgresSettings): BlockHistory {
  const database = new Database({ connection: connectionOf(settings), size: 2 });

  /** The numbers of all blocks, newest first; one may have no rows any more. */
  async function list(): Promise<number[]> {
    const row = await database.row<[number | null, number | null]>(
      `SELECT min(n) >> ${BLOCK_BITS}, max(n) >> ${BLOCK_BITS} FROM breaks`,
    );
    const [first, last] = row ?? [null, null];
    return first === null || last === null
      ? []
      : Array.from({ length: last - first + 1 }, (_one, index) => last - index);
  }

  const bytes = (block: number) =>
    database.snapshot(async (sql): Promise<Buffer | null> => {
      const rows = await sql.rows<BlockRow>(
        `SELECT b.n, b.ended_at, b.cell, d.verdict, d.event_reason, d.facts
         FROM breaks b JOIN break_details d ON d.id = b.id AND d.bucket = b.bucket AND d.ended_at = b.ended_at
         WHERE ${OF_BLOCK} ORDER BY b.n LIMIT ${BLOCK_ROWS}`,
        block,
      );
      return rows.length === 0
        ? null
        : encodeBlock({ stamp: 0, ...gatherBlock(rows, await readCells(sql, rows)) });
    });

  return {
    list,
    bytes,
    async *blocks(range, facts, onProgress) {
      const numbers = await list();
      const progress = { blocks: numbers.length, done: 0, built: 0 };
      for (const block of numbers) {
        // Checking is much cheaper than laying out.
        const found = await database.row(
          `SELECT 1 FROM breaks b WHERE ${OF_BLOCK} AND b.ended_at >= $2 AND b.ended_at < $3 LIMIT 1`,
          block,
          range.from,
          range.to,
        );
        const file = found && (await bytes(block));
        progress.done += 1;
        progress.built += file ? 1 : 0;
        onProgress?.({ ...progress });
        if (file) {
          const opened = new BlockFile(file);
          opened.load(facts);
          yield opened;
        }
      }
    },
    async breaks(places) {
      const rows = await database.rows<PlacedRow>(
        `SELECT b.n, b.id, b.ended_at, c.domain, c.app, b.stream, coalesce(d.event_reason, c.reason),
           d.facts
         FROM unnest($1::bigint[]) WITH ORDINALITY AS w (n, place) JOIN breaks b ON b.n = w.n
           JOIN break_details d ON d.id = b.id AND d.bucket = b.bucket AND d.ended_at = b.ended_at
           JOIN cells c ON c.cell = b.cell
         ORDER BY w.place`,
        places,
      );
      return rows.map(placedBreakOf);
    },
    close: () => database.close(),
  };
}
