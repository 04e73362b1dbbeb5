import type { Category } from '../model/vocabulary.ts';

/** Breaks of this time count for the usual rate, ms. */
const USUAL_MS = 600_000;
/** As much live time as the assumed rate weighs, ms: about six hours of one stream. */
const ASSUMED_WEIGHT_MS = 20_000_000;
/**
 * Rate of one cause key that is always usual, per ms of a live stream: once in about five hours for what
 * happens often, once in fourteen hours for the rest. A fleet that was calm for ten minutes may have that.
 */
const ASSUMED_RATE = 6e-8;
const ASSUMED_RARE_RATE = 2e-8;
const OFTEN: readonly Category[] = ['network', 'client', 'unknown'];

/** Streams that broke on their own in one window, by cause key. */
interface WindowCounts {
  /** Start of the window, epoch ms UTC. */
  from: number;
  counts: ReadonlyMap<string, number>;
}

/** Breaks and live time from which a rate is computed. */
export interface RateSample {
  breaks: number;
  /** Live time of all streams, ms. */
  liveMs: number;
}

/**
 * How often the streams of one account break on their own: the breaks of the last ten minutes that
 * belong to no shared cause. It never changes; {@link after} returns the next one.
 */
export class UsualRate {
  readonly #windows: readonly WindowCounts[];
  /** Start of the first window, epoch ms UTC; null before it. */
  readonly #since: number | null;

  constructor(windows: readonly WindowCounts[] = [], since: number | null = null) {
    this.#windows = windows;
    this.#since = since;
  }

  /** Adds a window. @param counts - streams that broke on their own, by cause key */
  after(from: number, counts: ReadonlyMap<string, number>): UsualRate {
    const recent = this.#windows.filter((window) => window.from >= from - USUAL_MS);
    return new UsualRate([...recent, { from, counts }], this.#since ?? from);
  }

  /** Without the windows that began at a moment or later, epoch ms UTC. */
  before(moment: number): UsualRate {
    const isNew = this.#since === null || this.#since >= moment;
    return isNew
      ? new UsualRate()
      : new UsualRate(
          this.#windows.filter(({ from }) => from < moment),
          this.#since,
        );
  }

  /**
   * Breaks before a window.
   *
   * @param at - start of the window, epoch ms UTC
   * @param live - number of live pushes of the account
   */
  sample(causeKey: string, at: number, live: number): RateSample {
    const since = this.#since === null ? at : Math.max(this.#since, at - USUAL_MS);
    let breaks = 0;
    for (const { from, counts } of this.#windows) {
      breaks += from >= at - USUAL_MS && from < at ? (counts.get(causeKey) ?? 0) : 0;
    }
    return { breaks, liveMs: live * Math.max(0, at - since) };
  }
}

/** Returns the breaks to expect per ms of a live stream. */
export function rateOf(samples: readonly RateSample[], category: Category): number {
  const assumed = OFTEN.includes(category) ? ASSUMED_RATE : ASSUMED_RARE_RATE;
  let breaks = assumed * ASSUMED_WEIGHT_MS;
  let liveMs = ASSUMED_WEIGHT_MS;
  for (const sample of samples) {
    breaks += sample.breaks;
    liveMs += Math.max(0, sample.liveMs);
  }
  return Math.max(assumed, breaks / liveMs);
}
