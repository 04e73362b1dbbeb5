import { LATE_MS } from '../../incidents/account-memory.ts';
import type { BreakRecord } from '../../model/break.ts';
import {
  addGap,
  STORED_RANGE,
  type StoredRange,
  type UngroupedTime,
} from '../../queries/incidents/stored-range.ts';
import type { ThreadStore } from '../../store/store.ts';
import { HISTORY_MS } from './incident-memory.ts';

/** Without another change, the moment of the last grouping is stored at this interval, ms. */
const STORE_EVERY_MS = 5 * 60_000;

/** Keeps for which time the stored incidents are complete, so that queries need not group breaks again. */
export class StoredRangeKeeper {
  readonly #store: ThreadStore;
  #range: StoredRange = { since: Number.POSITIVE_INFINITY, groupedAt: 0, gaps: [] };
  #isChanged = false;
  #storedAt = 0;

  constructor(store: ThreadStore) {
    this.#store = store;
  }

  /**
   * Reads what an earlier run stored. Breaks that ended before the memory begins were not grouped.
   *
   * @param now - epoch ms UTC
   * @throws `STORE_FAILED`
   */
  async load(now: number): Promise<void> {
    const begin = now - HISTORY_MS;
    const stored = (await this.#store.getState(STORED_RANGE)) as StoredRange | undefined;
    if (stored) {
      const { groupedAt, gaps } = stored;
      const gap = { account: null, from: groupedAt, to: begin };
      this.#range = groupedAt < begin ? { ...stored, gaps: addGap(gaps, gap) } : stored;
    } else {
      const range = { from: 0, to: begin };
      const earlier = await this.#store.findBreaks({ range, filters: {}, limit: 1 });
      this.#range = { since: earlier.length > 0 ? begin : 0, groupedAt: now, gaps: [] };
    }
    this.#isChanged = true;
  }

  /** Adds breaks that came too late to be grouped, and stores that at once. @throws `STORE_FAILED` */
  async addLate(late: readonly UngroupedTime[]): Promise<void> {
    if (late.length > 0) {
      this.#range = { ...this.#range, gaps: late.reduce(addGap, this.#range.gaps) };
      this.#isChanged = true;
      await this.#write();
    }
  }

  /** Stores that all other breaks up to a moment are grouped and stored. @throws `STORE_FAILED` */
  async grouped(at: number): Promise<void> {
    this.#range = { ...this.#range, groupedAt: at };
    if (this.#isChanged || Math.abs(at - this.#storedAt) >= STORE_EVERY_MS) {
      await this.#write();
    }
  }

  async #write(): Promise<void> {
    await this.#store.setState(STORED_RANGE, this.#range);
    this.#isChanged = false;
    this.#storedAt = this.#range.groupedAt;
  }
}

/**
 * Finds new breaks that came too late to be grouped: incidents of that time may be forgotten.
 *
 * @param added - ids of the new ones
 * @param now - epoch ms UTC
 * @returns gaps of each account, with breaks that are close together
 */
export function findLate(
  records: readonly BreakRecord[],
  added: readonly string[],
  now: number,
): UngroupedTime[] {
  const before = now - LATE_MS;
  const old = records.filter(
    ({ event, verdict }) => event.endedAt < before && verdict.outcome !== 'ended',
  );
  if (old.length === 0 || added.length === 0) {
    return [];
  }
  const isNew = new Set(added);
  return old
    .filter(({ event }) => isNew.has(event.id))
    .map(({ event: { account, endedAt } }) => ({ account, from: endedAt, to: endedAt }))
    .reduce(addGap, [] as UngroupedTime[]);
}
