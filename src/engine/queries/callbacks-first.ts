import { createRestSignal, MAX_REST, takeRested, wantRest } from '../../threads/rest.ts';

/** How long queries were held back in a short time. */
export interface HeldBack {
  /** Share of their time that queries rest from now on, 0 to 0.9. */
  share: number;
  /** Rest of all query threads since the last report, ms. */
  restedMs: number;
}

/** Holds back queries while callbacks wait. */
export interface CallbacksFirst {
  /** For the threads that rest; see `Rest`. */
  readonly signal: Int32Array;
  /** Does the work of a callback and measures how long it takes. @throws what the work throws */
  measure<T>(work: () => Promise<T>): Promise<T>;
  /** Whether queries are held back now. */
  isHolding(): boolean;
  close(): void;
}

/** Time between two looks, ms. */
const TICK_MS = 50;
/** Callbacks that take longer than this, ms, make queries rest more. */
const LONG_MS = 12;
/** Callbacks that take less, ms, let queries rest less. */
const SHORT_MS = 8;
/**
 * With fewer callbacks at a time, on average, queries go on: then the disk is slow rather than the processor busy,
 * and to rest would not help.
 */
const FEW_AT_ONCE = 4;
/** The first rest, ms for each 100 ms of processor time. */
const FIRST_REST = 100;
/** Factors of one look. Rests grow quickly and shrink slowly, so that they do not swing. */
const GROW = 1.5;
const SHRINK = 0.95;
const NO_REST = 10;
/** Ticks without a callback after which nothing is measured until the next one. */
const TICKS_UNTIL_IDLE = 20;

/**
 * Watches how long callbacks take, from the arrival of the request until it is on disk, and lets queries rest
 * while that is too long. The event loop's own delay counts too, because a callback waits that long to be read.
 * Nothing runs while no callbacks come.
 *
 * @param onChange - called at each look while queries are held back, and once when they no longer are
 */
export function holdBackForCallbacks(
  onChange: (held: HeldBack) => void = () => undefined,
): CallbacksFirst {
  const signal = createRestSignal();
  let timer: NodeJS.Timeout | undefined;
  let rest = 0;
  let atOnce = 0;
  let done = 0;
  let doneMs = 0;
  let oldestSince = 0;
  /** Number at a time, added up over the ms since the last look. */
  let sumAtOnce = 0;
  let countedAt = 0;
  let lookedAt = 0;
  let quietTicks = 0;

  /** Call it before the number of callbacks changes, and at each look. */
  function countAtOnce(now: number): void {
    sumAtOnce += atOnce * (now - countedAt);
    countedAt = now;
  }

  /** How long callbacks take at present, ms; 0 when there are few. */
  function waitMs(now: number): number {
    const lateMs = Math.max(0, now - lookedAt - TICK_MS);
    const meanMs = done > 0 ? doneMs / done : 0;
    // While none is done, those in flight have waited at least since the last one.
    const stalledMs = atOnce > 0 ? now - oldestSince : 0;
    const wait = Math.max(meanMs, stalledMs) + lateMs;
    return sumAtOnce / (now - lookedAt) < FEW_AT_ONCE ? 0 : wait;
  }

  function look(): void {
    const now = performance.now();
    countAtOnce(now);
    const wait = waitMs(now);
    const wasResting = rest > 0;
    if (wait > LONG_MS) {
      rest = Math.min(MAX_REST, Math.max(FIRST_REST, rest * GROW));
    } else if (wait < SHORT_MS) {
      rest = rest * SHRINK < NO_REST ? 0 : rest * SHRINK;
    }
    wantRest(signal, rest);
    if (rest > 0 || wasResting) {
      onChange({ share: rest / (rest + 100), restedMs: takeRested(signal) });
    }
    quietTicks = done + atOnce > 0 || rest > 0 ? 0 : quietTicks + 1;
    done = 0;
    doneMs = 0;
    sumAtOnce = 0;
    lookedAt = now;
    if (quietTicks > TICKS_UNTIL_IDLE) {
      clearInterval(timer);
      timer = undefined;
    }
  }

  function watch(now: number): void {
    if (!timer) {
      quietTicks = 0;
      lookedAt = now;
      countedAt = now;
      timer = setInterval(look, TICK_MS);
      timer.unref();
    }
  }

  return {
    signal,
    async measure(work) {
      const begun = performance.now();
      watch(begun);
      countAtOnce(begun);
      if (atOnce === 0) {
        oldestSince = begun;
      }
      atOnce += 1;
      try {
        return await work();
      } finally {
        const now = performance.now();
        countAtOnce(now);
        atOnce -= 1;
        done += 1;
        doneMs += now - begun;
        oldestSince = now;
      }
    },
    isHolding: () => rest > 0,
    close() {
      clearInterval(timer);
      rest = 0;
      wantRest(signal, 0);
    },
  };
}
