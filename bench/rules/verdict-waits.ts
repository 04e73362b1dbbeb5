/** Measures how long callbacks wait for their verdict: from the journal until the break is stored. */
export class VerdictWaits {
  /** When each entry was in the journal, ms; entries are judged in this order. */
  #arrivals: number[] = [];
  #judged = 0;
  #waits: number[] = [];

  /** Call it when entries are in the journal. */
  arrived(entries: number): void {
    for (let count = 0; count < entries; count += 1) {
      this.#arrivals.push(performance.now());
    }
  }

  /** Call it when entries are judged and stored. */
  judged(entries: number): void {
    const now = performance.now();
    for (let count = 0; count < entries; count += 1) {
      const arrival = this.#arrivals[this.#judged];
      this.#judged += 1;
      // The deriver may be faster than the answer of the journal.
      this.#waits.push(arrival === undefined ? 0 : now - arrival);
    }
  }

  /** Forgets everything. Call it when nothing waits. */
  clear(): void {
    this.#arrivals = [];
    this.#judged = 0;
    this.#waits = [];
  }

  /** 99th percentile, ms; 0 when nothing was judged. */
  get p99(): number {
    const sorted = this.#waits.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? 0;
  }
}
