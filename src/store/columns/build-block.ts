import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { Connection } from '../sqlite/connection.ts';
import { encodeBlock } from './block-file.ts';
import { fileOfBlock } from './block-folder.ts';
import { type BlockCells, type BlockRow, gatherBlock } from './gather-block.ts';
import { BLOCK_ROWS } from './stamps.ts';

const ROWS = `
  SELECT b.n, b.ended_at, b.cell, d.verdict, d.event_reason, d.facts
  FROM breaks b JOIN break_details d ON d.n = b.n
  WHERE b.n >= ? AND b.n < ? ORDER BY b.n`;
/** Caches cells and verdicts for all blocks; their rows never change. */
export class BlockSource implements BlockCells {
  readonly connection: Connection;
  readonly #cells = new Map<number, { reason: string; rule: string; category: string }>();
  readonly #hashes = new Map<number, string>();

  constructor(connection: Connection) {
    this.connection = connection;
  }

  cell(cell: number) {
    let known = this.#cells.get(cell);
    if (known === undefined) {
      const [reason, rule, category] = this.connection.row<[string, string, string]>(
        'SELECT reason, rule, category FROM cells WHERE cell = ?',
        cell,
      ) as [string, string, string];
      known = { reason, rule, category };
      this.#cells.set(cell, known);
    }
    return known;
  }

  hash(verdict: number): string {
    let known = this.#hashes.get(verdict);
    if (known === undefined) {
      const [hash] = this.connection.row<[string]>(
        `SELECT body ->> '$.rule.hash' FROM verdicts WHERE verdict = ?`,
        verdict,
      ) as [string];
      known = hash;
      this.#hashes.set(verdict, known);
    }
    return known;
  }
}

/** Encodes the rows of a block, read in one transaction. */
function readBlock(source: BlockSource, block: number): Buffer {
  const { connection } = source;
  connection.run('BEGIN');
  try {
    const [stamp] = connection.row<[number]>(
      'SELECT stamp FROM fact_blocks WHERE block = ?',
      block,
    ) ?? [0];
    const from = block * BLOCK_ROWS;
    const rows = rowsBetween(source, from, from + BLOCK_ROWS);
    return encodeBlock({ stamp, ...gatherBlock(rows, source) });
  } finally {
    connection.run('COMMIT');
  }
}

/** Rows read at a time. */
const PAGE = 2_048;

function* rowsBetween({ connection }: BlockSource, from: number, to: number): Iterable<BlockRow> {
  for (let page = from; page < to; page += PAGE) {
    for (const row of connection.rows<BlockRow>(ROWS, page, page + PAGE)) {
      yield row;
    }
  }
}

/**
 * Builds the file of a block, or replaces it atomically. The stamp in it shows whether it is still
 * current.
 *
 * @returns the file's size in bytes
 */
export function buildBlock(source: BlockSource, folder: string, block: number): number {
  const bytes = readBlock(source, block);
  const file = fileOfBlock(folder, block);
  const temporaryFile = `${file}.${process.pid}.${threadId}`;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    writeFileSync(temporaryFile, bytes, { mode: 0o600 });
    renameSync(temporaryFile, file);
  } catch (thrown) {
    rmSync(temporaryFile, { force: true });
    throw thrown;
  }
  return bytes.length;
}
