/** How long a resolved alert is part of the answer to an alert rule, ms. */
const SHOW_RESOLVED_MS = 600_000;
/** After a longer time without an alert query, ms, the rules may have missed the end of an alert. */
const AWAY_MS = 120_000;
/** Longer than Breakwatch remembers a resolved alert, ms. */
const DAY_MS = 86_400_000;

/**
 * Decides which resolved alerts the answer to an alert rule contains.
 *
 * Grafana resolves an alert when its number becomes 0. It does not resolve one whose number is missing,
 * because that happens while Breakwatch cannot be reached. So each number must be 0 for a while, also for
 * alerts that ended while Grafana did not ask.
 */
export class ResolvedWindow {
  #lastAsked: number | undefined;
  /** The longer window after a time without queries, until this time. */
  #longer = { since: Number.POSITIVE_INFINITY, until: Number.NEGATIVE_INFINITY };

  /**
   * Notes that an alert rule asks. The first query after a start opens the window for a whole day, because
   * nothing is known about earlier queries.
   *
   * @param now - epoch ms UTC
   */
  noteQuery(now: number): void {
    const last = this.#lastAsked ?? now - DAY_MS;
    if (now - last > AWAY_MS) {
      this.#longer = {
        since: Math.min(this.since(now), last - SHOW_RESOLVED_MS),
        until: now + SHOW_RESOLVED_MS,
      };
    }
    this.#lastAsked = now;
  }

  /**
   * Returns the begin of the window, epoch ms UTC: alerts that were resolved later are part of an answer.
   *
   * @param now - epoch ms UTC
   */
  since(now: number): number {
    const usual = now - SHOW_RESOLVED_MS;
    return now < this.#longer.until ? Math.min(usual, this.#longer.since) : usual;
  }
}
