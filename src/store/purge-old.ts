import { setTimeout as wait } from 'node:timers/promises';
import type { SqlValue } from './rows/sql-value.ts';
import type { Purged, PurgeRequest } from './store.ts';

/** Pause after a step, as a multiple of its duration (including the time it waited for other work). */
const PAUSE_FACTOR = 9;
/** Maximum pause, ms, so that on a busy machine more is deleted than arrives. */
const MAX_PAUSE_MS = 500;

/** Rows examined in one step, which takes a few ms. */
export const ROWS_PER_STEP = 100;

/** Result of one step of a purge. */
export interface PurgeStep {
  /** Number of deleted rows. */
  deleted: number;
  /** Where the next step continues; null when everything was examined. */
  next: SqlValue[] | null;
}

/**
 * The steps of a purge, which each database has in its own SQL. Each is one transaction that deletes at most
 * {@link ROWS_PER_STEP} rows, after the place where the one before it ended, or drops a table.
 */
export interface PurgeSteps {
  /** Highest journal seq that is derived. */
  cursor(): Promise<number>;
  /** From now on, counts by minute before this time are not read. Waits for the disk. */
  startMinutesAt(before: number): Promise<void>;
  /** Drops whole tables of old breaks, if the database has such tables: a step may delete very many. */
  months?(request: PurgeRequest, after: SqlValue[]): Promise<PurgeStep>;
  breaks(request: PurgeRequest, after: SqlValue[]): Promise<PurgeStep>;
  pushes(request: PurgeRequest, after: SqlValue[]): Promise<PurgeStep>;
  /** Deletes pushes whose end was not reported: those with a later push of the stream, and very old ones. */
  openPushes(request: PurgeRequest, after: SqlValue[]): Promise<PurgeStep>;
  documents(request: PurgeRequest, after: SqlValue[]): Promise<PurgeStep>;
  minutes(before: number, after: SqlValue[]): Promise<PurgeStep>;
  /** Returns the number of deleted entries. */
  journal(arrivedBefore: number, derivedTo: number): Promise<number>;
  /** Returns space to the file system, for each file; returns whether there is more. */
  releases: readonly (() => Promise<boolean>)[];
}

/**
 * Deletes old data, step by step. A slow step, because of other writes or a slow disk, is followed by a
 * long pause.
 *
 * @param signal - stops the purge between two steps
 * @param onStep - called with the rows that each step deleted
 * @throws `STORE_FAILED`; rows deleted before that stay deleted
 */
async function purgeOld(
  steps: PurgeSteps,
  request: PurgeRequest,
  signal: AbortSignal,
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
    // The next step waits for the disk. After it, all that was derived until now is on disk, so these
    // journal entries can be deleted.
    const { journalTo = Number.POSITIVE_INFINITY } = request;
    const derivedTo = Math.min(await steps.cursor(), journalTo);
    await steps.startMinutesAt(request.minutesBefore);
    const { months } = steps;
    if (months !== undefined) {
      await each(
        (after) => months(request, after),
        (deleted) => count('breaks', deleted),
      );
    }
    await each(
      (after) => steps.breaks(request, after),
      (deleted) => count('breaks', deleted),
    );
    await each(
      (after) => steps.pushes(request, after),
      (deleted) => count('pushes', deleted),
    );
    await each(
      (after) => steps.openPushes(request, after),
      (deleted) => count('pushes', deleted),
    );
    await each(
      (after) => steps.documents(request, after),
      (deleted) => count('documents', deleted),
    );
    await each(
      (after) => steps.minutes(request.minutesBefore, after),
      () => undefined,
    );
    for (let deleted = ROWS_PER_STEP; deleted === ROWS_PER_STEP; ) {
      const work = async () => {
        const made = await steps.journal(request.arrivedBefore, derivedTo);
        count('journal', made);
        return made;
      };
      deleted = await paced(work, (made) => made === 0);
    }
    for (const release of steps.releases) {
      while (await paced(release, (more) => !more)) {
        // The condition does the work.
      }
    }
  }

  await run().catch((thrown: unknown) => {
    if (!signal.aborted) {
      throw thrown;
    }
  });
  return purged;
}

/** Purges of one store, one after the other: the pauses of one would be useless while another one works. */
export interface PurgeQueue {
  /**
   * Deletes old data when the purges before it have ended.
   *
   * @throws `STORE_FAILED`; rows deleted before that stay deleted
   */
  run(
    steps: PurgeSteps,
    request: PurgeRequest,
    onStep?: (deleted: Partial<Purged>) => void,
  ): Promise<Purged>;
  /** Stops the running purge before its next step, and waits for that. */
  close(): Promise<void>;
}

/** Returns a queue without purges. */
export function createPurgeQueue(): PurgeQueue {
  const closed = new AbortController();
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(steps, request, onStep = () => undefined) {
      const done = last.then(() => purgeOld(steps, request, closed.signal, onStep));
      last = done.catch(() => undefined);
      return done;
    },
    async close() {
      closed.abort();
      await last;
    },
  };
}
