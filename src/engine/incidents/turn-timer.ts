/** The longest time a timer of Node can wait, ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Plans the next turn of a thread that works in turns, and lets it rest between them. */
export class TurnTimer {
  readonly #turn: () => void;
  #timer: NodeJS.Timeout | undefined;
  #at = Number.POSITIVE_INFINITY;
  #restUntil = 0;

  /** @param turn - called when it is time; nothing is planned then */
  constructor(turn: () => void) {
    this.#turn = turn;
  }

  /**
   * Plans a turn, unless an earlier one is planned.
   *
   * @param afterMs - in this time at the latest, ms, but not before the rest is over
   * @param isUrgent - now, without a rest
   */
  plan(afterMs: number, isUrgent: boolean): void {
    const now = performance.now();
    const at = isUrgent ? now : Math.max(now + afterMs, this.#restUntil);
    if (at < this.#at) {
      clearTimeout(this.#timer);
      this.#at = at;
      this.#timer = setTimeout(
        () => {
          this.#at = Number.POSITIVE_INFINITY;
          this.#turn();
        },
        Math.min(MAX_TIMER_MS, at - now),
      );
    }
  }

  /** Turns that are not urgent rest until this moment of `performance.now()`, ms. */
  restUntil(moment: number): void {
    this.#restUntil = moment;
  }

  /** Plans nothing any more. */
  stop(): void {
    clearTimeout(this.#timer);
  }
}
