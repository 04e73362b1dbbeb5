/** Words about how fast a long count goes, and when it will be done. */
export class Pace {
  readonly #started = performance.now();

  /**
   * @param done - how many so far
   * @param part - how far that is, from 0 to 1; null when nobody knows
   * @returns e.g. `412,000 breaks, 310,000/s, 3 s left`
   */
  words(done: number, part: number | null): string {
    const seconds = (performance.now() - this.#started) / 1_000;
    const count = (number: number) => Math.round(number).toLocaleString('en');
    const words = `${count(done)} breaks, ${count(done / Math.max(seconds, 0.001))}/s`;
    if (part === null || part <= 0) {
      return words;
    }
    const left = (seconds / part) * (1 - part);
    return `${words}, ${left < 120 ? `${Math.ceil(left)} s` : `${Math.ceil(left / 60)} min`} left`;
  }
}
