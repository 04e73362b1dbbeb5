import {
  Binary,
  Bool,
  type Data,
  type DataType,
  Float64,
  makeData,
  TimestampNanosecond,
  Utf8,
} from 'apache-arrow';
import type { Cell, FieldType } from '../../model/frame.ts';
import { jsonOf } from './clean-frame-json.ts';

/** One column as Arrow holds it. */
export interface Column {
  type: DataType;
  data: Data;
  /** Exactly: whether a value is missing. */
  nullable: boolean;
}

/** Awaited now and then, so that a long column does not hold the event loop. */
export type Pause = () => Promise<void> | undefined;

/** Rows between two looks at the clock. */
const SLICE = 2_048;
const NS_PER_MS = 1_000_000n;
/** Beyond this, ns do not fit into 64 bits (the years 1677 and 2262). */
const LARGEST_MS = 9_223_372_036_854;

/** Which rows have a value, one bit a row, lowest bit first; all missing at first. */
class Validity {
  readonly bits: Uint8Array;
  nullCount: number;

  constructor(rows: number) {
    this.bits = new Uint8Array((rows + 7) >> 3);
    this.nullCount = rows;
  }

  set(row: number): void {
    this.bits[row >> 3] = (this.bits[row >> 3] ?? 0) | (1 << (row & 7));
    this.nullCount -= 1;
  }

  /** What Arrow wants of it: no bitmap at all when no value is missing. */
  parts(): { nullCount: number; nullBitmap?: Uint8Array } {
    return this.nullCount === 0
      ? { nullCount: 0 }
      : { nullCount: this.nullCount, nullBitmap: this.bits };
  }
}

async function eachRow(rows: number, pause: Pause, visit: (row: number) => void): Promise<void> {
  for (let start = 0; start < rows; start += SLICE) {
    const end = Math.min(start + SLICE, rows);
    for (let row = start; row < end; row += 1) {
      visit(row);
    }
    await pause();
  }
}

async function encodeTimes(values: readonly Cell[], rows: number, pause: Pause): Promise<Column> {
  const type = new TimestampNanosecond();
  const data = new BigInt64Array(rows);
  const validity = new Validity(rows);
  await eachRow(rows, pause, (row) => {
    const value = values[row];
    if (typeof value === 'number' && Math.abs(value) <= LARGEST_MS) {
      // Grafana reads every timestamp as nanoseconds, whatever unit the schema names.
      data[row] = Number.isInteger(value)
        ? BigInt(value) * NS_PER_MS
        : BigInt(Math.round(value * 1_000)) * 1_000n;
      validity.set(row);
    }
  });
  return column(makeData({ type, length: rows, data, ...validity.parts() }));
}

async function encodeNumbers(values: readonly Cell[], rows: number, pause: Pause): Promise<Column> {
  const type = new Float64();
  const data = new Float64Array(rows);
  const validity = new Validity(rows);
  await eachRow(rows, pause, (row) => {
    const value = values[row];
    // NaN says "no value" as null does, and would make a math condition fire.
    if (typeof value === 'number' && !Number.isNaN(value)) {
      data[row] = value;
      validity.set(row);
    }
  });
  return column(makeData({ type, length: rows, data, ...validity.parts() }));
}

async function encodeBooleans(
  values: readonly Cell[],
  rows: number,
  pause: Pause,
): Promise<Column> {
  const type = new Bool();
  const data = new Uint8Array((rows + 7) >> 3);
  const validity = new Validity(rows);
  await eachRow(rows, pause, (row) => {
    const value = values[row];
    if (typeof value === 'boolean') {
      if (value) {
        data[row >> 3] = (data[row >> 3] ?? 0) | (1 << (row & 7));
      }
      validity.set(row);
    }
  });
  return column(makeData({ type, length: rows, data, ...validity.parts() }));
}

/**
 * Texts and JSON: the bytes of all rows one after another. Never a dictionary, which is what Arrow
 * libraries like to make of texts and what Grafana refuses.
 */
async function encodeTexts(
  type: Utf8 | Binary,
  values: readonly Cell[],
  rows: number,
  pause: Pause,
  textOf: (value: Cell) => string | undefined,
): Promise<Column> {
  const valueOffsets = new Int32Array(rows + 1);
  const validity = new Validity(rows);
  let bytes = Buffer.allocUnsafe(Math.max(64, rows * 16));
  let used = 0;
  await eachRow(rows, pause, (row) => {
    const value = values[row];
    const text = value === null || value === undefined ? undefined : textOf(value);
    if (text !== undefined) {
      // No UTF-16 unit needs more than three bytes.
      if (used + text.length * 3 > bytes.length) {
        const larger = Buffer.allocUnsafe(Math.max(bytes.length * 2, used + text.length * 3));
        bytes.copy(larger, 0, 0, used);
        bytes = larger;
      }
      used += bytes.write(text, used);
      validity.set(row);
    }
    valueOffsets[row + 1] = used;
  });
  const parts = { length: rows, valueOffsets, data: bytes.subarray(0, used), ...validity.parts() };
  return column(type instanceof Utf8 ? makeData({ type, ...parts }) : makeData({ type, ...parts }));
}

function column(data: Data): Column {
  return { type: data.type, data, nullable: data.nullCount > 0 };
}

function asText(value: Cell): string | undefined {
  return typeof value === 'object' ? jsonOf(value) : String(value);
}

/**
 * Turns one field's values into an Arrow column. A value that does not fit the field's type becomes
 * null (in a text field: its text), so that one odd value never costs the whole answer.
 *
 * @param values - missing ones at the end count as null
 * @param rows - how many rows the frame has
 */
export function encodeColumn(
  fieldType: FieldType,
  values: readonly Cell[],
  rows: number,
  pause: Pause,
): Promise<Column> {
  switch (fieldType) {
    case 'time':
      return encodeTimes(values, rows, pause);
    case 'number':
      return encodeNumbers(values, rows, pause);
    case 'boolean':
      return encodeBooleans(values, rows, pause);
    case 'json':
      return encodeTexts(new Binary(), values, rows, pause, jsonOf);
    default:
      return encodeTexts(new Utf8(), values, rows, pause, asText);
  }
}
