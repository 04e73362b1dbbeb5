import type { Category } from '../model/vocabulary.ts';
import { INCIDENT_OPTIONS } from './options.ts';

/** Breaks of this time count for the usual rate, ms. */
const USUAL_MS = 600_000;
/** Windows with a shared cause make the last breaks that count older, up to this time, ms. */
const KEPT_MS = 1_800_000;
/** As much live time as the assumed rate weighs, ms: about six hours of one stream. */
const ASSUMED_WEIGHT_MS = 20_000_000;
/**
 * Rate of one cause key that is always usual, per ms of a live stream: once in about five hours for what
 * happens often, once in fourteen hours for the rest. A fleet that was calm for ten minutes may have that.
 */
const ASSUMED_RATE = 6e-8;
const ASSUMED_RARE_RATE = 2e-8;
const OFTEN: readonly Category[] = ['network', 'client', 'unknown'];

/** What one window tells of the usual rate. */
interface WindowSample {
  /** Start of the window, epoch ms UTC. */
  from: number;
  /** Number of live pushes of the account. */
  live: number;
  /** Streams that broke on their own, by reason. */
  counts: ReadonlyMap<string, number>;
  /** Reasons with a shared cause: the window does not show how often streams break on their own. */
  shared: ReadonlySet<string>;
}

/** Breaks and live time from which a rate is computed. */
export interface RateSample {
  breaks: number;
  /** Live time of all streams, ms. */
  liveMs: number;
}

/**
 * How often the streams of one account break on their own: the breaks of the last ten minutes in windows
 * without a shared cause. Windows with one are left out together with their time. Otherwise a group that is
 * found by mistake would lower the rate, and more would follow. It never changes; {@link after} returns the
 * next one.
 */
export class UsualRate {
  readonly #windows: readonly WindowSample[];
  /** Start of the first window, epoch ms UTC; null before it. */
  readonly #since: number | null;

  constructor(windows: readonly WindowSample[] = [], since: number | null = null) {
    this.#windows = windows;
    this.#since = since;
  }

  /** Adds a window, which is never before an earlier one. */
  after(window: WindowSample): UsualRate {
    const { from } = window;
    const recent = this.#windows.filter((one) => one.from >= from - KEPT_MS);
    return new UsualRate([...recent, window], this.#since ?? from);
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

  /** Breaks of several reasons together. Other parameters as in {@link sample}. */
  sampleOf(reasons: readonly string[], at: number, live: number): RateSample {
    const samples = reasons.map((reason) => this.sample(reason, at, live));
    const longest = samples.reduce((most, { liveMs }) => Math.max(most, liveMs), 0);
    let sum = 0;
    for (const { breaks, liveMs } of samples) {
      sum += liveMs > 0 ? (breaks * longest) / liveMs : 0;
    }
    return { breaks: sum, liveMs: longest };
  }

  /**
   * Breaks in the last ten minutes before a window, without the windows that have a shared cause.
   *
   * @param at - start of the window, epoch ms UTC
   * @param live - number of live pushes of the account
   */
  sample(reason: string, at: number, live: number): RateSample {
    const since = Math.max(this.#since ?? at, at - KEPT_MS);
    let breaks = 0;
    let liveMs = 0;
    let leftMs = USUAL_MS;
    let next = { from: at, live };
    const windows = this.#windows.filter(({ from }) => from >= since && from < at);
    for (const window of windows.reverse()) {
      const isShared = window.shared.has(reason);
      const begun = isShared
        ? Math.min(window.from + INCIDENT_OPTIONS.joinMs, next.from)
        : window.from;
      const passed = next.from - begun;
      const counted = Math.min(passed, leftMs);
      if (!isShared && passed > 0) {
        // Of the first window only a part lies within the ten minutes.
        breaks += ((window.counts.get(reason) ?? 0) * counted) / passed;
      }
      // Their number grows and falls steadily between two windows.
      liveMs += counted * ((window.live + next.live) / 2);
      leftMs -= counted;
      next = window;
    }
    liveMs += Math.min(leftMs, Math.max(0, next.from - since)) * next.live;
    return { breaks, liveMs };
  }
}

/** The breaks to expect per ms of a live stream. */
export interface RateEstimate {
  rate: number;
  /** Number of breaks that it rests on: with few, the rate may be far off. */
  known: number;
}

/** Estimates how often streams break on their own. */
export function rateOf(samples: readonly RateSample[], category: Category): RateEstimate {
  const assumed = OFTEN.includes(category) ? ASSUMED_RATE : ASSUMED_RARE_RATE;
  let breaks = assumed * ASSUMED_WEIGHT_MS;
  let liveMs = ASSUMED_WEIGHT_MS;
  for (const sample of samples) {
    breaks += sample.breaks;
    liveMs += Math.max(0, sample.liveMs);
  }
  const rate = Math.max(assumed, breaks / liveMs);
  return { rate, known: rate * liveMs };
}
