import type { StoreSize } from './store-size.ts';

/** A store with fewer entries says little about the size of the next ones. */
const MIN_ENTRIES = 10_000;
/** The part of a disk that a store may fill. The rest is for write-ahead logs, sorting and dead rows. */
const USABLE = 0.8;
const DAYS = { day: 1, month: 30, year: 365 } as const;

/**
 * Bytes per journal entry with all that is derived from it, where half of the entries are ends of pushes. Measured with
 * `npm run -s bench -- sizes` (docs/scale.md).
 */
export const REFERENCE_BYTES: Readonly<Record<StoreSize['kind'], number>> = {
  sqlite: 1_900,
  postgres: 2_400,
};

/** The part of them that tables with a partition for each month have: breaks with their facts and verdicts. */
const REFERENCE_MONTHLY = 0.47;
/** Days of the longest month. */
const LONGEST_MONTH = 31;

/** What a store will take. */
export interface SizePlan {
  /** Entries of the journal a day: callbacks, and breaks that only polling found. */
  entriesPerDay: number;
  /** Whether that was measured in the store or given. */
  entriesFrom: 'measured' | 'given';
  /** Bytes per entry, with all that is derived from it. */
  bytesPerEntry: number;
  /** Whether that was measured in the store, or is the figure of the documentation. */
  bytesFrom: 'measured' | 'reference';
  /** Bytes of one day, 30 days and 365 days. */
  bytes: Record<keyof typeof DAYS, number>;
  /**
   * Bytes of a month that is nearly deleted: its space is returned when all of it is older than the retention. 0 without
   * partitions.
   */
  oldMonthBytes: number;
  /** Bytes of the retention, with those of the old month; null when everything is kept. */
  retentionBytes: number | null;
  /** Days of retention that fit the disk; null when its size is not known. */
  fittingDays: number | null;
}

/** The bytes of all tables. */
export function totalBytes({ tables }: Pick<StoreSize, 'tables'>): number {
  return tables.reduce((sum, { bytes, indexBytes }) => sum + bytes + indexBytes, 0);
}

/**
 * Computes what a store will take from what it takes now.
 *
 * @param given - entries a day, instead of the measured ones
 * @param keepDays - the retention; 0 keeps everything
 * @param diskBytes - what the store may take at most, with what it takes now; undefined when it is not known
 * @returns undefined when entries a day were neither measured nor given
 */
export function planSize(
  size: StoreSize,
  { given, keepDays, diskBytes }: { given?: number; keepDays: number; diskBytes?: number },
): SizePlan | undefined {
  const { arrivals, tables, kind } = size;
  const entriesPerDay = given ?? (arrivals.days > 0 ? arrivals.perDay : undefined);
  if (entriesPerDay === undefined) {
    return undefined;
  }
  const entries = tables.find(({ table }) => table === 'journal')?.rows ?? 0;
  const isMeasured = entries >= MIN_ENTRIES;
  const bytesPerEntry = isMeasured ? totalBytes(size) / entries : REFERENCE_BYTES[kind];
  const perDay = entriesPerDay * bytesPerEntry;
  const oldMonthBytes = LONGEST_MONTH * perDay * monthlyShare(size, isMeasured);
  return {
    entriesPerDay,
    entriesFrom: given === undefined ? 'measured' : 'given',
    bytesPerEntry,
    bytesFrom: isMeasured ? 'measured' : 'reference',
    bytes: { day: perDay, month: DAYS.month * perDay, year: DAYS.year * perDay },
    oldMonthBytes,
    retentionBytes: keepDays === 0 ? null : keepDays * perDay + oldMonthBytes,
    fittingDays:
      diskBytes === undefined
        ? null
        : Math.max(0, Math.floor((USABLE * diskBytes - oldMonthBytes) / perDay)),
  };
}

/** The part of a store's bytes that is in tables with a partition for each month. */
function monthlyShare(size: StoreSize, isMeasured: boolean): number {
  const { monthly = [], tables } = size;
  if (monthly.length === 0) {
    return 0;
  }
  return isMeasured
    ? totalBytes({ tables: tables.filter(({ table }) => monthly.includes(table)) }) /
        totalBytes(size)
    : REFERENCE_MONTHLY;
}
