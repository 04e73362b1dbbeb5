/** What one table takes on disk. */
export interface TableSize {
  table: string;
  /** Number of rows, which may be an estimate when there are many. */
  rows: number;
  /** The rows, bytes. */
  bytes: number;
  /** The indexes, bytes. */
  indexBytes: number;
}

/** What a store takes on disk, and how much arrives. */
export interface StoreSize {
  kind: 'sqlite' | 'postgres';
  /** Largest first. */
  tables: TableSize[];
  /** Space in the files that no row takes, which new rows fill first, bytes. 0 when it is not known. */
  freeBytes: number;
  /** Tables whose space is returned a month at a time, when all of the month is deleted; none when absent. */
  monthly?: readonly string[];
  arrivals: Arrivals;
}

/** How many entries the journal gets. */
export interface Arrivals {
  /** Length of the time that was measured, days; 0 when the journal is too short. */
  days: number;
  /** Entries a day in that time. */
  perDay: number;
}

const DAY_MS = 86_400_000;
/** Arrivals are counted over this time, ms: whole weeks, because weekends differ. */
const MEASURED_MS = 28 * DAY_MS;

/** The ends of a journal, and its entries by number. */
export interface JournalEnds {
  first: { seq: number; receivedAt: number };
  last: { seq: number; receivedAt: number };
  /** When the entry with this number, or the next one, arrived, epoch ms UTC. */
  receivedAt(seq: number): Promise<number> | number;
}

/**
 * Counts the entries of the last four weeks of a journal, or of all of it if it is shorter. Entries are numbered in
 * order of arrival, so it reads a few of them.
 *
 * @param ends - undefined for an empty journal
 */
export async function measureArrivals(ends: JournalEnds | undefined): Promise<Arrivals> {
  if (ends === undefined || ends.last.receivedAt - ends.first.receivedAt < DAY_MS) {
    return { days: 0, perDay: 0 };
  }
  const { first, last } = ends;
  const since = Math.max(first.receivedAt, last.receivedAt - MEASURED_MS);
  let [low, high] = [first.seq, last.seq];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((await ends.receivedAt(middle)) < since) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const days = (last.receivedAt - since) / DAY_MS;
  return { days, perDay: (last.seq - low) / days };
}
