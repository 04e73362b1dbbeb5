import { setTimeout as wait } from 'node:timers/promises';
import type { Remote } from '../../threads/channel.ts';
import type { Purged, PurgeRequest } from '../store.ts';
import type { SqlValue } from './connection.ts';
import { ENTRIES_PER_STEP, type JournalOperations } from './journal-operations.ts';
import type { PurgeOperations, PurgeStep } from './purge-operations.ts';

/** Pause after a step, as a multiple of its duration (including the time it waited for other work). */
const PAUSE_FACTOR = 9;
/** Maximum pause, ms, so that on a busy machine more is deleted than arrives. */
const MAX_PAUSE_MS = 500;

/** What a purge works with. */
export interface PurgeContext {
  writer: Pick<Remote<PurgeOperations>, 'call'>;
  journal: Pick<Remote<JournalOperations>, 'call'>;
  /** Highest journal seq that is derived. */
  cursor: () => Promise<number>;
  /** Stops the purge between two steps. */
  signal: AbortSignal;
}

/**
 * Deletes old data, step by step. A slow step, because of other writes or a slow disk, is followed by a
 * long pause.
 *
 * @param onStep - called with the rows that each step deleted
 * @throws `STORE_FAILED`; rows deleted before that stay deleted
 */
export async function purgeOld(
  { writer, journal, cursor, signal }: PurgeContext,
  request: PurgeRequest,
  onStep: (deleted: Partial<Purged>) => void,
): Promise<Purged> {
  const purged: Purged = { breaks: 0, pushes: 0, documents: 0, journal: 0 };

  function count(what: keyof Purged, deleted: number): void {
    if (deleted > 0) {
      purged[what] += deleted;
      onStep({ [what]: deleted });
    }
  }

  /** Runs a step and then pauses, except after the last one. */
  async function paced<T>(work: () => Promise<T>, isLast: (done: T) => boolean): Promise<T> {
    signal.throwIfAborted();
    const begun = performance.now();
    const done = await work();
    if (isLast(done)) {
      return done;
    }
    const pauseMs = Math.min(MAX_PAUSE_MS, PAUSE_FACTOR * (performance.now() - begun));
    await wait(pauseMs, undefined, { signal, ref: false });
    return done;
  }

  async function each(
    step: (after: SqlValue[]) => Promise<PurgeStep>,
    note: (deleted: number) => void,
  ): Promise<void> {
    for (let next: SqlValue[] | null = []; next !== null; ) {
      const after: SqlValue[] = next;
      const work = async () => {
        const made = await step(after);
        note(made.deleted);
        return made;
      };
      ({ next } = await paced(work, (done) => done.deleted === 0 && done.next === null));
    }
  }

  async function run(): Promise<void> {
    // The writer's next commit waits for the disk. After it, all that was derived until now is on disk, so
    // these journal entries can be deleted.
    const derivedTo = await cursor();
    await writer.call('startMinutesAt', request.minutesBefore);
    await each(
      (after) => writer.call('purgeBreaks', request, after),
      (deleted) => count('breaks', deleted),
    );
    await each(
      (after) => writer.call('purgePushes', request, after),
      (deleted) => count('pushes', deleted),
    );
    await each(
      (after) => writer.call('purgeOpenPushes', request, after),
      (deleted) => count('pushes', deleted),
    );
    await each(
      (after) => writer.call('purgeDocuments', request, after),
      (deleted) => count('documents', deleted),
    );
    await each(
      (after) => writer.call('purgeMinutes', request.minutesBefore, after),
      () => undefined,
    );
    for (let deleted = ENTRIES_PER_STEP; deleted === ENTRIES_PER_STEP; ) {
      const work = async () => {
        const made = await journal.call('purge', request.arrivedBefore, derivedTo);
        count('journal', made);
        return made;
      };
      deleted = await paced(work, (made) => made === 0);
    }
    const isDone = (more: boolean) => !more;
    while (await paced(() => writer.call('releaseFreePages'), isDone)) {
      // The condition does the work.
    }
    while (await paced(() => journal.call('releaseFreePages'), isDone)) {
      // The condition does the work.
    }
  }

  await run().catch((thrown: unknown) => {
    if (!signal.aborted) {
      throw thrown;
    }
  });
  return purged;
}
