/** A fact's value. `null` never occurs in a snapshot: what is not known is left out. */
export type FactValue = string | number | boolean;

/**
 * All that was known about one event when it was diagnosed, by fact name (see the fact
 * catalogue). It is stored with the event, so back-test and replay read what the diagnosis read.
 */
export type Facts = Record<string, FactValue>;

/**
 * One fact of the events of a block, one entry an event. `values[0]` of a dictionary is always
 * `undefined`: the fact is missing there.
 */
export type FactColumn =
  | {
      kind: 'dictionary';
      /** Places in `values`. */
      codes: Uint8Array | Uint16Array | Uint32Array;
      /** JSON values, each once. */
      values: readonly unknown[];
    }
  | {
      kind: 'numbers';
      /** Missing is {@link MISSING_INT} in an `Int32Array`, NaN in a `Float64Array`. */
      numbers: Int32Array | Float64Array;
    };

/** Stands for a missing fact among whole numbers. */
export const MISSING_INT = -(2 ** 31);

/** Which rule answered when an event was judged. */
export interface StoredRuling {
  rule: string;
  hash: string;
  category: string;
}

/** The fact snapshots of some thousand events, fact by fact, so that only some need be read. */
export interface FactBlock {
  readonly events: number;
  /** The first and last end among its events, epoch ms UTC; 0 without any. */
  readonly from: number;
  readonly to: number;
  /** Names of all facts that any of its events has. */
  readonly names: readonly string[];
  /** Ends of the events, epoch ms UTC. */
  endedAt(): Float64Array;
  /** What names each event in the store. */
  places(): Float64Array;
  /** The verdicts that are stored; values are {@link StoredRuling}s. */
  rulings(): Extract<FactColumn, { kind: 'dictionary' }>;
  /** Undefined when no event of the block has the fact. */
  fact(name: string): FactColumn | undefined;
}

/** Reads one value out of a column; undefined when it is missing. */
export function valueAt(column: FactColumn, place: number): unknown {
  if (column.kind === 'dictionary') {
    return column.values[column.codes[place] as number];
  }
  const { numbers } = column;
  const number = numbers[place] as number;
  const missing = numbers instanceof Int32Array ? number === MISSING_INT : Number.isNaN(number);
  return missing ? undefined : number;
}

/** A break by what names it in blocks. */
export interface PlacedBreak {
  place: number;
  id: string;
  /** Epoch ms UTC. */
  endedAt: number;
  /** domain/app/stream. */
  stream: string;
  /** The whole snapshot. */
  facts: Facts;
}

/** Blocks for those who can not open the data folder themselves. */
export interface SnapshotBlocks {
  /** Numbers of all blocks, the newest first. */
  list(): number[];
  /**
   * The file of a block as its rows are now; null when there is no such block.
   *
   * @throws `STORE_FAILED`
   */
  bytes(block: number): Promise<Uint8Array | null>;
  /** The breaks with these places; one that is no more is left out. */
  breaks(places: readonly number[]): PlacedBreak[];
}
