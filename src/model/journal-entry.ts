import type { Source } from './vocabulary.ts';

/**
 * One arrival, masked, as the journal keeps it. The journal is the only truth; everything else can
 * be computed from it again.
 */
export interface JournalEntry {
  account: string;
  source: Source;
  /** Unique within the account and source; the journal keeps the first arrival of a key only. */
  key: string;
  /** Epoch ms UTC. */
  receivedAt: number;
  /** The message as it came, with every secret masked. */
  body: Record<string, unknown>;
  /** What was derived from secrets before they were masked, e.g. `txSecretPresent`. */
  derived: Record<string, string | number | boolean>;
}

/** A journal entry with its place in the journal. */
export interface StoredJournalEntry extends JournalEntry {
  /** Rises by arrival; never reused. */
  seq: number;
}
