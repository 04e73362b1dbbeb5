import { Worker } from 'node:worker_threads';
import type { RuleSet } from '../../diagnosis/rule.ts';
import type { BreakwatchError } from '../../model/errors.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import type { DirectoryNames } from '../directory.ts';
import type { ApiState } from './build-facts.ts';
import type { DerivedNote, Deriver, RejudgedPiece } from './create-deriver.ts';
import type { DeriveOrder, FromDeriver, ToDeriver } from './derive-messages.ts';

/** Under load the thread is told so often, ms, that the journal has grown. */
const WAKE_EVERY_MS = 5;
const RESTART_AFTER_MS = 1_000;

/** What a deriving thread needs. */
export interface DeriverOptions extends Omit<DeriveOrder, 'apiStates'> {
  /** The thread's file; a bundle names its own. */
  workerUrl?: URL | undefined;
  /** Gets each batch once it is stored. */
  onDerived: (note: DerivedNote) => void;
  /** Told of a failed batch, or of a thread that stopped; it is tried again a second later. */
  onError: (error: BreakwatchError) => void;
}

/** A deriver in a thread of its own. */
export interface DeriverThread extends Deriver {
  /** Resolves when the thread follows the journal, or has failed to and is tried again. */
  readonly started: Promise<void>;
  /** Judges by these rules from now on. */
  setRules(rules: RuleSet): void;
  /** Names streams so from now on. */
  setNames(names: DirectoryNames): void;
  /** Takes note of what the API of an account said last. */
  apiSaid(account: string, state: ApiState): void;
}

interface Asked {
  resolve: (piece: RejudgedPiece | null) => void;
  reject: (error: BreakwatchError) => void;
}

type Question = { idle: true } | { rediagnose: RejudgeRequest };
type RejudgeRequest = Parameters<Deriver['rediagnose']>[0];

/**
 * Starts the thread that derives. What it is told takes effect in that order; what is asked of it is
 * answered after the batches before have been noted. A thread that stops is replaced: all it did is
 * in the store.
 */
export function startDeriver(options: DeriverOptions): DeriverThread {
  // Not a default value: where this file is bundled, import.meta.url may be empty.
  const workerUrl = options.workerUrl ?? new URL('./deriver-thread.ts', import.meta.url);
  const { store, bizids, onDerived, onError } = options;
  let { rules, names } = options;
  const apiStates = new Map<string, ApiState>();
  const asked = new Map<number, Asked>();
  let lastId = 0;
  let closing: Promise<void> | undefined;
  let restart: NodeJS.Timeout | undefined;
  let pause: NodeJS.Timeout | undefined;
  let again = false;
  let alive = true;
  const started = Promise.withResolvers<void>();
  let worker = start();

  function start(): Worker {
    const order: DeriveOrder = { store, rules, names, bizids, apiStates };
    const thread = new Worker(workerUrl, {
      workerData: order,
      name: 'breakwatch-deriver',
      // A batch leaves much garbage and keeps little. V8 collects it sooner where there is less room.
      resourceLimits: { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 1_024 },
      // Flags of the main thread, such as --input-type, are not for this file.
      execArgv: [],
    });
    let problem = 'it has ended';
    thread.on('message', take);
    thread.once('error', (thrown) => {
      problem = thrown instanceof Error ? thrown.message : String(thrown);
    });
    thread.once('exit', () => {
      alive = false;
      started.resolve();
      const error = maskedError('STORE_FAILED', { problem: `its deriver: ${problem}` });
      for (const { reject } of asked.values()) {
        reject(error);
      }
      asked.clear();
      if (!closing) {
        onError(error);
        restart = setTimeout(() => {
          worker = start();
        }, RESTART_AFTER_MS);
      }
    });
    alive = true;
    // What a crash left in the journal is derived at once.
    thread.postMessage({ wake: true } satisfies ToDeriver);
    return thread;
  }

  function take(message: FromDeriver): void {
    if ('ready' in message) {
      started.resolve();
    } else if ('note' in message) {
      onDerived(message.note);
    } else if ('problem' in message) {
      onError(maskedError(message.problem.code, message.problem.details));
    } else {
      const asker = asked.get(message.id);
      asked.delete(message.id);
      if ('failed' in message) {
        asker?.reject(maskedError(message.failed.code, message.failed.details));
      } else {
        asker?.resolve(message.done);
      }
    }
  }

  const send = (message: ToDeriver) => worker.postMessage(message);

  function ask(question: Question): Promise<RejudgedPiece | null> {
    if (closing || !alive) {
      const problem = closing ? 'it is closed' : 'its deriver has ended and starts anew';
      return Promise.reject(maskedError('STORE_FAILED', { problem }));
    }
    return new Promise((resolve, reject) => {
      const id = ++lastId;
      asked.set(id, { resolve, reject });
      send({ id, ...question });
    });
  }

  function wake(): void {
    again = pause !== undefined;
    if (closing || again) {
      return;
    }
    send({ wake: true });
    pause = setTimeout(() => {
      pause = undefined;
      if (again) {
        wake();
      }
    }, WAKE_EVERY_MS);
  }

  async function end(): Promise<void> {
    clearTimeout(restart);
    clearTimeout(pause);
    if (alive) {
      const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
      send({ end: true });
      await ended;
    }
  }

  return {
    started: started.promise,
    wake,
    rediagnose: async (request) => (await ask({ rediagnose: request })) as RejudgedPiece,
    async idle() {
      await ask({ idle: true });
    },
    setRules(wanted) {
      rules = wanted;
      send({ rules });
    },
    setNames(wanted) {
      names = wanted;
      send({ names });
    },
    apiSaid(account, apiState) {
      if (apiStates.get(account) !== apiState) {
        apiStates.set(account, apiState);
        send({ account, apiState });
      }
    },
    close() {
      closing ??= end();
      return closing;
    },
  };
}
