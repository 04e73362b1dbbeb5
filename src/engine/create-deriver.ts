import type { BreakRecord } from '../model/break-record.ts';
import { type DeriveContext, deriveEntries } from './derive-entries.ts';

/**
 * Entries worked on at a time. The store writes a batch in one go, and callbacks that arrive meanwhile
 * wait for it: with 500 their 99th percentile doubles, with 60 a backlog takes twice as long.
 */
const BATCH = 120;
const RETRY_AFTER_MS = 1_000;

/** A batch that is derived and stored. */
export interface DerivedNote {
  /** New and changed breaks. */
  records: BreakRecord[];
  /** Ids of breaks that are no more. */
  removed: string[];
  /** How many journal entries they came from. */
  entries: number;
  /** Place in the journal up to which all is derived. */
  cursor: number;
  durationMs: number;
}

/** The worker that follows the journal. */
export interface Deriver {
  /** Says that the journal has grown. */
  wake(): void;
  /** Resolves when everything now in the journal is derived (rejects if the store fails meanwhile). */
  idle(): Promise<void>;
  /** Stops after the batch in hand. */
  close(): Promise<void>;
}

/**
 * Follows the journal from the store's cursor and derives breaks from it, one batch at a time and
 * never two at once, as a batch reads what the one before it wrote.
 *
 * @param onDerived - gets each batch's records once they are stored
 * @param onError - told of a failed batch; it is tried again a second later
 */
export function createDeriver(
  context: DeriveContext,
  onDerived: (batch: DerivedNote) => void,
  onError: (error: unknown) => void,
): Deriver {
  let running: Promise<void> | undefined;
  let again = false;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;

  async function follow(): Promise<void> {
    let cursor = await context.store.cursor();
    while (!closed) {
      again = false;
      const entries = await context.store.journal(cursor, BATCH);
      if (entries.length === 0) {
        if (!again) {
          return;
        }
        continue;
      }
      const begun = performance.now();
      const batch = await deriveEntries(entries, context);
      await context.store.commit(batch);
      cursor = batch.cursor;
      onDerived({
        records: batch.breaks,
        removed: batch.removed,
        entries: entries.length,
        cursor,
        durationMs: performance.now() - begun,
      });
    }
  }

  function wake(): void {
    again = true;
    if (closed || running) {
      return;
    }
    clearTimeout(retry);
    retry = undefined;
    running = follow()
      .catch((error: unknown) => {
        onError(error);
        if (!closed) {
          retry = setTimeout(wake, RETRY_AFTER_MS);
        }
        throw error;
      })
      .finally(() => {
        running = undefined;
        // An entry may have come between the last empty read and this moment.
        if (again && !closed && !retry) {
          wake();
        }
      });
    running.catch(() => undefined);
  }

  return {
    wake,
    async idle() {
      wake();
      while (running) {
        await running;
      }
    },
    async close() {
      closed = true;
      clearTimeout(retry);
      await running?.catch(() => undefined);
    },
  };
}
