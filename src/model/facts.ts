/** The value of a fact. It is never null: unknown facts are left out. */
export type FactValue = string | number | boolean;

/**
 * All facts that were known about one event when it was diagnosed, by name. This snapshot is stored with
 * the event, so back-test and replay read the same values as the diagnosis.
 */
export type Facts = Record<string, FactValue>;

/**
 * One fact of all events of a block, with one entry for each event. `values[0]` of a dictionary is always
 * `undefined` and means that the fact is missing.
 */
export type FactColumn =
  | {
      kind: 'dictionary';
      /** Indexes into `values`. */
      codes: Uint8Array | Uint16Array | Uint32Array;
      /** Distinct JSON values. */
      values: readonly unknown[];
    }
  | {
      kind: 'numbers';
      /** A missing fact is {@link MISSING_INT} in an `Int32Array` and NaN in a `Float64Array`. */
      numbers: Int32Array | Float64Array;
    };

/** The fact that every break has in its row too, so that snapshots from before the fact have it as well. */
export const END_FACT = 'endedAt';

/**
 * The facts of a snapshot with {@link END_FACT}.
 *
 * @param endedAt - epoch ms UTC
 */
export function factsWithEnd(facts: Readonly<Facts>, endedAt: number): Facts {
  return { [END_FACT]: endedAt, ...facts };
}

/** Marks a missing fact among whole numbers. */
export const MISSING_INT = -(2 ** 31);

/** The rule that won when an event was diagnosed. */
export interface StoredRuling {
  rule: string;
  hash: string;
  category: string;
}

/** The fact snapshots of several thousand events in columns, so that each fact can be read alone. */
export interface FactBlock {
  readonly events: number;
  /** The earliest and the latest `endedAt` of its events, epoch ms UTC; 0 without events. */
  readonly from: number;
  readonly to: number;
  /** Names of the facts that at least one event has. */
  readonly names: readonly string[];
  /** `endedAt` of each event, epoch ms UTC. */
  endedAt(): Float64Array;
  /** Number of each event in the store; see {@link PlacedBreak}. */
  places(): Float64Array;
  /** The stored verdicts; the values are {@link StoredRuling}s. */
  rulings(): Extract<FactColumn, { kind: 'dictionary' }>;
  /** Undefined when no event of the block has the fact. */
  fact(name: string): FactColumn | undefined;
}

/** Reads the value of one event from a column; undefined when the fact is missing. */
export function valueAt(column: FactColumn, place: number): unknown {
  if (column.kind === 'dictionary') {
    return column.values[column.codes[place] as number];
  }
  const { numbers } = column;
  const number = numbers[place] as number;
  const missing = numbers instanceof Int32Array ? number === MISSING_INT : Number.isNaN(number);
  return missing ? undefined : number;
}

/** A break with its number in blocks. */
export interface PlacedBreak {
  /** Number that identifies the break in blocks. */
  place: number;
  id: string;
  /** Epoch ms UTC. */
  endedAt: number;
  /** `domain/app/stream`. */
  stream: string;
  /** The complete snapshot. */
  facts: Facts;
}

/** Access to blocks for callers that cannot open the data folder. */
export interface SnapshotBlocks {
  /** Numbers of all blocks, newest first. */
  list(): Promise<number[]>;
  /**
   * Returns the file of a block with its current rows; null when the block does not exist.
   *
   * @throws `STORE_FAILED`
   */
  bytes(block: number): Promise<Uint8Array | null>;
  /** Returns the breaks with these numbers, without those that were deleted. */
  breaks(places: readonly number[]): Promise<PlacedBreak[]>;
}
