import { setTimeout as wait } from 'node:timers/promises';
import type { Remote } from '../../threads/channel.ts';
import type { Purged, PurgeRequest } from '../store.ts';
import type { SqlValue } from './connection.ts';
import { ENTRIES_PURGED_AT_ONCE, type JournalOperations } from './journal-operations.ts';
import type { PurgeOperations, PurgeStep } from './purge-operations.ts';

/** Times as long as a step took, its wait for others included, nothing is purged after it. */
const REST = 9;
/** It rests no longer than this, ms, so that on a busy machine it still takes away more than comes. */
const MAX_PAUSE_MS = 500;

/** Who does the work. */
export interface PurgeHands {
  writer: Pick<Remote<PurgeOperations>, 'call'>;
  journal: Pick<Remote<JournalOperations>, 'call'>;
  /** Highest journal seq that is derived. */
  cursor: () => Promise<number>;
  /** Ends it between two steps. */
  signal: AbortSignal;
}

/**
 * Takes away what is old, step by step. A step that takes long, because others write or the disk is
 * slow, is followed by a long rest.
 *
 * @throws `STORE_FAILED`; what was taken until then stays taken
 */
export async function purgeOld(
  { writer, journal, cursor, signal }: PurgeHands,
  request: PurgeRequest,
  onStep: (taken: Partial<Purged>) => void,
): Promise<Purged> {
  const purged: Purged = { breaks: 0, pushes: 0, documents: 0, journal: 0 };

  function took(what: keyof Purged, taken: number): void {
    if (taken > 0) {
      purged[what] += taken;
      onStep({ [what]: taken });
    }
  }

  /** A step after which nothing comes needs no rest. */
  async function paced<T>(work: () => Promise<T>, isLast: (done: T) => boolean): Promise<T> {
    signal.throwIfAborted();
    const begun = performance.now();
    const done = await work();
    if (isLast(done)) {
      return done;
    }
    const rest = Math.min(MAX_PAUSE_MS, REST * (performance.now() - begun));
    await wait(rest, undefined, { signal, ref: false });
    return done;
  }

  async function each(
    step: (after: SqlValue[]) => Promise<PurgeStep>,
    note: (taken: number) => void,
  ): Promise<void> {
    for (let next: SqlValue[] | null = []; next !== null; ) {
      const after: SqlValue[] = next;
      const work = async () => {
        const made = await step(after);
        note(made.taken);
        return made;
      };
      ({ next } = await paced(work, (done) => done.taken === 0 && done.next === null));
    }
  }

  async function run(): Promise<void> {
    // The writer waits for the disk, so what is derived by now is on it: the journal is free to go.
    const derivedTo = await cursor();
    await writer.call('endMinutes', request.minutesBefore);
    await each(
      (after) => writer.call('purgeBreaks', request, after),
      (taken) => took('breaks', taken),
    );
    await each(
      (after) => writer.call('purgePushes', request, after),
      (taken) => took('pushes', taken),
    );
    await each(
      (after) => writer.call('purgeOpenPushes', request, after),
      (taken) => took('pushes', taken),
    );
    await each(
      (after) => writer.call('purgeDocuments', request, after),
      (taken) => took('documents', taken),
    );
    await each(
      (after) => writer.call('purgeMinutes', request.minutesBefore, after),
      () => undefined,
    );
    for (let taken = ENTRIES_PURGED_AT_ONCE; taken === ENTRIES_PURGED_AT_ONCE; ) {
      const work = async () => {
        const made = await journal.call('purge', request.arrivedBefore, derivedTo);
        took('journal', made);
        return made;
      };
      taken = await paced(work, (made) => made === 0);
    }
    const isDone = (more: boolean) => !more;
    while (await paced(() => writer.call('giveBack'), isDone)) {
      // As long as there is much to give.
    }
    while (await paced(() => journal.call('giveBack'), isDone)) {
      // As long as there is much to give.
    }
  }

  await run().catch((thrown: unknown) => {
    if (!signal.aborted) {
      throw thrown;
    }
  });
  return purged;
}
