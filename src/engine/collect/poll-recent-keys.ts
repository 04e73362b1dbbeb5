import type { JournalEntry } from '../../model/journal-entry.ts';

/**
 * Remembers the keys of records that were handed on lately, so that overlapping windows do not
 * burden the journal with what it has. Forgetting one costs a duplicate that the journal drops.
 */
export class PollRecentKeys {
  readonly #limit: number;
  readonly #keys = new Set<string>();

  /** @param limit - keys at most; the oldest go first */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The entries that were not remembered. */
  unknown(entries: readonly JournalEntry[]): JournalEntry[] {
    return entries.filter((entry) => !this.#keys.has(entry.key));
  }

  /** Remembers entries, once the journal has them. */
  remember(entries: readonly JournalEntry[]): void {
    for (const { key } of entries) {
      this.#keys.delete(key);
      this.#keys.add(key);
    }
    for (const key of this.#keys) {
      if (this.#keys.size <= this.#limit) {
        break;
      }
      this.#keys.delete(key);
    }
  }
}
