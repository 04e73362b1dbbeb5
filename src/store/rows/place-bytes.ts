/**
 * Counts of one place by cell and hour, as the bytes of a row of `place_counts`.
 *
 * @module
 */
import { MAX_VARINT_BYTES, VarintReader, writeVarint } from './varint.ts';

/** Hours of one row. */
export const CHUNK_HOURS = 96;
/**
 * Bytes before the counts of a cell: its number (4), the sum of its counts (4), the length of its counts in
 * bytes (2), and a bit for each hour that has a count.
 */
const MASK_AT = 10;
const HEAD_BYTES = MASK_AT + CHUNK_HOURS / 8;

/**
 * Calls back with each count of a row.
 *
 * @param visit - gets the cell, the hour within the row and the count
 */
export function eachCount(
  bytes: Uint8Array,
  visit: (cell: number, hour: number, count: number) => void,
): void {
  const reader = new VarintReader(bytes);
  while (reader.at < bytes.length) {
    const cell = numberAt(bytes, reader.at);
    const masks = reader.at + MASK_AT;
    reader.at += HEAD_BYTES;
    for (let hour = 0; hour < CHUNK_HOURS; hour++) {
      if (((bytes[masks + (hour >> 3)] as number) >> (hour & 7)) & 1) {
        visit(cell, hour, reader.next());
      }
    }
  }
}

/**
 * Adds the counts of a row to totals by group.
 *
 * @param groups - group of each cell; -1 for cells that are left out
 */
export function addTotals(bytes: Uint8Array, groups: Int32Array, totals: Float64Array): void {
  for (let at = 0; at < bytes.length; ) {
    const group = groups[numberAt(bytes, at)] ?? -1;
    if (group >= 0) {
      totals[group] = (totals[group] as number) + numberAt(bytes, at + 4);
    }
    at = endOfCell(bytes, at);
  }
}

/** The position after the counts of the cell that begins at a position. */
function endOfCell(bytes: Uint8Array, at: number): number {
  return at + HEAD_BYTES + (bytes[at + 8] as number) + (bytes[at + 9] as number) * 0x100;
}

/** The sum of all counts of a row. */
export function totalOf(bytes: Uint8Array): number {
  let total = 0;
  for (let at = 0; at < bytes.length; ) {
    total += numberAt(bytes, at + 4);
    at = endOfCell(bytes, at);
  }
  return total;
}

/** Reads four bytes, the lowest first. */
function numberAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) +
    (bytes[at + 1] as number) * 0x100 +
    (bytes[at + 2] as number) * 0x10000 +
    (bytes[at + 3] as number) * 0x1000000
  );
}

/** Changes of counts: by cell, then by hour within the row. */
export type Changes = Map<number, Map<number, number>>;

/** The counts of the cell that is being changed, by hour. */
const hours = new Float64Array(CHUNK_HOURS);

/** The changed row. One for all, because V8 collects garbage more often when memory outside of its heap grows. */
let changed = Buffer.allocUnsafe(65_536);

/**
 * Changes the counts of a row. Cells that do not change are copied as they are, because a value has many
 * cells and a batch changes few of them.
 *
 * @returns bytes that are valid until the next call
 */
export function changeCounts(bytes: Uint8Array, changes: Changes): Uint8Array {
  const needed = bytes.length + changes.size * (HEAD_BYTES + CHUNK_HOURS * MAX_VARINT_BYTES);
  if (needed > changed.length) {
    changed = Buffer.allocUnsafe(2 * needed);
  }
  const done = new Set<number>();
  let end = 0;
  for (let at = 0; at < bytes.length; ) {
    const cell = numberAt(bytes, at);
    const next = endOfCell(bytes, at);
    const segment = bytes.subarray(at, next);
    const change = changes.get(cell);
    if (change === undefined) {
      changed.set(segment, end);
      end += segment.length;
    } else {
      hours.fill(0);
      eachCount(segment, (_cell, hour, count) => {
        hours[hour] = count;
      });
      end = writeCell(changed, end, cell, change);
      done.add(cell);
    }
    at = next;
  }
  for (const [cell, change] of changes) {
    if (!done.has(cell)) {
      hours.fill(0);
      end = writeCell(changed, end, cell, change);
    }
  }
  return changed.subarray(0, end);
}

/**
 * Adds a change to {@link hours} and writes them as the counts of a cell; nothing when all are 0.
 *
 * @returns the position after what it wrote
 */
function writeCell(
  bytes: Buffer,
  head: number,
  cell: number,
  change: ReadonlyMap<number, number>,
): number {
  for (const [hour, count] of change) {
    hours[hour] = (hours[hour] as number) + count;
  }
  bytes.fill(0, head, head + HEAD_BYTES);
  let at = head + HEAD_BYTES;
  let total = 0;
  for (let hour = 0; hour < CHUNK_HOURS; hour++) {
    const count = hours[hour] as number;
    if (count === 0) {
      continue;
    }
    total += count;
    const mask = head + MASK_AT + (hour >> 3);
    bytes[mask] = (bytes[mask] as number) | (1 << (hour & 7));
    at = writeVarint(bytes, at, count);
  }
  if (total === 0) {
    return head;
  }
  bytes.writeUInt32LE(cell, head);
  bytes.writeUInt32LE(total, head + 4);
  bytes.writeUInt16LE(at - head - HEAD_BYTES, head + 8);
  return at;
}

/** The counts that are read. */
interface CountedHours {
  /** First hour, since the epoch. */
  fromHour: number;
  /** First hour that is not read. */
  toHour: number;
  /** Group of each cell; -1 for cells that are left out. */
  groups: Int32Array;
}

/**
 * Adds the hourly counts of a row to steps.
 *
 * @param steps - by group of cells; a group without is left out
 */
export function addToSteps(
  bytes: Uint8Array,
  { groups, fromHour, toHour }: CountedHours,
  steps: readonly (Float64Array | undefined)[],
  { firstHour, firstStep, stepHours }: { firstHour: number; firstStep: number; stepHours: number },
): void {
  for (let at = 0; at < bytes.length; ) {
    const next = endOfCell(bytes, at);
    const ofGroup = steps[groups[numberAt(bytes, at)] ?? -1];
    if (ofGroup) {
      eachCount(bytes.subarray(at, next), (_cell, hourOfRow, count) => {
        const hour = firstHour + hourOfRow;
        if (hour >= fromHour && hour < toHour) {
          const step = Math.floor(hour / stepHours) - firstStep;
          ofGroup[step] = (ofGroup[step] as number) + count;
        }
      });
    }
    at = next;
  }
}
