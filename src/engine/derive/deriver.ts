import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ExportedFacts } from '../../css/import/index.ts';
import type { RuleSet } from '../../diagnosis/rule.ts';
import type { BreakRecord } from '../../model/break.ts';
import type { BreakwatchError } from '../../model/errors.ts';
import type { FactValue } from '../../model/facts.ts';
import type { Push } from '../../model/push.ts';
import type { StoreShare } from '../../store/store.ts';
import { type CarriedError, uncarry } from '../../threads/channel.ts';
import { startThread } from '../../threads/start-thread.ts';
import type { DirectoryNames } from '../directory.ts';
import { documentOfLateBreaks, findLateBreaks, type LateBreaks } from '../late-breaks.ts';
import { changeBetween, type RulesChange } from '../rules/rules-change.ts';
import { addFacts } from './add-facts.ts';
import type { ApiState, DeriveContext } from './derive-entries.ts';
import { deriveEntries } from './derive-entries.ts';
import { type CollectedEnd, liftQuiet } from './lift-quiet.ts';
import { type Rediagnosed, type RediagnoseRequest, rediagnose } from './rediagnose.ts';
import { restoreFacts } from './restore-facts.ts';
import { changeToJudge, rulesToJudge } from './rules-to-judge.ts';

/** What the deriving thread starts with. */
export interface DeriverData {
  store: StoreShare;
  rules: RuleSet;
  names: DirectoryNames;
  /** Prefixes of each account's stream codes, by account. */
  bizids: ReadonlyMap<string, string>;
  /** The last state that the API of each account reported. */
  apiStates: ReadonlyMap<string, ApiState>;
  /** The engine's clock when it starts, epoch ms UTC. */
  now: number;
}

