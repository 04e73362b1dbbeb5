import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RuleSet } from '../../diagnosis/rule.ts';
import type { BreakRecord } from '../../model/break.ts';
import type { BreakwatchError } from '../../model/errors.ts';
import type { Push } from '../../model/push.ts';
import type { StoreShare } from '../../store/store.ts';
import { type CarriedError, uncarry } from '../../threads/channel.ts';
import { startThread } from '../../threads/start-thread.ts';
import type { DirectoryNames } from '../directory.ts';
import type { ApiState, DeriveContext } from './derive-entries.ts';
import { deriveEntries } from './derive-entries.ts';
import { type Rediagnosed, type RediagnoseRequest, rediagnose } from './rediagnose.ts';

/** What the deriving thread starts with. */
export interface DeriverData {
  store: StoreShare;
  rules: RuleSet;
  names: DirectoryNames;
  /** Prefixes of each account's stream codes, by account. */
  bizids: ReadonlyMap<string, string>;
  /** The last state that the API of each account reported. */
  apiStates: ReadonlyMap<string, ApiState>;
}

/** What the deriving thread does when it is called. */
export interface DeriverOperations extends Pick<Deriver, 'wake' | 'idle' | 'rediagnose'> {
  setRules(rules: RuleSet): void;
  setNames(names: DirectoryNames): void;
  setApiState(account: string, state: ApiState): void;
}

/** What the deriving thread calls on the engine's side. */
export interface DeriverListener {
  /** A batch is stored. */
  derived(note: DerivedNote): void;
  /** A batch failed; it is tried again. */
  failed(error: CarriedError): void;
}

/** Least time between two notifications that the journal has grown, ms. */
const WAKE_EVERY_MS = 5;

/** What a deriving thread needs. */
export interface DeriverOptions extends Omit<DeriverData, 'apiStates'> {
  /** The thread's file; a bundle names its own. */
  workerUrl?: URL | undefined;
  /** Gets each batch once it is stored. */
  onDerived: (note: DerivedNote) => void;
  /** Called when a batch fails, which is tried again, or when the thread stops, which is replaced. */
  onError: (error: BreakwatchError) => void;
}

/** A deriver in a thread of its own. */
export interface DeriverThread extends Deriver {
  /** Resolves when the thread follows the journal, or when its first start has failed. */
  readonly started: Promise<void>;
  /** Judges by these rules from now on. */
  setRules(rules: RuleSet): void;
  /** Names streams by these names from now on. */
  setNames(names: DirectoryNames): void;
  /** Sets the last state that the API of an account reported. */
  setApiState(account: string, state: ApiState): void;
}

/**
 * Starts the thread that derives. Calls take effect in the order they are made, and are answered
 * after the batches before them. A thread that stops is replaced: all it did is in the store.
 */
export function startDeriver(options: DeriverOptions): DeriverThread {
  const { store, bizids, onDerived, onError } = options;
  let { rules, names } = options;
  const apiStates = new Map<string, ApiState>();
  let pause: NodeJS.Timeout | undefined;
  let again = false;
  let closing = false;
  const listener: DeriverListener = {
    derived: onDerived,
    failed: (error) => onError(uncarry(error)),
  };
  const thread = startThread<DeriverOperations>({
    // Not a default value: where this file is bundled, import.meta.url may be empty.
    url: options.workerUrl ?? new URL('./deriver-thread.ts', import.meta.url),
    name: 'deriver',
    data: (): DeriverData => ({ store, rules, names, bizids, apiStates }),
    operations: { ...listener },
    // A batch leaves much garbage and keeps little. V8 collects it sooner where there is less room.
    resourceLimits: { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 1_024 },
    retryFirstStart: true,
    onStop: onError,
  });

  function wake(): void {
    again = pause !== undefined;
    if (closing || again) {
      return;
    }
    thread.notify('wake');
    pause = setTimeout(() => {
      pause = undefined;
      if (again) {
        wake();
      }
    }, WAKE_EVERY_MS);
  }

  return {
    started: thread.ready.catch(() => undefined),
    wake,
    rediagnose: (request) => thread.call('rediagnose', request),
    idle: () => thread.call('idle'),
    setRules(wanted) {
      rules = wanted;
      thread.notify('setRules', rules);
    },
    setNames(wanted) {
      names = wanted;
      thread.notify('setNames', names);
    },
    setApiState(account, state) {
      if (apiStates.get(account) !== state) {
        apiStates.set(account, state);
        thread.notify('setApiState', account, state);
      }
    },
    close() {
      closing = true;
      clearTimeout(pause);
      return thread.end();
    },
  };
}

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
export interface RediagnosedPart extends Omit<Rediagnosed, 'changed'> {
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
  rediagnose(request: RediagnoseRequest): Promise<RediagnosedPart>;
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

  async function runJob(request: RediagnoseRequest): Promise<RediagnosedPart> {
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
      const { promise, resolve, reject } = Promise.withResolvers<RediagnosedPart>();
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
