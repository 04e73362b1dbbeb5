/** Index of the rest that is wanted: ms for each 100 ms of processor time. */
const WANTED = 0;
/** Index of how long threads have rested since it was read last, ms. */
const RESTED = 1;
/** Index of a number that stays 0; a thread waits on it to sleep. */
const NEVER = 2;

/** The longest rest that can be wanted, for each 100 ms of processor time, ms: a thread keeps a tenth of its time. */
export const MAX_REST = 900;
/** A thread looks this often, ms, whether it may go on or must stop. */
const SLICE_MS = 20;
/** A shorter rest, ms, is put off until it is worth the switch to another thread. */
const WORTH_MS = 1;

/** Creates the memory by which threads are asked to rest; it goes to each thread with its start data. */
export function createRestSignal(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT));
}

/**
 * Asks the threads of a signal to rest between steps of their work.
 *
 * @param perHundred - ms of rest for each 100 ms of processor time; 0 for none, {@link MAX_REST} at most
 */
export function wantRest(signal: Int32Array, perHundred: number): void {
  Atomics.store(signal, WANTED, Math.min(MAX_REST, Math.max(0, Math.round(perHundred))));
}

/** Returns how long the threads of a signal have rested since the last call, ms, all of them together. */
export function takeRested(signal: Int32Array): number {
  return Atomics.exchange(signal, RESTED, 0);
}

/** Rests for the calling thread, whenever the signal wants it. */
export class Rest {
  readonly #signal: Int32Array;
  /** Processor time at the end of the last rest, ms; undefined while no rest is wanted. */
  #workedFrom: number | undefined;
  #leftMs = 0;

  constructor(signal: Int32Array) {
    this.#signal = signal;
  }

  /** Begins a task, which rests for no longer than this in all, ms. */
  begin(maxMs: number): void {
    this.#leftMs = maxMs;
  }

  /**
   * Call it between steps of work: rests in proportion to the processor time since the last rest. Returns at once
   * when no rest is wanted.
   *
   * @param goOn - called now and then during the rest; what it throws ends it
   */
  take(goOn: () => void): void {
    if (Atomics.load(this.#signal, WANTED) === 0) {
      this.#workedFrom = undefined;
      return;
    }
    const now = processorMs();
    this.#workedFrom ??= now;
    const workedMs = now - this.#workedFrom;
    const owedMs = () =>
      Math.min(this.#leftMs, (workedMs * Atomics.load(this.#signal, WANTED)) / 100);
    if (owedMs() < WORTH_MS) {
      return;
    }
    const begun = performance.now();
    let restedMs = 0;
    try {
      for (let left = owedMs(); left > 0; left = owedMs() - restedMs) {
        goOn();
        Atomics.wait(this.#signal, NEVER, 0, Math.min(SLICE_MS, left));
        restedMs = performance.now() - begun;
      }
    } finally {
      this.#leftMs = Math.max(0, this.#leftMs - restedMs);
      this.#workedFrom = processorMs();
      Atomics.add(this.#signal, RESTED, Math.round(restedMs));
    }
  }
}

/** Processor time of the calling thread, ms. A thread that waits for a processor must not rest for that too. */
function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
