import {
  addGap,
  STORED_RANGE,
  type StoredRange,
  type UngroupedTime,
} from '../../queries/incidents/stored-range.ts';
import type { ThreadStore } from '../../store/store.ts';
import { LATE_BREAKS, type LateBreaks } from '../late-breaks.ts';
import { HISTORY_MS } from './packed-break.ts';

/** Without another change, the moment of the last grouping is stored at this interval, ms. */
const STORE_EVERY_MS = 5 * 60_000;

/** Documents of late breaks that are read at once. */
const PAGE = 1_000;

/** Keeps for which time the stored incidents are complete, so that queries need not group breaks again. */
export class StoredRangeKeeper {
  readonly #store: ThreadStore;
  #range: StoredRange = { since: Number.POSITIVE_INFINITY, groupedAt: 0, gaps: [] };
  #isChanged = false;
  #storedAt = 0;
  #written: Promise<void> = Promise.resolve();

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
    await this.#loadLate();
  }

  /** The gaps; one that grows becomes another object. */
  get gaps(): readonly UngroupedTime[] {
    return this.#range.gaps;
  }

  /** Removes a gap whose incidents are stored, unless more late breaks have come. @throws `STORE_FAILED` */
  async filled(gap: UngroupedTime): Promise<void> {
    const gaps = this.#range.gaps.filter((one) => one !== gap);
    this.#range = { ...this.#range, gaps };
    await this.#write();
  }

  /** Adds breaks that came too late to be grouped, and stores that at once. @throws `STORE_FAILED` */
  async addLate(late: LateBreaks): Promise<void> {
    await this.#takeOver([late]);
  }

  /** Adds those that an earlier run stored and did not add. */
  async #loadLate(): Promise<void> {
    for (;;) {
      const found = await this.#store.findDocuments({ kind: LATE_BREAKS, open: true, limit: PAGE });
      if (found.length === 0) {
        return;
      }
      await this.#takeOver(found.map(({ id, body }) => ({ id, gaps: body as UngroupedTime[] })));
    }
  }

  /** The range is written before the documents are deleted: what is added twice changes nothing. */
  async #takeOver(all: readonly LateBreaks[]): Promise<void> {
    const gaps = all.flatMap((late) => late.gaps).reduce(addGap, this.#range.gaps);
    this.#range = { ...this.#range, gaps };
    this.#isChanged = true;
    await this.#write();
    await this.#store.removeDocuments(
      LATE_BREAKS,
      all.map(({ id }) => id),
    );
  }

  /** Stores that all other breaks up to a moment are grouped and stored. @throws `STORE_FAILED` */
  async grouped(at: number): Promise<void> {
    this.#range = { ...this.#range, groupedAt: at };
    if (this.#isChanged || Math.abs(at - this.#storedAt) >= STORE_EVERY_MS) {
      await this.#write();
    }
  }

  /** One after the other, because a range that is older must not replace a newer one. */
  async #write(): Promise<void> {
    const written = this.#written.then(() => this.#store.setState(STORED_RANGE, this.#range));
    this.#written = written.catch(() => undefined);
    await written;
    this.#isChanged = false;
    this.#storedAt = this.#range.groupedAt;
  }
}