/** What the deriving thread does when it is called. */
export interface DeriverOperations
  extends Pick<Deriver, 'idle' | 'rediagnose' | 'restoreFacts' | 'addFacts' | 'liftQuiet'> {
  /** @param now - the engine's clock, epoch ms UTC */
  wake(now: number): void;
  setRules(change: RulesChange): void;
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

/** Minimum time between two notifications that the journal has grown, ms. */
const WAKE_EVERY_MS = 5;

/** The options of {@link startDeriver}. */
export interface DeriverOptions extends Omit<DeriverData, 'apiStates' | 'now'> {
  /** The thread's file; tests use one that fails. */
  workerUrl?: URL | undefined;
  /** Called with each batch once it is stored. */
  onDerived: (note: DerivedNote) => void;
  /** Called when a batch fails and will be tried again, or when the thread stops and is replaced. */
  onError: (error: BreakwatchError) => void;
  /** The clock, epoch ms UTC. */
  now: () => number;
}

/** A deriver in a thread of its own. */
export interface DeriverThread extends Deriver {
  /** Resolves when the thread has started, or when its first start has failed. */
  readonly started: Promise<void>;
  /** Uses these rules from now on. */
  setRules(rules: RuleSet): void;
  /** Uses these names of streams from now on. */
  setNames(names: DirectoryNames): void;
  /** Sets the last state that the API of an account reported. */
  setApiState(account: string, state: ApiState): void;
}

/**
 * Starts the deriver thread. Calls take effect in the order they are made, and are answered after the
 * batches before them. A thread that stops is replaced without loss, because its results are in the store.
 */
export function startDeriver(options: DeriverOptions): DeriverThread {
  const { store, bizids, onDerived, onError, now } = options;
  let { names } = options;
  let { rules } = options;
  const apiStates = new Map<string, ApiState>();
  let pause: NodeJS.Timeout | undefined;
  let again = false;
  let closing = false;
  const listener: DeriverListener = {
    derived: onDerived,
    failed: (error) => onError(uncarry(error)),
  };
  const thread = startThread<DeriverOperations>({
    url: options.workerUrl ?? new URL('./deriver-thread.ts', import.meta.url),
    name: 'deriver',
    data: (): DeriverData => ({
      store,
      rules: rulesToJudge(rules),
      names,
      bizids,
      apiStates,
      now: now(),
    }),
    operations: { ...listener },
    // A batch creates much garbage and keeps little. With less memory, V8 collects it sooner.
    resourceLimits: { maxYoungGenerationSizeMb: 12, maxOldGenerationSizeMb: 1_024 },
    retryFirstStart: true,
    onStop: onError,
  });

  function wake(): void {
    again = pause !== undefined;
    if (closing || again) {
      return;
    }
    thread.notify('wake', now());
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
    restoreFacts: (exported) => thread.call('restoreFacts', exported),
    addFacts: (id, facts) => thread.call('addFacts', id, facts),
    liftQuiet: (ends) => thread.call('liftQuiet', ends),
    idle: () => thread.call('idle'),
    setRules(wanted) {
      const change = changeBetween(rules, wanted);
      rules = wanted;
      thread.notify('setRules', changeToJudge(change));
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
 * Entries per batch. Entries of a batch share their nearby counts, so larger batches derive a backlog
 * faster. But the main thread gets each batch as one message, and callbacks wait while it reads that.
 */
const BATCH = 250;
/** Entries per batch while there is a backlog, which derives a storm faster still. */
const BACKLOG_BATCH = 500;
const RETRY_AFTER_MS = 1_000;

/** A batch that is derived and stored. */
export interface DerivedNote {
  /** New and changed breaks. */
  records: BreakRecord[];
  /** Ids of the new ones. */
  added: string[];
  /** New ones that came too late to be grouped; absent when there are none. */
  late?: LateBreaks | undefined;
  /** Ids of breaks that no longer exist. */
  removed: string[];
  /** New and changed pushes. */
  pushes: Push[];
  /** Number of journal entries in the batch. */
  entries: number;
  /** The seq up to which the journal is derived. */
  cursor: number;
  durationMs: number;
}

/** The result of diagnosing a part of history again. */
interface RediagnosedPart extends Omit<Rediagnosed, 'changed'> {
  /** Number of breaks whose verdict changed. */
  changed: number;
}

/** Follows the journal and derives breaks from it. */
export interface Deriver {
  /** Call it when the journal has grown. */
  wake(): void;
  /**
   * Diagnoses a part of stored history again, between two batches, so that they never change the same
   * breaks at once. Changed breaks are reported like a batch.
   *
   * @throws `STORE_FAILED`
   */
  rediagnose(request: RediagnoseRequest): Promise<RediagnosedPart>;
  /**
   * Gives breaks the facts of an export, between two batches. Call it when their entries are derived.
   *
   * @returns the number of breaks that changed; they are reported like a batch
   * @throws `STORE_FAILED`
   */
  restoreFacts(exported: readonly ExportedFacts[]): Promise<number>;
  /**
   * Adds facts to a break and diagnoses it again, between two batches.
   *
   * @returns the number of breaks that changed, 0 or 1; it is reported like a batch
   * @throws `STORE_FAILED`
   */
  addFacts(id: string, facts: Readonly<Record<string, FactValue>>): Promise<number>;
  /**
   * Lets breaks notify that were imported quietly and are now collected, between two batches.
   *
   * @returns the number of breaks that changed; they are reported like a batch
   * @throws `STORE_FAILED`
   */
  liftQuiet(ends: readonly CollectedEnd[]): Promise<number>;
  /** Resolves when everything now in the journal is derived (rejects if the store fails meanwhile). */
  idle(): Promise<void>;
  /** Stops after the current batch. */
  close(): Promise<void>;
}

/** What a deriver needs. */
interface DeriverContext extends DeriveContext {
  /** The engine's clock, epoch ms UTC. */
  now: () => number;
}

/**
 * Creates a deriver that follows the journal from the store's cursor. It derives one batch at a time,
 * because a batch reads what the previous one wrote.
 *
 * @param onDerived - called with each batch once it is stored
 * @param onError - called when a batch fails; it is tried again a second later
 */
export function createDeriver(
  context: DeriverContext,
  onDerived: (batch: DerivedNote) => void,
  onError: (error: unknown) => void,
): Deriver {
  let running: Promise<void> | undefined;
  let again = false;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;
  /** Requests to diagnose parts of history, in order. */
  const jobs: (() => Promise<void>)[] = [];

  async function follow(): Promise<void> {
    let cursor = await context.store.cursor();
    let limit = BATCH;
    while (!closed) {
      again = false;
      await jobs.shift()?.();
      const entries = await context.store.journal(cursor, limit);
      limit = entries.length === limit ? BACKLOG_BATCH : BATCH;
      if (entries.length === 0) {
        if (!again && jobs.length === 0) {
          return;
        }
        continue;
      }
      const startedAt = performance.now();
      const batch = await deriveEntries(entries, context);
      const now = context.now();
      const late = findLateBreaks(batch.breaks, batch.added, now);
      await context.store.commit(
        late ? { ...batch, documents: [documentOfLateBreaks(late, now)] } : batch,
      );
      cursor = batch.cursor;
      onDerived({
        records: batch.breaks,
        added: batch.added,
        late,
        removed: batch.removed,
        pushes: batch.pushes,
        entries: entries.length,
        cursor,
        durationMs: performance.now() - startedAt,
      });
      // A store in this thread answers without waiting, so let other messages in: new rules, or the end.
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
        // An entry may have arrived since the last empty read.
        if (again && !closed && !retry) {
          wake();
        }
      });
    running.catch(() => undefined);
  }

  /** Reports changed breaks like a batch without entries. */
  async function report(records: BreakRecord[], startedAt: number): Promise<void> {
    if (records.length > 0) {
      onDerived({
        records,
        added: [],
        removed: [],
        pushes: [],
        entries: 0,
        cursor: await context.store.cursor(),
        durationMs: performance.now() - startedAt,
      });
    }
  }

  /** Runs a job between two batches; at once when the deriver is closed. */
  function schedule<T>(run: () => Promise<T>): Promise<T> {
    if (closed) {
      return run();
    }
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    // If it fails, the caller gets the error, and the batches after it continue.
    jobs.push(() => run().then(resolve, reject));
    wake();
    return promise;
  }

  /** Changes breaks between two batches. @param run - returns the changed breaks */
  function change(run: () => Promise<BreakRecord[]>): Promise<number> {
    return schedule(async () => {
      const startedAt = performance.now();
      const changed = await run();
      await report(changed, startedAt);
      return changed.length;
    });
  }

  return {
    wake,
    rediagnose: (request) =>
      schedule(async () => {
        const startedAt = performance.now();
        const done = await rediagnose(request, context);
        await report(done.changed, startedAt);
        return { ...done, changed: done.changed.length };
      }),
    restoreFacts: (exported) => change(() => restoreFacts(exported, context)),
    addFacts: (id, facts) => change(() => addFacts(id, facts, context)),
    liftQuiet: (ends) => change(() => liftQuiet(ends, context.store)),
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
