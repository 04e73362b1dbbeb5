import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BreakRecord } from '../../model/break-record.ts';
import type { Push } from '../../model/push.ts';
import { deriveEntries } from './derive-entries.ts';
import type { DeriveContext } from './diagnose-pending.ts';
import { type Rediagnosed, type RediagnoseRequest, rediagnose } from './rediagnose.ts';

/**
 * Entries worked on at a time. Those of a batch share what is counted around them, so a backlog goes
 * down faster with more; but each batch is noted to the main thread in one message, and callbacks wait
 * while that is read.
 */
const BATCH = 250;
const RETRY_AFTER_MS = 1_000;

/** A batch that is derived and stored. */
export interface DerivedNote {
  /** New and changed breaks. */
  records: BreakRecord[];
  /** Ids of breaks that are no more. */
  removed: string[];
  /** New and changed pushes. */
  pushes: Push[];
  /** How many journal entries they came from. */
  entries: number;
  /** Place in the journal up to which all is derived. */
  cursor: number;
  durationMs: number;
}

/** What became of a piece of history that was judged anew. */
export interface RejudgedPiece extends Omit<Rediagnosed, 'changed'> {
  /** Breaks about which something else is concluded now. */
  changed: number;
}

/** What follows the journal. */
export interface Deriver {
  /** Says that the journal has grown. */
  wake(): void;
  /**
   * Judges a piece of stored history anew between two batches, so that neither works on what the
   * other is about to change. What changed is noted like a batch.
   *
   * @throws `STORE_FAILED`
   */
  rediagnose(request: RediagnoseRequest): Promise<RejudgedPiece>;
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
  /** Pieces of history that wait for their turn. */
  const jobs: (() => Promise<void>)[] = [];

  async function follow(): Promise<void> {
    let cursor = await context.store.cursor();
    while (!closed) {
      again = false;
      await jobs.shift()?.();
      const entries = await context.store.journal(cursor, BATCH);
      if (entries.length === 0) {
        if (!again && jobs.length === 0) {
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
        pushes: batch.pushes,
        entries: entries.length,
        cursor,
        durationMs: performance.now() - begun,
      });
      // A store in this thread answers without a pause: new rules, or the end, must get their turn.
      await nextTurn();
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

  async function runJob(request: RediagnoseRequest): Promise<RejudgedPiece> {
    const begun = performance.now();
    const done = await rediagnose(request, context);
    if (done.changed.length > 0) {
      onDerived({
        records: done.changed,
        removed: [],
        pushes: [],
        entries: 0,
        cursor: await context.store.cursor(),
        durationMs: performance.now() - begun,
      });
    }
    return { ...done, changed: done.changed.length };
  }

  return {
    wake,
    rediagnose(request) {
      if (closed) {
        return runJob(request);
      }
      const { promise, resolve, reject } = Promise.withResolvers<RejudgedPiece>();
      // Its own failure is the asker's; the batches behind it go on.
      jobs.push(() => runJob(request).then(resolve, reject));
      wake();
      return promise;
    },
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
      for (const job of jobs.splice(0)) {
        await job();
      }
    },
  };
}
