import { END_FACT, type FactColumn, type StoredRuling } from '../../model/facts.ts';
import { ColumnBuilder } from './column-builder.ts';
import { BLOCK_ROWS } from './stamps.ts';

/** A row of a block, in the order of `n`. */
export type BlockRow = [
  n: number,
  endedAt: number,
  cell: number,
  verdict: number,
  eventReason: string | null,
  facts: string,
];

/** What the numbers in a row stand for. */
export interface BlockCells {
  cell(cell: number): { reason: string; rule: string; category: string };
  /** The content hash of a verdict's rule. */
  hash(verdict: number): string;
}

/** Lays rows out by column. @param rows - at most as many as a block has */
export function gatherBlock(rows: Iterable<BlockRow>, source: BlockCells) {
  const facts = new Map<string, ColumnBuilder>();
  const endedAt = new Float64Array(BLOCK_ROWS);
  const places = new Float64Array(BLOCK_ROWS);
  const rulings = new RulingColumn(source);
  let place = 0;
  for (const [n, ended, cell, verdict, eventReason, text] of rows) {
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
  return {
    endedAt: endedAt.slice(0, place),
    places: places.slice(0, place),
    rulings: rulings.build(place),
    facts: new Map([...facts].map(([name, column]) => [name, column.build(place)])),
  };
}

/** Builds the column of stored rulings; a ruling is identified by its cell and its verdict. */
class RulingColumn {
  readonly #source: BlockCells;
  readonly #codes = new Uint16Array(BLOCK_ROWS);
  readonly #values: (StoredRuling | undefined)[] = [undefined];
  readonly #known = new Map<number, Map<number, number>>();

  constructor(source: BlockCells) {
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
