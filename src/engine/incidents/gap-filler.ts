import type { StoredIncident } from '../../model/incident.ts';
import type { UngroupedTime } from '../../queries/incidents/stored-range.ts';
import { fillGap, type GapSources } from './fill-gap.ts';
import type { StoredRangeKeeper } from './stored-range-keeper.ts';

/** Late breaks of a back-fill come one batch after the other: the gap is filled this long after the last one, ms. */
const QUIET_MS = 10_000;
/** A gap with an incident that is not over is tried again after this time, ms. */
const RETRY_MS = 60_000;

/** Fills the gaps of the stored range while nothing late comes, one after the other. */
export class GapFiller {
  readonly #range: StoredRangeKeeper;
  readonly #quietMs: number;
  /** Gaps that cannot be filled. */
  readonly #left = new WeakSet<UngroupedTime>();
  #dueAt: number;

  /** @param quietMs - how long no late break must have come */
  constructor(range: StoredRangeKeeper, quietMs: number = QUIET_MS) {
    this.#range = range;
    this.#quietMs = quietMs;
    this.#dueAt = performance.now() + quietMs;
  }

  /** Call it when late breaks come. */
  wait(): void {
    this.#dueAt = performance.now() + this.#quietMs;
  }

  /** In how many ms a gap is to be filled; null when there is none. */
  get dueIn(): number | null {
    return this.#next === undefined ? null : Math.max(0, this.#dueAt - performance.now());
  }

  /** The newest first: people ask for the present. */
  get #next(): UngroupedTime | undefined {
    return this.#range.gaps
      .filter((gap) => !this.#left.has(gap))
      .reduce<UngroupedTime | undefined>(
        (newest, gap) => (newest && newest.to >= gap.to ? newest : gap),
        undefined,
      );
  }

  /**
   * Fills one gap when it is time.
   *
   * @param put - stores incidents
   * @throws `STORE_FAILED`; to fill it again is safe
   */
  async fill(
    sources: GapSources,
    put: (changed: StoredIncident[]) => Promise<void>,
  ): Promise<void> {
    const gap = this.#next;
    if (!gap || performance.now() < this.#dueAt) {
      return;
    }
    const filled = await fillGap(gap, sources);
    if ('changed' in filled) {
      await put(filled.changed);
      await this.#range.filled(gap);
    } else if (filled.left === 'too-large') {
      this.#left.add(gap);
    } else {
      this.#dueAt = performance.now() + RETRY_MS;
    }
  }
}
