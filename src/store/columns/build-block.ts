import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { threadId } from 'node:worker_threads';
import { END_FACT, type FactColumn, type StoredRuling } from '../../model/facts.ts';
import type { Connection } from '../sqlite/connection.ts';
import { encodeBlock } from './block-file.ts';
import { fileOfBlock } from './block-folder.ts';
import { ColumnBuilder } from './column-builder.ts';
import { BLOCK_ROWS } from './stamps.ts';

const ROWS = `
  SELECT b.n, b.ended_at, b.cell, d.verdict, d.event_reason, d.facts
  FROM breaks b JOIN break_details d ON d.n = b.n
  WHERE b.n >= ? AND b.n < ? ORDER BY b.n`;
type Row = [
  n: number,
  endedAt: number,
  cell: number,
  verdict: number,
  eventReason: string | null,
  facts: string,
];

/** Caches cells and verdicts for all blocks; their rows never change. */
export class BlockSource {
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
    return encodeBlock({ stamp, ...gather(source, from, from + BLOCK_ROWS) });
  } finally {
    connection.run('COMMIT');
  }
}

/** Rows read at a time. */
const PAGE = 2_048;

function gather(source: BlockSource, from: number, to: number) {
  const facts = new Map<string, ColumnBuilder>();
  const endedAt = new Float64Array(BLOCK_ROWS);
  const places = new Float64Array(BLOCK_ROWS);
  const rulings = new RulingColumn(source);
  let place = 0;
  for (let page = from; page < to; page += PAGE) {
    for (const row of source.connection.rows<Row>(ROWS, page, page + PAGE)) {
      const [n, ended, cell, verdict, eventReason, text] = row;
      const snapshot = JSON.parse(text) as Record<string, unknown>;
      // Rules always see the event's reason, also when the snapshot does not have it.
      if (!Object.hasOwn(snapshot, 'reason')) {
        snapshot.reason = eventReason ?? source.cell(cell).reason;
      }
      // Every block has the ends of its breaks.
      delete snapshot[END_FACT];
      for (const name of Object.keys(snapshot)) {
        let column = facts.get(name);
        if (column === undefined) {
          column = new ColumnBuilder(BLOCK_ROWS);
          facts.set(name, column);
        }
        column.set(place, snapshot[name]);
      }
      endedAt[place] = ended;
      places[place] = n;
      rulings.set(place, cell, verdict);
      place += 1;
    }
  }
  return {
    endedAt: endedAt.slice(0, place),
    places: places.slice(0, place),
    rulings: rulings.build(place),
    facts: new Map([...facts].map(([name, column]) => [name, column.build(place)])),
  };
}

/** Builds the column of stored rulings; a ruling is identified by its cell and its verdict. */
class RulingColumn {
  readonly #source: BlockSource;
  readonly #codes = new Uint16Array(BLOCK_ROWS);
  readonly #values: (StoredRuling | undefined)[] = [undefined];
  readonly #known = new Map<number, Map<number, number>>();

  constructor(source: BlockSource) {
    this.#source = source;
  }

  set(place: number, cell: number, verdict: number): void {
    let ofCell = this.#known.get(cell);
    if (ofCell === undefined) {
      ofCell = new Map();
      this.#known.set(cell, ofCell);
    }
    let code = ofCell.get(verdict);
    if (code === undefined) {
      const { rule, category } = this.#source.cell(cell);
      code = this.#values.push({ rule, hash: this.#source.hash(verdict), category }) - 1;
      ofCell.set(verdict, code);
    }
    this.#codes[place] = code;
  }

  build(events: number): FactColumn {
    return { kind: 'dictionary', codes: this.#codes.slice(0, events), values: this.#values };
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
